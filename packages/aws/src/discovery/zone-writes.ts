/** Writes to a hosted zone: batch by batch; where one is refused, whose fault it is, so that it hinders nobody else. */

import { Failure, messageOf } from '@capstan/core/failure.ts'
import { type Batch, type Piece, packBatches } from './change-batches.ts'
import type { Route53Api } from './clients.ts'
import { mayBeDone, type Pace, patiently, sdkName } from './patience.ts'
import { changeOf, plainName } from './record-sets.ts'
import type { NameWrites, WriteOutcome } from './registrar.ts'

export interface ZoneWriting {
  readonly route53: Route53Api
  readonly zoneId: string
  readonly deadline: number
  readonly pace: Pace
}

type Refusal = Exclude<WriteOutcome, { kind: 'written' }>

/** What became of one piece that was not written. */
interface Refused {
  readonly index: number
  readonly refusal: Refusal
}

/**
 * Does all writes, and answers for each target in their order. Of a target that needs several requests, what comes after
 * a refused one is not done. Nothing waits for INSYNC: lists and the next batch see a change at once, and resolvers keep
 * what they know for its TTL anyway. Throws `Failure` UNAVAILABLE where Route 53 throttles beyond the deadline.
 */
export async function writeNames(
  names: readonly NameWrites[],
  writing: ZoneWriting,
): Promise<WriteOutcome[]> {
  const refusals = new Map<number, Refusal>()
  // One after the other: Route 53 refuses a batch while it works on another one of the zone (PriorRequestNotComplete).
  for (const batch of packBatches(names)) {
    const pieces = batch.filter(({ index }) => !refusals.has(index))
    for (const { index, refusal } of await attempt(pieces, writing)) {
      if (refusal.kind === 'place-gone') return names.map(() => refusal)
      refusals.set(index, refusal)
    }
  }
  return names.map((_, index) => refusals.get(index) ?? { kind: 'written' })
}

/** Makes one request of pieces; where it is refused, several smaller ones, down to one for each that is refused. */
async function attempt(pieces: Batch, writing: ZoneWriting): Promise<Refused[]> {
  if (!pieces.length) return []
  const refusal = await send(pieces, writing)
  if (!refusal) return []
  if (refusal.kind === 'place-gone' || pieces.length === 1)
    return pieces.map(({ index }) => ({ index, refusal }))
  const refused: Refused[] = []
  for (const part of partsOf(pieces, refusal.reason)) refused.push(...(await attempt(part, writing)))
  return refused
}

/** Those that the refusal names go alone, the others together. Where it names none, or all of them, two halves. */
function partsOf(pieces: Batch, reason: string): Batch[] {
  const named = namesIn(reason)
  const { accused = [], others = [] } = Object.groupBy(pieces, (piece) =>
    isAccused(piece, named) ? 'accused' : 'others',
  )
  if (accused.length && others.length) return [others, ...accused.map((piece) => [piece])]
  const half = Math.ceil(pieces.length / 2)
  return [pieces.slice(0, half), pieces.slice(half)]
}

/** Everything in a sentence that looks like a domain name. */
const namesIn = (reason: string): ReadonlySet<string> =>
  new Set((reason.match(/[\w*\\-]+(\.[\w*\\-]+)+\.?/g) ?? []).map(plainName))

const isAccused = ({ writes }: Piece, named: ReadonlySet<string>) =>
  writes.some(({ record }) => named.has(record.name))

/** Makes one request, and tells why Route 53 does not take it. Throws what is nobody's fault. */
async function send(pieces: Batch, writing: ZoneWriting): Promise<Refusal | undefined> {
  const { route53, zoneId, deadline, pace } = writing
  const ChangeBatch = { Changes: changesOf(pieces) }
  let unanswered: unknown
  const call = async () => {
    try {
      await route53.call('ChangeResourceRecordSets', { HostedZoneId: zoneId, ChangeBatch })
    } catch (error) {
      if (mayBeDone(error)) unanswered = error
      throw error
    }
  }
  try {
    await patiently(call, deadline, pace)
    return undefined
  } catch (error) {
    // "It exists already" may be said of what an unanswered request has made: then nobody knows what is done.
    if (unanswered) throw unanswered
    return refusalOf(error)
  }
}

/** Route 53 does a batch at once, but checks its changes in order: what makes room for another comes first. */
function changesOf(pieces: Batch) {
  const writes = pieces.flatMap((piece) => piece.writes)
  const { deletions = [], additions = [] } = Object.groupBy(writes, ({ action }) =>
    action === 'delete' ? 'deletions' : 'additions',
  )
  return [...deletions, ...additions].map(changeOf)
}

/** Throws the error again where it is none of the batch. A policy can deny single names, so a denial is one too. */
function refusalOf(error: unknown): Refusal {
  if (sdkName(error) === 'NoSuchHostedZone') return { kind: 'place-gone', reason: sentenceOf(error) }
  const isOfBatch = error instanceof Failure && (error.code === 'INVALID_REQUEST' || error.code === 'DENIED')
  if (!isOfBatch) throw error
  return { kind: 'refused', reason: sentenceOf(error) }
}

/** Route 53's own words. */
function sentenceOf(error: unknown): string {
  const cause = error instanceof Failure ? error.cause : error
  return messageOf(cause).replace(/^\[(.*)\]$/s, '$1')
}
