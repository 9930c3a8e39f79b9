/**
 * The only door to dynalite's storage, validation and expression code. They are modules inside its package, without
 * types, so its version is pinned exactly and everything about them that we rely on is written down here.
 */
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { isAnswer, malformed } from './errors.ts'

/** An attribute value as JSON carries it: `{ "S": "text" }`; binary stays base64 text. */
export type AttributeValue = Record<string, unknown>
export type Item = Record<string, AttributeValue>
/** A request's or response's body. */
export type Json = Record<string, unknown>

export interface Throughput {
  ReadCapacityUnits: number
  WriteCapacityUnits: number
  NumberOfDecreasesToday?: number
  LastIncreaseDateTime?: number
  LastDecreaseDateTime?: number
}

export interface SecondaryIndex {
  IndexName: string
  KeySchema: { AttributeName: string; KeyType: string }[]
  Projection: Json
  IndexArn?: string
  IndexStatus?: string
  IndexSizeBytes?: number
  ItemCount?: number
  ProvisionedThroughput?: Throughput
}

/** A table as dynalite keeps it, which is how DescribeTable shows it. */
export interface Table {
  TableName: string
  TableArn: string
  TableId: string
  TableStatus: string
  CreationDateTime: number
  ItemCount: number
  TableSizeBytes: number
  KeySchema: { AttributeName: string; KeyType: string }[]
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[]
  ProvisionedThroughput: Throughput
  BillingModeSummary?: { BillingMode: string; LastUpdateToPayPerRequestDateTime?: number }
  TableThroughputModeSummary?: { TableThroughputMode: string; LastUpdateToPayPerRequestDateTime?: number }
  TableClassSummary?: { TableClass: string }
  DeletionProtectionEnabled: boolean
  LocalSecondaryIndexes?: SecondaryIndex[]
  GlobalSecondaryIndexes?: SecondaryIndex[]
}

export type Callback<T = unknown> = (error: unknown, value?: T) => void

/** A part of the store: the items of a table, or of an index. */
export interface Partition {
  lock(key: unknown, run: (release: (callback: Callback) => Callback) => void): void
  get(key: string, callback: Callback): void
  put(key: string, value: unknown, callback: Callback): void
  del(key: string, callback: Callback): void
  createValueStream(options: object): Readable
}

export type Change = { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string }

/** LevelDB, or the same in memory. Without a callback its methods return promises. */
interface Level {
  open(): Promise<void>
  get(key: string): Promise<unknown>
  batch(changes: Change[]): Promise<void>
  iterator(range: { gte: string; lt: string }): AsyncIterable<[key: string, value: unknown]>
  keys(range: { gte: string; lt: string }): AsyncIterable<string>
  values(range: { gte: string; lt: string }): AsyncIterable<unknown>
}

export interface Store {
  readonly db: Level
  readonly tableDb: Partition & { awsAccountId: string; awsRegion: string }
  getTable(name: string, isStatusChecked: boolean, callback: Callback): void
  getTable(name: string, callback: Callback): void
  getItemDb(table: string): Partition
  getIndexDb(indexType: string, table: string, index: string): Partition
  readonly lifecycleManager: { gracefulClose(): Promise<void> }
}

interface Db {
  create(options: object): Store
  getIndexActions(
    indexes: SecondaryIndex[],
    existing: undefined,
    item: Item,
    table: Table,
  ): { puts: { index: string; key: string; item: Item }[] }
}

interface Validations {
  checkTypes(input: Json, types: object): Json
  checkValidations(input: Json, types: object, custom: unknown, store: Store): void
}

type Action = (store: Store, input: Json, callback: Callback<Json>) => void

const require = createRequire(import.meta.url)
const db = require('dynalite/db') as Db
const validations = require('dynalite/validations') as Validations
const fileOf = (operation: string) => operation.charAt(0).toLowerCase() + operation.slice(1)

