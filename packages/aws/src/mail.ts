/**
 * Sends Capstan's own events. They are in the outbox before anything is done, so that none is lost; who dies before
 * taking one out lets it be sent twice, with the same `decision` in its detail.
 */

import { Failure } from '@capstan/core/failure.ts'
import { INTENT_LEASE_MS } from '@capstan/core/in-flight.ts'
import type { EventBridgeApi } from './clients.ts'
import type { Outbox, UnsentEvent } from './ledger/outbox.ts'
import { outageOf } from './ledger/own-event.ts'
import type { Pass } from './ledger/pass.ts'
import { batchesOf } from './observe/services.ts'

export interface Mail {
  /** Sends events that are in the outbox, and takes them out. Throws `Failure` UNAVAILABLE where the bus takes some not. */
  send(events: readonly UnsentEvent[]): Promise<void>
  /** Sends what others have left behind. */
  sendLeft(): Promise<void>
  /** Tells of an outage that the pass holds a service for, if nobody has. */
  tellOutage(pass: Pass): Promise<void>
}

/** PutEvents takes this many at a time (API reference). */
const SENT_AT_ONCE = 10
/** An outage that nobody has seen for so long (ms) is over; the next one is told of again. */
const OUTAGE_QUIET_MS = 15 * 60_000
/** For so long (ms) a process need not say again that it goes on. */
const OUTAGE_FRESH_MS = 60_000

/** Mail by way of `events`, to the default bus, about another place than home where one is named. */
export function mailOf(events: EventBridgeApi, outbox: Outbox, now: () => number, place?: string): Mail {
  let outageSeenAt = Number.NEGATIVE_INFINITY
  const send: Mail['send'] = async (unsent) => {
    for (const batch of batchesOf(unsent, SENT_AT_ONCE)) {
      const failed = await put(events, batch, place)
      await outbox.remove(batch.filter((_, index) => !failed.has(index)))
      const [why] = failed.values()
      if (why !== undefined)
        throw new Failure(
          'UNAVAILABLE',
          `EventBridge did not take ${failed.size} events (${why}); they are kept.`,
        )
    }
  }
  return {
    send,
    async sendLeft() {
      // A younger one may be just about to be sent by the one who wrote it.
      const left = (await outbox.list()).filter(({ at }) => now() - at >= INTENT_LEASE_MS)
      await send(left)
    },
    async tellOutage(pass) {
      const event = outageOf(pass)
      // Hundreds of services are held in one moment: the ledger is asked once for all of them.
      if (!event || now() - outageSeenAt < OUTAGE_FRESH_MS) return
      outageSeenAt = now()
      if (await outbox.tellOutage(event, OUTAGE_QUIET_MS)) await send([event])
    },
  }
}

/** Puts one batch. Returns why entries failed, by their index. */
async function put(
  events: EventBridgeApi,
  batch: readonly UnsentEvent[],
  place: string | undefined,
): Promise<Map<number, string>> {
  const Entries = batch.map(({ at, detail, detailType }) => ({
    Source: 'capstan',
    DetailType: detailType,
    Time: new Date(at),
    Detail: JSON.stringify({ ...detail, place }),
  }))
  const answer = await events.call('PutEvents', { Entries })
  const results = answer.Entries ?? []
  return new Map(
    results.flatMap(({ ErrorCode, ErrorMessage }, index) =>
      ErrorCode === undefined ? [] : [[index, `${ErrorCode}: ${ErrorMessage}`] as const],
    ),
  )
}
