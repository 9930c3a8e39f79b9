/**
 * Who writes in a place: one at a time, for a lease, and everyone else leaves word. `doing` holds what the writer was
 * handed, `errands` what was left since; nothing leaves either of them but by the word of the writer who has done it.
 */

import type { Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import * as z from 'zod/mini'
import { parseRow } from '../ledger/rows.ts'
import { placeRow, targetText } from '../ledger/table.ts'
import type { Documents } from '../wire/documents.ts'
import { assign, type Update, type Updated, updateRow } from './expressions.ts'
import type { Claim, DiscoveryLedger, Errand } from './ledger.ts'

/** Errands are short texts in sets: ten thousand of them are still in one row (DynamoDB: 400 KB). */
const texts = z.exactOptional(z.set(z.string()))

const placeRecord = z.object({
  /** Grows with every word that is left and every hand-over. */
  generation: z.int(),
  holder: z.exactOptional(z.string()),
  /** The generation at which `holder` was handed `doing`. */
  handedAt: z.exactOptional(z.int()),
  /** Milliseconds since the epoch. */
  leaseUntil: z.exactOptional(z.number()),
  doing: texts,
  errands: texts,
})

type PlaceRecord = z.infer<typeof placeRecord>
type Places = Pick<DiscoveryLedger, 'claim' | 'finish' | 'abandon'>

/** Who asks, for how long, and what time it is (ms). */
interface Writer {
  readonly holder: string
  readonly leaseMs: number
  readonly now: number
}

type Change = (update: Update) => Promise<Updated>

/** Each refusal means that someone else got on; this many in a row mean that something is wrong. */
const MOST_REFUSALS = 50

/** The places in the table `table`; `now` in ms. A row that something else wrote is told as `Failure` INVALID_CONFIG. */
export function placesOf(client: Documents, table: string, now: () => number): Places {
  const changeOf =
    (placeId: string): Change =>
    (update) =>
      updateRow(client, table, placeRow(placeId), update)
  return {
    async claim(placeId, errands, holder, leaseMs) {
      const change = changeOf(placeId)
      const left = errands.map(errandText)
      const taken = await takeQuiet(change, left, { holder, leaseMs, now: now() })
      if (taken.isDone) return heldBy(taken.row)
      return await claimBusy(change, left, () => ({ holder, leaseMs, now: now() }), taken.row)
    },
    finish: (placeId, held, leaseMs) =>
      finish(changeOf(placeId), held, { holder: held.holder, leaseMs, now: now() }),
    async abandon(placeId, holder) {
      const expression = 'REMOVE #holder, #leaseUntil, #handedAt'
      await changeOf(placeId)({ expression, condition: '#holder = :holder', values: { holder } })
    },
  }
}

const FREE = '(attribute_not_exists(#holder) OR #leaseUntil < :now)'

/** Takes a place where nothing waits: what is asked for is all there is. */
function takeQuiet(change: Change, left: readonly string[], { holder, leaseMs, now }: Writer) {
  const set = { holder, leaseUntil: now + leaseMs, ...(left.length > 0 && { doing: new Set(left) }) }
  const count = 'if_not_exists(#generation, :zero) + :one'
  return change({
    expression: `${assign(set)}, #generation = ${count}, #handedAt = ${count}`,
    condition: `${FREE} AND attribute_not_exists(#doing) AND attribute_not_exists(#errands)`,
    values: { ...set, now, zero: 0, one: 1 },
  })
}

async function claimBusy(
  change: Change,
  left: readonly string[],
  asking: () => Writer,
  there: Updated['row'],
): Promise<Claim> {
  let row = there
  for (let refusals = 0; refusals < MOST_REFUSALS; refusals++) {
    const writer = asking()
    const place = readPlace(row)
    if (isHeld(place, writer.now)) {
      const word = await leaveWord(change, left, writer.now)
      if (word.isDone) return { kind: 'left' }
      row = word.row
    } else {
      const taken = await takeOver(change, place, left, writer)
      if (taken.isDone) return heldBy(taken.row)
      row = taken.row
    }
  }
  throw new Failure('UNAVAILABLE', 'Too many write in one place of discovery at once. It is tried again.')
}

const isHeld = ({ holder, leaseUntil = 0 }: PlaceRecord, now: number): boolean =>
  holder !== undefined && leaseUntil >= now

/** Leaves word with the writer: one whose lease has run out would not hear it. */
function leaveWord(change: Change, left: readonly string[], now: number) {
  return change({
    expression: left.length ? 'ADD #errands :left, #generation :one' : 'ADD #generation :one',
    condition: 'attribute_exists(#holder) AND #leaseUntil >= :now',
    values: { now, one: 1, left: left.length ? new Set(left) : undefined },
  })
}

/** Takes a place with all that was left undone there; refused where anything has changed since `place` was read. */
function takeOver(change: Change, place: PlaceRecord, left: readonly string[], writer: Writer) {
  const { holder, leaseMs, now } = writer
  const { generation, doing = [], errands = [] } = place
  const all = new Set([...doing, ...errands, ...left])
  const next = generation + 1
  const set = {
    ...{ holder, leaseUntil: now + leaseMs, generation: next, handedAt: next },
    ...(all.size > 0 && { doing: all }),
  }
  return change({
    expression: `${assign(set)} REMOVE #errands`,
    condition: `${FREE} AND (attribute_not_exists(#generation) OR #generation = :read)`,
    values: { ...set, now, read: generation },
  })
}

async function finish(
  change: Change,
  { generation, holder }: { generation: number; holder: string },
  { leaseMs, now }: Writer,
): Promise<Claim | undefined> {
  const isOwn = '#holder = :holder AND #handedAt = :generation'
  const given = await change({
    expression: 'REMOVE #holder, #leaseUntil, #handedAt, #doing',
    condition: `${isOwn} AND attribute_not_exists(#errands)`,
    values: { holder, generation },
  })
  if (given.isDone) return undefined
  const place = readPlace(given.row)
  // Someone else took it when the lease had run out, and does again what was handed out here.
  if (place.holder !== holder || place.handedAt !== generation || !place.errands) return undefined
  // What is left from now on stays: only what was read is handed out, and taken from what waits.
  const set = { leaseUntil: now + leaseMs, doing: place.errands }
  const count = '#generation + :one'
  const handed = await change({
    expression: `${assign(set)}, #generation = ${count}, #handedAt = ${count} DELETE #errands :doing`,
    condition: isOwn,
    values: { ...set, one: 1, holder, generation },
  })
  return handed.isDone ? heldBy(handed.row) : undefined
}

function heldBy(row: Updated['row']): Claim {
  const { generation, doing = [] } = readPlace(row)
  return { kind: 'held', generation, errands: errandsOf([...doing]) }
}

function readPlace(row: Updated['row']): PlaceRecord {
  return row === undefined ? { generation: 0 } : parseRow(placeRecord, row)
}

const errandText = ({ target, verifies }: Errand): string =>
  `${verifies ? 'verify' : 'look'} ${targetText(target)}`

/** One errand for each target: it is verified if anyone asks for that. A set has no order, so they are given one. */
function errandsOf(all: readonly string[]): Errand[] {
  const byTarget = new Map<string, Errand>()
  for (const text of all.toSorted()) {
    const [how, kind, first = '', second = ''] = text.split(' ')
    const target: Target =
      kind === 'dns' ? { kind: 'dns', name: first } : { kind: 'cloud-map', namespace: first, service: second }
    const key = targetText(target)
    const verifies = how === 'verify' || byTarget.get(key)?.verifies === true
    byTarget.set(key, { target, verifies })
  }
  return [...byTarget.values()]
}