/** Where the parts of the store lie in its one key space. */
export const prefixes = {
  table: 'table~',
  items: (table: string) => `item-${table}~`,
  index: (type: string, table: string, index: string) => `index-${type.toLowerCase()}~${table}~${index}~`,
  tags: (table: string) => `tag-${table}~`,
  /** Our own: what dynalite does not keep about a table. */
  settings: 'settings~',
}

/** All keys that begin with `prefix`. */
export const range = (prefix: string) => ({ gte: prefix, lt: `${prefix}\xff` })

/** Opens a store in memory, or under `path`. */
export async function openStore(path: string | undefined, accountId: string, region: string): Promise<Store> {
  const store = db.create(path === undefined ? {} : { path })
  store.tableDb.awsAccountId = accountId
  store.tableDb.awsRegion = region
  await store.db.open()
  return store
}

/** Checks and completes an input as dynalite does. Throws what DynamoDB answers to an invalid one. */
export function prepare(operation: string, input: Json, store: Store): Json {
  const { types, custom } = require(`dynalite/validations/${fileOf(operation)}`) as {
    types: object
    custom: unknown
  }
  try {
    const data = validations.checkTypes(structuredClone(input), types)
    validations.checkValidations(data, types, custom, store)
    return data
  } catch (error) {
    throw isAnswer(error) ? error : incomprehensible(error)
  }
}

/** Runs one of dynalite's operations on an input that `prepare` has checked. */
export async function run(operation: string, prepared: Json, store: Store): Promise<Json> {
  const action = require(`dynalite/actions/${fileOf(operation)}`) as Action
  const { promise, resolve, reject } = Promise.withResolvers<Json>()
  const fail = (error: unknown) => reject(incomprehensible(error))
  try {
    action(guarded(store, fail), prepared, (error, value) => (error ? reject(error) : resolve(value ?? {})))
  } catch (error) {
    fail(error)
  }
  return await promise
}

/** dynalite takes some forms of input for granted; where they are others, it stumbles with one of these. */
function incomprehensible(error: unknown): unknown {
  const isStumble = error instanceof TypeError || error instanceof RangeError
  return isStumble ? malformed('The request is not of the form that this operation reads') : error
}

/**
 * The store for one run: whatever is thrown in one of dynalite's callbacks fails that run, not the process. Locks are
 * not needed with one writer at a time, and would never be released by a callback that throws.
 */
function guarded(store: Store, fail: (error: unknown) => void): Store {
  const guard =
    (callback: Callback): Callback =>
    (...results) => {
      try {
        callback(...results)
      } catch (error) {
        fail(error)
      }
    }
  const partition = (part: Partition): Partition => ({
    lock: (_key, locked) => locked((callback) => callback),
    get: (key, callback) => part.get(key, guard(callback)),
    put: (key, value, callback) => part.put(key, value, guard(callback)),
    del: (key, callback) => part.del(key, guard(callback)),
    createValueStream: (options) => guardListeners(part.createValueStream(options), fail),
  })
  return {
    ...store,
    getTable(name: string, checked: boolean | Callback, callback?: Callback) {
      if (typeof checked === 'function') store.getTable(name, guard(checked))
      else if (callback) store.getTable(name, checked, guard(callback))
    },
    getItemDb: (table) => partition(store.getItemDb(table)),
    getIndexDb: (type, table, index) => partition(store.getIndexDb(type, table, index)),
  }
}

function guardListeners(stream: Readable, fail: (error: unknown) => void): Readable {
  const emit = stream.emit.bind(stream)
  stream.emit = (...event: Parameters<typeof emit>) => {
    try {
      return emit(...event)
    } catch (error) {
      fail(error)
      return true
    }
  }
  return stream
}

/** What an index holds of an item: nothing if the item lacks one of the index's keys. */
export function indexEntry(
  table: Table,
  index: SecondaryIndex,
  item: Item,
): { key: string; item: Item } | undefined {
  return db.getIndexActions([index], undefined, item, table).puts[0]
}
