/** What the store keeps about tables: their descriptions, and settings that are not part of a description. */
import { type Json, prefixes, prepare, range, type Store, type Table } from './dynalite.ts'
import { fault } from './errors.ts'

/** Settings of a table that DescribeTable does not show. */
export interface TableSettings {
  /** The attribute that holds an item's time to live; absent while that is disabled. */
  readonly timeToLive?: string
  readonly pointInTimeRecovery?: boolean
}

/** The table of that name. Throws ResourceNotFoundException. */
export async function tableNamed(name: string, store: Store): Promise<Table> {
  const table = (await store.db.get(prefixes.table + name)) as Table | undefined
  if (table) return table
  throw fault('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
}

/** The table that a request names. Throws ValidationException, ResourceNotFoundException. */
export async function tableIn(input: Json, store: Store): Promise<Table> {
  // Any operation that takes nothing but a name checks it as all do.
  const { TableName } = prepare('DescribeTable', { TableName: input.TableName }, store)
  return await tableNamed(String(TableName), store)
}

/** Keeps a table's description. */
export async function putTable(table: Table, store: Store): Promise<void> {
  await store.db.batch([{ type: 'put', key: prefixes.table + table.TableName, value: table }])
}

/** The names of all tables, in order. */
export async function tableNames(store: Store): Promise<string[]> {
  const keys = await Array.fromAsync(store.db.keys(range(prefixes.table)))
  return keys.map((key) => key.slice(prefixes.table.length))
}

/** A table's settings; none if it never had any. */
export async function settingsOf(name: string, store: Store): Promise<TableSettings> {
  return ((await store.db.get(prefixes.settings + name)) as TableSettings | undefined) ?? {}
}

/** Replaces a table's settings. */
export async function putSettings(name: string, settings: TableSettings, store: Store): Promise<void> {
  await store.db.batch([{ type: 'put', key: prefixes.settings + name, value: settings }])
}
