/** What was read a moment ago, so that a storm of events about the same things costs few calls. */

/** How long what was read is believed (ms), unless it is asked for afresh. */
const BELIEVED_MS = 10_000
/** More than any account has services; a bound all the same. */
const MOST_ENTRIES = 10_000

/** Resolves with the value of each key, in their order; `isFresh` reads all of them again. */
export type Recent<T> = (keys: readonly string[], isFresh?: boolean) => Promise<T[]>

/**
 * Remembers for ten seconds what `load` came to, which reads several keys at once and answers in their order. A load that
 * failed is not remembered. `now` in ms.
 */
export function recentOf<T>(
  load: (keys: readonly string[]) => Promise<readonly T[]>,
  now: () => number,
): Recent<T | undefined> {
  const entries = new Map<string, { readonly at: number; readonly value: Promise<T | undefined> }>()
  const read = (keys: readonly string[]) => {
    const loading = load(keys)
    for (const [index, key] of keys.entries()) {
      const entry = { at: now(), value: loading.then((values) => values[index]) }
      entry.value.catch(() => entries.get(key) === entry && entries.delete(key))
      // What was read last is last in the map, so that the oldest goes first.
      entries.delete(key)
      entries.set(key, entry)
    }
    for (const key of [...entries.keys()].slice(0, Math.max(0, entries.size - MOST_ENTRIES)))
      entries.delete(key)
  }
  return async (keys, isFresh = false) => {
    const isBelieved = (key: string) =>
      now() - (entries.get(key)?.at ?? Number.NEGATIVE_INFINITY) < BELIEVED_MS
    const missing = [...new Set(keys)].filter((key) => isFresh || !isBelieved(key))
    const kept = new Map(keys.map((key) => [key, entries.get(key)?.value]))
    if (missing.length) {
      read(missing)
      for (const key of missing) kept.set(key, entries.get(key)?.value)
    }
    return await Promise.all(keys.map((key) => kept.get(key)))
  }
}
