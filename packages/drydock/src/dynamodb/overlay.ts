/** A view of the store that keeps writes to itself until they are committed, all at once. */
import { type Callback, type Change, type Partition, prefixes, type Store } from './dynalite.ts'

export interface Overlay {
  /** The store with the writes that wait; dynalite's operations run on it as on the store. */
  readonly view: Store
  /** Makes all writes in one atomic batch. */
  commit(): Promise<void>
}

/** Opens an overlay. Only one may be open for writing at a time: what it has read must still hold at its commit. */
export function openOverlay(store: Store): Overlay {
  const changes = new Map<string, Change>()
  const partition = (part: Partition, prefix: string): Partition => ({
    ...part,
    get(key, callback) {
      const change = changes.get(prefix + key)
      if (!change) return readInto(store.db.get(prefix + key), callback)
      callback(null, change.type === 'put' ? change.value : undefined)
    },
    put(key, value, callback) {
      changes.set(prefix + key, { type: 'put', key: prefix + key, value })
      callback(null)
    },
    del(key, callback) {
      changes.set(prefix + key, { type: 'del', key: prefix + key })
      callback(null)
    },
  })
  const view: Store = {
    ...store,
    getItemDb: (table) => partition(store.getItemDb(table), prefixes.items(table)),
    getIndexDb: (type, table, index) =>
      partition(store.getIndexDb(type, table, index), prefixes.index(type, table, index)),
  }
  return { view, commit: () => store.db.batch([...changes.values()]) }
}

function readInto(reading: Promise<unknown>, callback: Callback): void {
  // The callback runs outside the promise, so that what it throws is not taken for a failed read.
  reading.then(
    (value) => setImmediate(callback, null, value),
    (error) => setImmediate(callback, error),
  )
}
