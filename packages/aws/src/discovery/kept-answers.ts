/** A memory for what changes rarely, and may be a minute old. */

/** Answers by key; concurrent askers share one question, and a question that failed is asked again. */
export interface KeptAnswers<T> {
  get(key: string, isFresh?: boolean): Promise<T>
  /** Something was not as remembered. */
  forget(): void
}

const KEPT_MS = 60_000

/** Keeps for a minute what `ask` came to; `now` is in milliseconds. */
export function keptAnswers<T>(ask: (key: string) => Promise<T>, now: () => number): KeptAnswers<T> {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<T> }>()
  const asked = (key: string) => {
    const entry = { at: now(), answer: ask(key) }
    kept.set(key, entry)
    entry.answer.catch(() => kept.get(key) === entry && kept.delete(key))
    return entry.answer
  }
  return {
    get(key, isFresh = false) {
      const entry = kept.get(key)
      return !isFresh && entry && now() - entry.at < KEPT_MS ? entry.answer : asked(key)
    },
    forget: () => kept.clear(),
  }
}
