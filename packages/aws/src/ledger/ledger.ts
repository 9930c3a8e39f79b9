/** The ledger: what Capstan remembers, in one DynamoDB table. Rows are parsed when read and written under a condition. */

import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { Failure } from '@capstan/core/failure.ts'
import { keyOf, nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey, ServiceRecord } from '@capstan/core/view.ts'
import type * as z from 'zod/mini'
import type { Documents } from '../wire/documents.ts'
import {
  type FreezeEntry,
  type FreezeLedger,
  freezesOf,
  type LedgerTools,
  oldestFirst,
  readFreeze,
} from './freezes.ts'
import { type Intervention, intervene, type Wish } from './interventions.ts'
import type { DeploymentUpdate, Pass } from './pass.ts'
import { queryRows } from './query.ts'
import {
  type DecisionEntry,
  type DeploymentEntry,
  decisionEntry,
  decisionExpiry,
  deploymentEntry,
  parseRow,
  placeOf,
  rowOf,
  SERVICE_FIELDS,
  serviceRecord,
} from './rows.ts'
import { savingOf } from './save.ts'
import {
  decisionPartition,
  decisionRow,
  deploymentPartition,
  deploymentRow,
  FLEET,
  FREEZE_PREFIX,
  outboxRow,
  SERVICE_PARTITION,
  SOURCE_PARTITION,
  serviceOfSource,
  serviceRow,
  snapshotRow,
} from './table.ts'

/** How many entries a list gives unless told. */
const PAGE = 50
/** BatchGetItem takes this many (API reference). */
const KEYS_AT_ONCE = 100

/** A service's record that cannot be read, and why: it must hinder no other service. */
export interface DamagedRecord {
  readonly service: ServiceKey
  readonly error: Failure
}

/** What the ledger holds of all services, and what keeps deliveries to them back. */
export interface ServiceRecords {
  readonly records: readonly ServiceRecord[]
  readonly damaged: readonly DamagedRecord[]
  /** As `listFreezes` gives them. */
  readonly freezes: readonly FreezeEntry[]
}

export interface Ledger extends FreezeLedger {
  listServices(): Promise<ServiceRecords>
  getService(key: ServiceKey): Promise<ServiceRecord | undefined>
  /** The latest deployments first: of one service, or of all that have a record. */
  listDeployments(key?: ServiceKey, limit?: number): Promise<DeploymentEntry[]>
  /** A deployment of any service that has a record. */
  getDeployment(id: string): Promise<DeploymentEntry | undefined>
  /** The latest decisions first: of one service, or of all that have a record and of the fleet as a whole. */
  listDecisions(key?: ServiceKey, limit?: number): Promise<DecisionEntry[]>
  /** Writes a pass as one transaction. Throws `Failure` CONFLICT where the record is no longer what was read. */
  commit(pass: Pass): Promise<void>
  /** Removes the record of a service that is gone, if it is there; its history stays. Throws `Failure` CONFLICT as `commit`. */
  forget(record: ServiceRecord): Promise<void>
  /** Writes down what an operator wishes; see `intervene`. */
  intervene(key: ServiceKey, wish: Wish): Promise<Intervention>
}

/** The ledger in the table `table`. */
export function ledgerOf(dynamodb: Documents, table: string, tools: LedgerTools): Ledger {
  const query = <T>(pk: string, schema: z.ZodMiniType<T>, latest?: number) =>
    queryRows(dynamodb, table, pk, (row) => parseRow(schema, row), latest)
  const listServices = async () => sorted(await queryRows(dynamodb, table, SERVICE_PARTITION, readRow))
  const listKeys = async () => {
    const { damaged, records } = await listServices()
    return [...records, ...damaged.map(({ service }) => service)]
  }
  /** Discovery decides about families as well, and about services that nothing is delivered to. */
  const listDecided = async () => {
    const sources = await queryRows(dynamodb, table, SOURCE_PARTITION, (row) => serviceOfSource(placeOf(row)))
    const keys = [...(await listKeys()), ...sources]
    return [...new Map(keys.map((key) => [nameOf(key), key])).values()]
  }
  const getService = (key: ServiceKey) => readService(dynamodb, table, key)
  const commit = async (pass: Pass) => {
    await dynamodb.transactWrite({ TransactItems: writesOf(pass, table) })
  }
  return {
    ...freezesOf(dynamodb, table, tools),
    listServices,
    getService,
    commit,
    intervene: (key, wish) => intervene({ getService, commit }, key, wish, tools),
    async listDeployments(key, limit = PAGE) {
      const keys = key ? [key] : await listKeys()
      const lists = await Promise.all(
        keys.map((one) => query(deploymentPartition(one), deploymentEntry, limit)),
      )
      return latestFirst(lists.flat()).slice(0, limit)
    },
    async getDeployment(id) {
      return findDeployment(dynamodb, table, await listKeys(), id)
    },
    async listDecisions(key, limit = PAGE) {
      const keys = key ? [key] : [...(await listDecided()), { cluster: FLEET, service: FLEET }]
      const lists = await Promise.all(keys.map((one) => query(decisionPartition(one), decisionEntry, limit)))
      return latestFirst(lists.flat()).slice(0, limit)
    },
    async forget(record) {
      const { ConditionExpression, ExpressionAttributeValues } = ifVersion(record.version)
      await dynamodb.delete({
        TableName: table,
        Key: serviceRow(record),
        ConditionExpression: `attribute_not_exists(pk) OR ${ConditionExpression}`,
        ExpressionAttributeValues,
      })
    },
  }
}

