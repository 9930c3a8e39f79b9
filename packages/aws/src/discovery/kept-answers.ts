/** A memory for what changes rarely, and may be a minute old. */
import type { Place } from '@capstan/core/discovery/view.ts'

/** Answers by key; concurrent askers share one question, and a question that failed is asked again. */
export interface KeptAnswers<T> {
  /** An answer to a question that was put at `since` (ms since the epoch) or later; a minute ago unless told. */
  get(key: string, since?: number): Promise<T>
  /** Something was not as remembered. */
  forget(): void
}

const KEPT_MS = 60_000

/** That something is not there changes when somebody has just made it, and waits for it to be found (ms). */
const NOTHING_KEPT_MS = 10_000

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
    get(key, since = now() - KEPT_MS + 1) {
      const entry = kept.get(key)
      return entry && entry.at >= since ? entry.answer : asked(key)
    },
    forget: () => kept.clear(),
  }
}

/**
 * Looks a place up in an answer of `since` (ms since the epoch) or later. Unless told, that may be a minute old; but that
 * there is no place is believed for ten seconds only.
 */
export async function findIn<T>(
  get: (since?: number) => Promise<T>,
  placeIn: (answer: T) => Place,
  now: () => number,
  since?: number,
): Promise<Place> {
  const place = placeIn(await get(since))
  if (place.kind !== 'none' || since !== undefined) return place
  return placeIn(await get(now() - NOTHING_KEPT_MS + 1))
}
