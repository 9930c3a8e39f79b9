/** Guesses what a mis-spelled word was meant to be, so that an error can say what to write instead. */

/** The choice that the word is closest to, if it is close enough to be a slip: a third of its letters, at most three. */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
  const ranked = choices
    .map((choice) => ({ choice, distance: editDistance(word.toLowerCase(), choice.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best !== undefined && best.distance <= limit ? best.choice : undefined
}

/** Levenshtein's distance, where two neighbours that changed places count once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const next = [row]
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const swap = swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY
      const insert = Math.min(at(next, column - 1), at(last, column)) + 1
      next.push(Math.min(insert, at(last, column - 1) + cost, swap))
    }
    before = last
    last = next
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY
}