const latestFirst = <T extends { readonly id: string }>(entries: readonly T[]): T[] =>
  entries.toSorted((a, b) => (a.id < b.id ? 1 : -1))

interface FreezeRow {
  readonly freeze: FreezeEntry
}

function readRow(row: unknown): ServiceRecord | DamagedRecord | FreezeRow {
  return placeOf(row).sk.startsWith(FREEZE_PREFIX) ? { freeze: readFreeze(row) } : readRecord(row)
}

function readRecord(row: unknown): ServiceRecord | DamagedRecord {
  try {
    return parseRow(serviceRecord, row)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const [cluster = '', service = ''] = placeOf(row).sk.split('/')
    return { service: { cluster, service }, error }
  }
}

function sorted(rows: readonly (ServiceRecord | DamagedRecord | FreezeRow)[]): ServiceRecords {
  return {
    records: rows.flatMap((row) => ('error' in row || 'freeze' in row ? [] : [row])),
    damaged: rows.flatMap((row) => ('error' in row ? [row] : [])),
    freezes: oldestFirst(rows.flatMap((row) => ('freeze' in row ? [row.freeze] : []))),
  }
}

async function readService(client: Documents, table: string, key: ServiceKey) {
  const { Item } = await client.get({ TableName: table, Key: serviceRow(key), ConsistentRead: true })
  return Item && parseRow(serviceRecord, Item)
}

/** A deployment's partition is its service's, so every service is asked. */
async function findDeployment(
  client: Documents,
  table: string,
  services: readonly ServiceKey[],
  id: string,
): Promise<DeploymentEntry | undefined> {
  for (let from = 0; from < services.length; from += KEYS_AT_ONCE) {
    const Keys = services.slice(from, from + KEYS_AT_ONCE).map((key) => deploymentRow(key, id))
    let asked: BatchGetCommandInput['RequestItems'] = { [table]: { Keys } }
    while (asked && Object.keys(asked).length) {
      const answer: BatchGetCommandOutput = await client.batchGet({ RequestItems: asked })
      const [found] = answer.Responses?.[table] ?? []
      if (found) return parseRow(deploymentEntry, found)
      asked = answer.UnprocessedKeys
    }
  }
  return undefined
}

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number]

/** A pass as the items of one transaction: at most 100 (TransactWriteItems), a pass has fewer than twenty. */
export function writesOf(pass: Pass, table: string): Write[] {
  const { service } = pass
  const put = <T extends object>(Item: T): Write => ({ Put: { TableName: table, Item } })
  return [
    recordOf(pass, table),
    ...pass.begun.map((entry) => put(rowOf(deploymentRow(service, entry.id), entry))),
    ...pass.updates.map((update) => updateOf(service, update, table)),
    ...(pass.snapshots ?? []).map((entry) =>
      put(rowOf(snapshotRow(service, entry.taskDefinitionArn), entry)),
    ),
    ...(pass.forgotten ?? []).map(
      (arn): Write => ({ Delete: { TableName: table, Key: snapshotRow(service, arn) } }),
    ),
    ...(pass.events ?? []).map((event) => put(rowOf(outboxRow(event.id), event))),
    ...pass.decisions.map((entry) =>
      put({ ...rowOf(decisionRow(service, entry.id), entry), expiresAt: decisionExpiry(entry.at) }),
    ),
  ]
}

/** On the condition that nobody else has written it since it was read. */
function recordOf({ service, expects, record }: Pass, TableName: string): Write {
  const saving = savingOf(serviceRow(service), SERVICE_FIELDS, record)
  if (expects === undefined) return { Update: { TableName, ...saving, ...ifNone } }
  const { ConditionExpression, ExpressionAttributeValues: expected } = ifVersion(expects)
  const values = { ...saving.ExpressionAttributeValues, ...expected }
  return { Update: { TableName, ...saving, ConditionExpression, ExpressionAttributeValues: values } }
}

const ifNone = { ConditionExpression: 'attribute_not_exists(pk)' }

function ifVersion(version: number) {
  return { ConditionExpression: 'version = :expected', ExpressionAttributeValues: { ':expected': version } }
}

function updateOf(
  service: ServiceKey,
  { id, state, primaryId, note, milestones }: DeploymentUpdate,
  table: string,
): Write {
  const set = { state, ...(primaryId && { primaryId }), ...(note && { note }) }
  // A row that someone has deleted is made again, as far as it can be: without it nothing could be recorded any more.
  const intendedAt = milestones[0]?.at ?? 0
  const lost = { ...keyOf(service), id, reason: 'unknown', changes: [], intendedAt, timeline: [] }
  const assignments = [
    ...Object.keys(set).map((name) => `#${name} = :${name}`),
    ...Object.keys(lost).map((name) =>
      name === 'timeline'
        ? '#timeline = list_append(if_not_exists(#timeline, :timeline), :milestones)'
        : `#${name} = if_not_exists(#${name}, :${name})`,
    ),
  ]
  const values = Object.entries({ ...set, ...lost })
  return {
    Update: {
      TableName: table,
      Key: deploymentRow(service, id),
      UpdateExpression: `SET ${assignments.join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(values.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(values.map(([name, value]) => [`:${name}`, value])),
        ':milestones': milestones,
      },
    },
  }
}
