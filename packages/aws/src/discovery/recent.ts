/** What was read a moment ago, so that a storm of events about the same things costs few calls. */

/** How long what was read is believed (ms), unless it is asked for afresh. */
const BELIEVED_MS = 10_000
/** From this age on (ms) it is read again with what is read anyway, where a call has room for more. */
const AGEING_MS = 5_000
/** More than any account has services; a bound all the same. */
const MOST_ENTRIES = 10_000

/** Resolves with the value of each key, in their order; `isFresh` reads all of them again. */
export type Recent<T> = (keys: readonly string[], isFresh?: boolean) => Promise<T[]>

interface Entry<T> {
  readonly at: number
  readonly value: Promise<T>
  /** Whether anyone has asked for it since it was read. */
  isWanted: boolean
}

/** How many keys one call reads, if they are of one group. */
export interface Calls {
  readonly size: number
  readonly groupOf: (key: string) => string
}

/**
 * Remembers for ten seconds what `load` came to, which reads several keys at once, in such `calls`, and answers in their
 * order. A load that failed is not remembered. `now` in ms.
 */
export function recentOf<T>(
  load: (keys: readonly string[]) => Promise<readonly T[]>,
  now: () => number,
  calls: Calls = { size: 1, groupOf: (key) => key },
): Recent<T | undefined> {
  const entries = new Map<string, Entry<T | undefined>>()
  const read = (keys: readonly string[]) => {
    const loading = load(keys)
    for (const [index, key] of keys.entries()) {
      const entry = { at: now(), value: loading.then((values) => values[index]), isWanted: false }
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
    for (const key of keys) {
      const entry = entries.get(key)
      if (entry) entry.isWanted = true
    }
    if (missing.length) {
      read([...missing, ...ageing(entries, missing, now() - AGEING_MS, calls)])
      for (const key of missing) kept.set(key, entries.get(key)?.value)
    }
    return await Promise.all(keys.map((key) => kept.get(key)))
  }
}

/** The oldest that are still asked for, and fill up the call for what is missing; it never takes a call more. */
function ageing(
  entries: ReadonlyMap<string, Entry<unknown>>,
  missing: readonly string[],
  before: number,
  { size, groupOf }: Calls,
): string[] {
  const [group, ...others] = new Set(missing.map(groupOf))
  if (others.length) return []
  const old = entries.entries().filter(([key, { at, isWanted }]) => {
    return isWanted && at <= before && groupOf(key) === group && !missing.includes(key)
  })
  return [...old.take((size - (missing.length % size)) % size)].map(([key]) => key)
}
