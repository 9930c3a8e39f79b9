/** UpdateTable: throughput, billing mode, deletion protection, table class, and global indexes with their backfill. */
import {
  type Item,
  indexEntry,
  type Json,
  prefixes,
  prepare,
  range,
  type SecondaryIndex,
  type Store,
  type Table,
  type Throughput,
} from './dynalite.ts'
import { fault, invalid } from './errors.ts'
import { clear, describeGlobalIndex, refuseUnsupported, setOnDemand } from './table-operations.ts'
import { putTable, tableNamed } from './table-records.ts'

/** Service quotas: global secondary indexes per table. */
const MOST_GLOBAL_INDEXES = 20

interface Update {
  readonly BillingMode?: string
  readonly ProvisionedThroughput?: Throughput
  readonly AttributeDefinitions?: Table['AttributeDefinitions']
  readonly DeletionProtectionEnabled?: boolean
  readonly TableClass?: string
  readonly GlobalSecondaryIndexUpdates?: {
    readonly Create?: SecondaryIndex
    readonly Update?: { IndexName: string; ProvisionedThroughput: Throughput }
    readonly Delete?: { IndexName: string }
  }[]
}

/** Updates a table. `now` in milliseconds. Everything is checked before anything is changed. */
export async function updateTable(input: Json, store: Store, now: number): Promise<Json> {
  refuseUnsupported(input)
  check(input, store)
  const update = input as Update
  const table = await tableNamed(String(input.TableName), store)
  applySettings(table, update, now)
  const indexUpdates = update.GlobalSecondaryIndexUpdates ?? []
  if (indexUpdates.filter((one) => one.Create ?? one.Delete).length > 1) {
    const limit = 'Only 1 online index can be created or deleted simultaneously per table'
    throw fault('LimitExceededException', `Subscriber limit exceeded: ${limit}`)
  }
  for (const one of indexUpdates) {
    if (one.Update) setThroughput(indexNamed(table, one.Update.IndexName), one.Update.ProvisionedThroughput)
    if (one.Create) await createIndex(table, structuredClone(one.Create), update.AttributeDefinitions, store)
    if (one.Delete) await deleteIndex(table, indexNamed(table, one.Delete.IndexName), store)
  }
  await putTable(table, store)
  return { TableDescription: { ...table, TableStatus: 'UPDATING' } }
}

/** dynalite's checks want throughput for every new index, which DynamoDB does not for on-demand tables. */
function check(input: Json, store: Store): void {
  const { DeletionProtectionEnabled, TableClass, SSESpecification, ...known } = structuredClone(
    input,
  ) as Json & Update
  for (const { Create } of known.GlobalSecondaryIndexUpdates ?? []) {
    if (Create) Create.ProvisionedThroughput ??= { ReadCapacityUnits: 1, WriteCapacityUnits: 1 }
  }
  const others = DeletionProtectionEnabled ?? TableClass ?? SSESpecification
  if (others === undefined || Object.keys(known).length > 1) prepare('UpdateTable', known, store)
}

function applySettings(table: Table, update: Update, now: number): void {
  const onDemand = (update.BillingMode ?? table.BillingModeSummary?.BillingMode) === 'PAY_PER_REQUEST'
  if (update.ProvisionedThroughput && onDemand) {
    throw invalid(
      'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    )
  }
  if (update.BillingMode === 'PAY_PER_REQUEST') setOnDemand(table, now)
  if (update.BillingMode === 'PROVISIONED') {
    table.BillingModeSummary = { BillingMode: 'PROVISIONED' }
    table.TableThroughputModeSummary = { TableThroughputMode: 'PROVISIONED' }
  }
  if (update.ProvisionedThroughput) setThroughput(table, update.ProvisionedThroughput)
  if (update.DeletionProtectionEnabled !== undefined) {
    table.DeletionProtectionEnabled = update.DeletionProtectionEnabled
  }
  if (update.TableClass !== undefined) table.TableClassSummary = { TableClass: update.TableClass }
}

function setThroughput(of: { ProvisionedThroughput?: Throughput }, throughput: Throughput): void {
  of.ProvisionedThroughput = { NumberOfDecreasesToday: 0, ...of.ProvisionedThroughput, ...throughput }
}

function indexNamed(table: Table, name: string): SecondaryIndex {
  const index = table.GlobalSecondaryIndexes?.find((one) => one.IndexName === name)
  if (!index) throw fault('ResourceNotFoundException', 'Requested resource not found')
  return index
}

async function createIndex(
  table: Table,
  index: SecondaryIndex,
  definitions: Table['AttributeDefinitions'] = [],
  store: Store,
): Promise<void> {
  const present = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
  if (present.some((one) => one.IndexName === index.IndexName)) {
    throw invalid('Attempting to create an index which already exists')
  }
  if ((table.GlobalSecondaryIndexes ?? []).length >= MOST_GLOBAL_INDEXES) {
    throw fault(
      'LimitExceededException',
      'Subscriber limit exceeded: GlobalSecondaryIndex count exceeds the per-table limit of 20',
    )
  }
  const merged = new Map(
    [...table.AttributeDefinitions, ...definitions].map((one) => [one.AttributeName, one]),
  )
  if (index.KeySchema.some((key) => !merged.has(key.AttributeName))) {
    throw invalid(
      'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions',
    )
  }
  describeGlobalIndex(index, table.TableArn)
  table.GlobalSecondaryIndexes = [...(table.GlobalSecondaryIndexes ?? []), index]
  table.AttributeDefinitions = [...merged.values()]
  dropUnusedDefinitions(table)
  await backfill(table, index, store)
}

/** Items whose key attributes have other types than the index's are left out, as DynamoDB's backfill does. */
async function backfill(table: Table, index: SecondaryIndex, store: Store): Promise<void> {
  const prefix = prefixes.index('global', table.TableName, index.IndexName)
  const types = new Map(table.AttributeDefinitions.map((one) => [one.AttributeName, one.AttributeType]))
  for await (const value of store.db.values(range(prefixes.items(table.TableName)))) {
    const item = value as Item
    const fits = index.KeySchema.every(
      ({ AttributeName: name }) => item[name]?.[types.get(name) ?? ''] !== undefined,
    )
    const entry = fits ? indexEntry(table, index, item) : undefined
    if (entry) await store.db.batch([{ type: 'put', key: prefix + entry.key, value: entry.item }])
  }
}

async function deleteIndex(table: Table, index: SecondaryIndex, store: Store): Promise<void> {
  table.GlobalSecondaryIndexes = (table.GlobalSecondaryIndexes ?? []).filter((one) => one !== index)
  if (!table.GlobalSecondaryIndexes.length) delete table.GlobalSecondaryIndexes
  dropUnusedDefinitions(table)
  await clear(prefixes.index('global', table.TableName, index.IndexName), store)
}

function dropUnusedDefinitions(table: Table): void {
  const schemas = [table, ...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
  const used = new Set(schemas.flatMap((one) => one.KeySchema.map((key) => key.AttributeName)))
  table.AttributeDefinitions = table.AttributeDefinitions.filter((one) => used.has(one.AttributeName))
}
