/** Patterns with `*` (any characters) and `?` (exactly one). */

/**
 * Whether the whole text matches. Takes time in the product of both lengths at most, whatever the pattern.
 * `\` makes the next `*`, `?` or `\` an ordinary character where `escapes` says so (only in query strings).
 */
export function matchesWildcard(pattern: string, text: string, escapes = false): boolean {
  const tokens = tokensOf(pattern, escapes)
  let at = 0
  let star = -1
  let resume = 0
  let i = 0
  while (i < text.length) {
    const token = tokens[at]
    if (token === ANY) {
      star = at++
      resume = i
    } else if (token === ONE || token === text[i]) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else return false
  }
  while (tokens[at] === ANY) at++
  return at === tokens.length
}

const ANY = Symbol('any')
const ONE = Symbol('one')

function tokensOf(pattern: string, escapes: boolean): readonly (string | symbol)[] {
  const tokens: (string | symbol)[] = []
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? ''
    if (escapes && character === '\\' && i + 1 < pattern.length) tokens.push(pattern[++i] ?? '')
    else tokens.push(character === '*' ? ANY : character === '?' ? ONE : character)
  }
  return tokens
}
