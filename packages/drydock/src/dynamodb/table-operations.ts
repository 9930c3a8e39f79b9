/**
 * Operations on tables, with dynalite's validation but without its delays: a table is ACTIVE when the call that made
 * it returns, as far as any later call can tell.
 */

import { randomUUID } from 'node:crypto'
import { arnOf } from '../arn.ts'
import type { Scope } from '../service.ts'
import {
  type Json,
  prefixes,
  prepare,
  range,
  type SecondaryIndex,
  type Store,
  type Table,
} from './dynalite.ts'
import { fault, invalid, notImplemented } from './errors.ts'
import { putSettings, putTable, settingsOf, tableIn, tableNamed, tableNames } from './table-records.ts'
import { putTags, type Tag } from './tags.ts'

const noThroughput = () => ({ ReadCapacityUnits: 0, WriteCapacityUnits: 0, NumberOfDecreasesToday: 0 })

/** Settings that would promise what is not there are refused rather than forgotten. */
export function refuseUnsupported(input: Json): void {
  const stream = input.StreamSpecification as { StreamEnabled?: boolean } | undefined
  if (stream?.StreamEnabled) throw notImplemented('StreamSpecification (DynamoDB Streams)')
  if (input.ReplicaUpdates) throw notImplemented('ReplicaUpdates (global tables)')
}

/** CreateTable. `now` in milliseconds. */
export async function createTable(input: Json, store: Store, scope: Scope, now: number): Promise<Json> {
  refuseUnsupported(input)
  const data = prepare('CreateTable', input, store) as unknown as Table & { BillingMode?: string }
  if (await store.db.get(prefixes.table + data.TableName)) {
    throw fault('ResourceInUseException', `Table already exists: ${data.TableName}`)
  }
  const table = describe(data, input, scope, now)
  await putTable(table, store)
  await putTags(table.TableName, input.Tags as Tag[] | undefined, store)
  return { TableDescription: { ...table, TableStatus: 'CREATING' } }
}

function describe(
  { BillingMode, ...data }: Table & { BillingMode?: string },
  input: Json,
  scope: Scope,
  now: number,
): Table {
  const TableArn = arnOf('dynamodb', scope, `table/${data.TableName}`)
  const table: Table = {
    ...data,
    TableArn,
    TableId: randomUUID(),
    TableStatus: 'ACTIVE',
    CreationDateTime: now / 1000,
    ItemCount: 0,
    TableSizeBytes: 0,
    ProvisionedThroughput: { ...noThroughput(), ...data.ProvisionedThroughput },
    DeletionProtectionEnabled: input.DeletionProtectionEnabled === true,
  }
  if (BillingMode === 'PAY_PER_REQUEST') setOnDemand(table, now)
  if (typeof input.TableClass === 'string') table.TableClassSummary = { TableClass: input.TableClass }
  for (const index of table.LocalSecondaryIndexes ?? []) describeIndex(index, TableArn)
  for (const index of table.GlobalSecondaryIndexes ?? []) describeGlobalIndex(index, TableArn)
  return table
}

function describeIndex(index: SecondaryIndex, tableArn: string): void {
  index.IndexArn = `${tableArn}/index/${index.IndexName}`
  index.IndexSizeBytes = 0
  index.ItemCount = 0
}

/** Completes a global index's description. */
export function describeGlobalIndex(index: SecondaryIndex, tableArn: string): void {
  describeIndex(index, tableArn)
  index.IndexStatus = 'ACTIVE'
  index.ProvisionedThroughput = { ...noThroughput(), ...index.ProvisionedThroughput }
}

/** Makes a table on-demand. `now` in milliseconds. */
export function setOnDemand(table: Table, now: number): void {
  const LastUpdateToPayPerRequestDateTime = now / 1000
  table.BillingModeSummary = { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime }
  table.TableThroughputModeSummary = {
    TableThroughputMode: 'PAY_PER_REQUEST',
    LastUpdateToPayPerRequestDateTime,
  }
  table.ProvisionedThroughput = noThroughput()
  for (const index of table.GlobalSecondaryIndexes ?? []) index.ProvisionedThroughput = noThroughput()
}

/** DeleteTable: the table, its items, indexes, tags and settings. */
export async function deleteTable(input: Json, store: Store): Promise<Json> {
  const { TableName: name } = prepare('DeleteTable', input, store) as { TableName: string }
  const table = await tableNamed(name, store)
  if (table.DeletionProtectionEnabled) {
    throw invalid(
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
    )
  }
  const indexes = [
    ...(table.LocalSecondaryIndexes ?? []).map((index) => prefixes.index('local', name, index.IndexName)),
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => prefixes.index('global', name, index.IndexName)),
  ]
  for (const prefix of [prefixes.items(name), prefixes.tags(name), ...indexes]) await clear(prefix, store)
  await store.db.batch([
    { type: 'del', key: prefixes.settings + name },
    { type: 'del', key: prefixes.table + name },
  ])
  return { TableDescription: { ...table, TableStatus: 'DELETING' } }
}

/** Deletes all that lies under a prefix. */
export async function clear(prefix: string, store: Store): Promise<void> {
  const keys = await Array.fromAsync(store.db.keys(range(prefix)))
  await store.db.batch(keys.map((key) => ({ type: 'del', key })))
}

/** DescribeTable. */
export async function describeTable(input: Json, store: Store): Promise<Json> {
  return { Table: await tableIn(input, store) }
}

/** ListTables. */
export async function listTables(input: Json, store: Store): Promise<Json> {
  const { ExclusiveStartTableName: start = '', Limit = 100 } = prepare('ListTables', input, store) as {
    ExclusiveStartTableName?: string
    Limit?: number
  }
  const names = (await tableNames(store)).filter((name) => name > start)
  const TableNames = names.slice(0, Limit)
  return names.length > Limit ? { TableNames, LastEvaluatedTableName: TableNames.at(-1) } : { TableNames }
}

/** UpdateContinuousBackups: the setting alone is kept. Nothing can be restored, and the restoring calls say so. */
export async function updateContinuousBackups(input: Json, store: Store): Promise<Json> {
  const { TableName } = await tableIn(input, store)
  const spec = input.PointInTimeRecoverySpecification as { PointInTimeRecoveryEnabled?: boolean } | undefined
  const pointInTimeRecovery = spec?.PointInTimeRecoveryEnabled === true
  await putSettings(TableName, { ...(await settingsOf(TableName, store)), pointInTimeRecovery }, store)
  return await describeContinuousBackups(input, store)
}

/** DescribeContinuousBackups. */
export async function describeContinuousBackups(input: Json, store: Store): Promise<Json> {
  const { TableName } = await tableIn(input, store)
  const { pointInTimeRecovery } = await settingsOf(TableName, store)
  const PointInTimeRecoveryStatus = pointInTimeRecovery ? 'ENABLED' : 'DISABLED'
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus },
    },
  }
}
