/** What discovery remembers, kept in the ledger's table. */
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb'
import type { NameRecord } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { queryRows } from '../ledger/query.ts'
import { type DecisionEntry, decisionExpiry, requireKnownFormat, rowOf } from '../ledger/rows.ts'
import type { Saving } from '../ledger/save.ts'
import {
  decisionRow,
  NAME_PARTITION,
  nameRow,
  type RowKey,
  SOURCE_PARTITION,
  sourceRow,
} from '../ledger/table.ts'
import type { Documents } from '../wire/documents.ts'
import { knownTasksOf } from './known-tasks.ts'
import type { DiscoveryLedger, SourceRecord } from './ledger.ts'
import { placesOf } from './places.ts'
import { readName, readSource, savingOfName, savingOfSource } from './rows.ts'

export interface DiscoveryLedgerTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Is told of each row of a list that cannot be read: it is left out, and hinders no other. */
  readonly onDamaged?: (failure: Failure) => void
}

/**
 * Discovery's ledger in the table `table`. A name that is asked for and cannot be read is `Failure` INVALID_CONFIG that
 * names its row, and so is a task of a list: to leave it out would take a running task from its names. The next
 * look at ECS (`rememberTask`) replaces such a task's row.
 */
export function discoveryLedgerOf(
  client: Documents,
  table: string,
  { now, onDamaged }: DiscoveryLedgerTools,
): DiscoveryLedger {
  const list = async <T>(pk: string, read: (row: unknown) => T): Promise<T[]> =>
    (await queryRows(client, table, pk, (row) => readOr(row, read, onDamaged))).flat()
  const get = async <T>(Key: RowKey, read: (row: unknown) => T): Promise<T | undefined> => {
    const { Item } = await client.get({ TableName: table, Key, ConsistentRead: true })
    return Item && read(Item)
  }
  return {
    ...knownTasksOf(client, table, now),
    ...placesOf(client, table, now),
    listSources: () => list(SOURCE_PARTITION, readSource),
    async getSource(source) {
      const read = (row: unknown) => {
        // What is damaged is written anew, but not what a newer version wrote.
        requireKnownFormat(row)
        return readOr(row, readSource, onDamaged)
      }
      return (await get(sourceRow(source), read))?.at(0)
    },
    putSource: (record, decisions = []) => putSource(client, table, record, decisions),
    listNames: () => list(NAME_PARTITION, readName),
    getName: (target) => get(nameRow(target), readName),
    commitName: (record, decisions = []) => commitName(client, table, record, decisions),
    async forgetName({ target, version }) {
      const condition = { ConditionExpression: `attribute_not_exists(pk) OR ${IS_VERSION}` }
      const expected = { ExpressionAttributeValues: { ':expected': version } }
      await client.delete({ TableName: table, Key: nameRow(target), ...condition, ...expected })
    },
  }
}

function readOr<T>(
  row: unknown,
  read: (row: unknown) => T,
  onDamaged: DiscoveryLedgerTools['onDamaged'],
): T[] {
  try {
    return [read(row)]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    onDamaged?.(error)
    return []
  }
}

async function putSource(
  client: Documents,
  TableName: string,
  record: SourceRecord,
  decisions: readonly DecisionEntry[],
): Promise<void> {
  if (record.targets.length || record.told !== undefined)
    return saveWith(client, { TableName, ...savingOfSource(record) }, decisions)
  const Delete = { TableName, Key: sourceRow(record.source) }
  const told = decisions.map((entry) => putOfDecision(TableName, entry))
  await client.transactWrite({ TransactItems: [{ Delete }, ...told] })
}

const IS_VERSION = 'version = :expected'

function commitName(
  client: Documents,
  TableName: string,
  record: NameRecord,
  decisions: readonly DecisionEntry[],
): Promise<void> {
  const saving = savingOfName(record)
  const { ConditionExpression, expected } = after(record)
  const ExpressionAttributeValues = { ...saving.ExpressionAttributeValues, ...expected }
  const update = { TableName, ...saving, ConditionExpression, ExpressionAttributeValues }
  return saveWith(client, update, decisions)
}

/** A record alone is one UpdateItem; with decisions it is one transaction, which costs twice as much. */
async function saveWith(
  client: Documents,
  Update: UpdateCommandInput & Pick<Saving, 'UpdateExpression'> & { readonly TableName: string },
  decisions: readonly DecisionEntry[],
): Promise<void> {
  if (!decisions.length) return void (await client.update(Update))
  const told = decisions.map((entry) => putOfDecision(Update.TableName, entry))
  await client.transactWrite({ TransactItems: [{ Update }, ...told] })
}

function putOfDecision(TableName: string, entry: DecisionEntry) {
  const Item = { ...rowOf(decisionRow(entry, entry.id), entry), expiresAt: decisionExpiry(entry.at) }
  return { Put: { TableName, Item } }
}

/** What has to be there: the version before, or none. */
function after({ version }: NameRecord) {
  if (version === 1) return { ConditionExpression: 'attribute_not_exists(pk)' }
  return { ConditionExpression: IS_VERSION, expected: { ':expected': version - 1 } }
}
