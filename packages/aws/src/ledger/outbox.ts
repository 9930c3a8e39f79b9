/** Capstan's own events that are written down and not sent yet; whoever sends one takes it out. */

import { Failure } from '@capstan/core/failure.ts'
import * as z from 'zod/mini'
import { settleEach, valuesOf } from '../parallel.ts'
import type { Documents } from '../wire/documents.ts'
import { queryRows } from './query.ts'
import { parseRow, rowOf } from './rows.ts'
import { OUTAGE_ROW, OUTBOX_PARTITION, outboxRow } from './table.ts'

const unsentEvent = z.object({
  /** Of the decision that it tells of, with the service: sorts by time, and tells the receiver of a repetition. */
  id: z.string(),
  /** When it was written down (ms). */
  at: z.number(),
  detailType: z.string(),
  detail: z.record(z.string(), z.unknown()),
})

/** An event as it is kept until it is sent. */
export type UnsentEvent = z.infer<typeof unsentEvent>

export interface Outbox {
  /** The events that are still there, the oldest first. */
  list(): Promise<UnsentEvent[]>
  /** Takes out what has been sent. */
  remove(events: readonly UnsentEvent[]): Promise<void>
  /** Puts `event` in, unless an outage was told of within `quietMs` before it, or since seen. Returns whether it did. */
  tellOutage(event: UnsentEvent, quietMs: number): Promise<boolean>
  /** Whether an outage was seen at `since` (ms) or later. */
  isOutageSince(since: number): Promise<boolean>
  /** The same as far as this process remembers it, so that nothing has to be asked. */
  isKnownSince(since: number): boolean
}

const outage = z.object({ seenAt: z.number(), toldAt: z.number() })

/** The outbox in the table `table`; events get into it with the pass that they tell of. */
export function outboxOf(dynamodb: Documents, TableName: string): Outbox {
  let seenAt: number | undefined
  const isKnownSince = (since: number) => seenAt !== undefined && seenAt >= since
  return {
    list: () => queryRows(dynamodb, TableName, OUTBOX_PARTITION, (row) => parseRow(unsentEvent, row)),
    async remove(events) {
      const gone = await settleEach(events, ({ id }) => dynamodb.delete({ TableName, Key: outboxRow(id) }))
      valuesOf(gone)
    },
    async tellOutage(event, quietMs) {
      try {
        await dynamodb.transactWrite({ TransactItems: outageWrites(event, quietMs, TableName) })
        seenAt = event.at
        return true
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'CONFLICT') throw error
        await stillThere(dynamodb, event.at, TableName)
        seenAt = event.at
        return false
      }
    },
    async isOutageSince(since) {
      if (isKnownSince(since)) return true
      const { Item } = await dynamodb.get({ TableName, Key: OUTAGE_ROW, ConsistentRead: true })
      seenAt = Item && parseRow(outage, Item).seenAt
      return isKnownSince(since)
    },
    isKnownSince,
  }
}

function outageWrites(event: UnsentEvent, quietMs: number, TableName: string) {
  const { at } = event
  return [
    {
      Put: {
        TableName,
        Item: rowOf(OUTAGE_ROW, { seenAt: at, toldAt: at }),
        ConditionExpression: 'attribute_not_exists(pk) OR seenAt < :before',
        ExpressionAttributeValues: { ':before': at - quietMs },
      },
    },
    { Put: { TableName, Item: rowOf(outboxRow(event.id), event) } },
  ]
}

/** An outage that goes on is one outage, however long it takes. */
async function stillThere(dynamodb: Documents, at: number, TableName: string): Promise<void> {
  await dynamodb.update({
    TableName,
    Key: OUTAGE_ROW,
    UpdateExpression: 'SET seenAt = :at',
    ExpressionAttributeValues: { ':at': at },
  })
}
