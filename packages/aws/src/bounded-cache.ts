/** A memory for what never changes under its name, bounded so that a warm function does not grow. */

/** Remembers what `load` came to, by key; a load that failed is not remembered, and the oldest entry goes first. */
export interface Cache<T> {
  get(key: string): Promise<T>
  set(key: string, value: T): void
}

/** A cache of at most `limit` entries. Concurrent readers of one key share one load. */
export function boundedCache<T>(limit: number, load: (key: string) => Promise<T>): Cache<T> {
  const entries = new Map<string, Promise<T>>()
  const keep = (key: string, value: Promise<T>) => {
    entries.delete(key)
    entries.set(key, value)
    const [oldest] = entries.keys()
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
    return value
  }
  return {
    get(key) {
      const loading = keep(key, entries.get(key) ?? load(key))
      loading.catch(() => entries.get(key) === loading && entries.delete(key))
      return loading
    },
    set: (key, value) => void keep(key, Promise.resolve(value)),
  }
}
