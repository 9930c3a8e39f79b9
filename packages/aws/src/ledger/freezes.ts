/**
 * Freezes: rows that keep deliveries back, for everything, a cluster or a service. Each is put and taken away together
 * with the decision that tells who did it and why, so there is none without its reason.
 */

import { Failure } from '@capstan/core/failure.ts'
import { number, text } from '@capstan/core/plain.ts'
import type { ServiceKey } from '@capstan/core/view.ts'
import * as z from 'zod/mini'
import type { Documents } from '../wire/documents.ts'
import { queryPages } from './query.ts'
import { type DecisionEntry, decisionExpiry, parseRow, placeOf, rowOf } from './rows.ts'
import { decisionRow, FLEET, FREEZE_PREFIX, freezeRow, SERVICE_PARTITION } from './table.ts'

const freezeEntry = z.object({
  /** Short enough to be typed. */
  id: text,
  /** `all`, a cluster, or `cluster/service`. */
  scope: text,
  reason: text,
  by: text,
  /** When it was added (ms). */
  at: number,
  /** When it ends by itself (ms); without it, when it is removed. */
  until: z.exactOptional(number),
  /** An RFC 5545 recurrence rule: it holds for `duration` from each occurrence on. */
  rule: z.exactOptional(text),
  start: z.exactOptional(text),
  duration: z.exactOptional(text),
  timeZone: z.exactOptional(text),
})

/** One freeze, as it is kept. */
export type FreezeEntry = z.infer<typeof freezeEntry>

/** A freeze that is to be added. */
export type NewFreeze = Omit<FreezeEntry, 'id' | 'at'>

/** Who takes something back, and why. */
export interface Author {
  readonly by: string
  readonly reason: string
}

export interface FreezeLedger {
  /** All freezes that have not been removed and whose `until` is not long past, the oldest first. */
  listFreezes(): Promise<FreezeEntry[]>
  addFreeze(freeze: NewFreeze): Promise<FreezeEntry>
  /** Removes a freeze, and returns what it was. Throws `Failure` NOT_FOUND where there is none with the id. */
  removeFreeze(id: string, author: Author): Promise<FreezeEntry>
}

/** What time and ids are taken from. */
export interface LedgerTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** An id that sorts by `now` and, within a millisecond, by `version`. */
  readonly newId: (now: number, version: number) => string
}

/** The freezes in the table `table`. */
export function freezesOf(client: Documents, table: string, { now, newId }: LedgerTools): FreezeLedger {
  const audited = (freeze: FreezeEntry, audit: Audit) => {
    const at = now()
    const entry = auditOf(freeze, audit, { id: `${newId(at, 0)}.0`, at })
    const place = decisionRow({ cluster: FLEET, service: FLEET }, entry.id)
    return { Put: { TableName: table, Item: { ...rowOf(place, entry), expiresAt: decisionExpiry(at) } } }
  }
  return {
    listFreezes: () => queryFreezes(client, table),
    async addFreeze(freeze) {
      const at = now()
      const entry = { ...freeze, id: shortId(newId(at, 0)), at }
      const Item = { ...rowOf(freezeRow(entry.id), entry), ...expiryOf(entry) }
      const put = { TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }
      const told = audited(entry, { kind: 'freeze', by: freeze.by, reason: freeze.reason })
      await client.transactWrite({ TransactItems: [{ Put: put }, told] })
      return entry
    },
    async removeFreeze(id, author) {
      const Key = freezeRow(id)
      const { Item } = await client.get({ TableName: table, Key, ConsistentRead: true })
      if (!Item) throw noFreeze(id)
      const entry = readFreeze(Item)
      const remove = { TableName: table, Key, ConditionExpression: 'attribute_exists(pk)' }
      const told = audited(entry, { kind: 'unfreeze', ...author })
      await client.transactWrite({ TransactItems: [{ Delete: remove }, told] })
      return entry
    },
  }
}

async function queryFreezes(client: Documents, table: string): Promise<FreezeEntry[]> {
  const freezes: FreezeEntry[] = []
  const pages = queryPages(client, {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': SERVICE_PARTITION, ':prefix': FREEZE_PREFIX },
    ConsistentRead: true,
  })
  for await (const { Items = [] } of pages) freezes.push(...Items.map(readFreeze))
  return oldestFirst(freezes)
}

/** The freezes as they were added. */
export const oldestFirst = (freezes: readonly FreezeEntry[]): FreezeEntry[] =>
  freezes.toSorted((a, b) => a.at - b.at)

/**
 * A freeze from its row. One that cannot be read keeps everything back until it is removed: it was meant to keep
 * something back.
 */
export function readFreeze(row: unknown): FreezeEntry {
  try {
    return parseRow(freezeEntry, row)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const id = placeOf(row).sk.slice(FREEZE_PREFIX.length)
    return { id, scope: 'all', reason: error.message, by: 'nobody known', at: 0 }
  }
}

interface Audit extends Author {
  readonly kind: 'freeze' | 'unfreeze'
}

/** What the ledger says of a freeze that came or went. */
export function auditOf(
  { id: freeze, scope, reason: frozenFor, until }: FreezeEntry,
  { kind, by, reason }: Audit,
  { id, at }: { id: string; at: number },
): DecisionEntry {
  const end = until === undefined ? {} : { until: new Date(until).toISOString() }
  const what =
    kind === 'freeze'
      ? `Freezes ${describeScope(scope)}${end.until ? ` until ${end.until}` : ''} (freeze ${freeze})`
      : `Ends freeze ${freeze} of ${describeScope(scope)} ("${frozenFor}")`
  const sentence = `${what}, as ${by} asked: ${reason}.`
  const facts = { freeze, scope, by, why: reason, ...end }
  return { ...keyOfScope(scope), id, at, kind, reason: 'requested', facts, sentence }
}

/** A scope as people say it. */
function describeScope(scope: string): string {
  if (scope === 'all') return 'every service'
  return scope.includes('/') ? scope : `every service of cluster ${scope}`
}

/** The services that a scope stands for, a star for all. */
function keyOfScope(scope: string): ServiceKey {
  const [cluster = FLEET, service = FLEET] = scope === 'all' ? [] : scope.split('/')
  return { cluster, service }
}

/** `20260101T000000000Z-00000-1a2b3c4d` is too long to type: minute and dice stay. */
function shortId(id: string): string {
  return `f-${id.replace(/^\d{4}(\d{4})T(\d{4}).*-([0-9a-f]{4})[0-9a-f]*$/, '$1$2-$3')}`
}

/** A freeze that is over is shown for a day, then DynamoDB's time to live may take it. */
const SHOWN_AFTER_MS = 24 * 60 * 60 * 1000

function expiryOf({ until }: FreezeEntry): { expiresAt?: number } {
  return until === undefined ? {} : { expiresAt: Math.ceil((until + SHOWN_AFTER_MS) / 1000) }
}

function noFreeze(id: string): Failure {
  return new Failure('NOT_FOUND', `There is no freeze '${id}'. 'capstan freeze list' shows those there are.`)
}
