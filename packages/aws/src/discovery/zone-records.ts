/** What is really in a hosted zone at some names, read in as few requests as may be. */

import type { ActualRecord } from '@capstan/core/discovery/view.ts'
import { settleEach, valuesOrFirstError } from '../parallel.ts'
import type { RecordSetPage } from '../wire/route53-protocol.ts'
import type { Route53Api } from './clients.ts'
import { type Pace, patiently } from './patience.ts'
import { actualRecord } from './record-sets.ts'

/** API Reference, ListResourceRecordSets: the largest page. */
const PAGE = 300
/** Names that are read at a time: half of what Route 53 takes each second of all of an account. */
const AT_ONCE = 5

/** A page from a record set on. */
type Start = Pick<RecordSetPage, 'NextRecordName' | 'NextRecordType' | 'NextRecordIdentifier'>

export interface ZoneReading {
  readonly route53: Route53Api
  readonly zoneId: string
  /** Resolves with the number of record sets in the zone, as far as it is known. */
  readonly sizeOf: () => Promise<number | undefined>
  readonly deadline: number
  readonly pace: Pace
}

/**
 * All records at each of `names` (in their order), and one label below it: the names of its tasks, and `_capstan.`.
 * Throws `Failure` NOT_FOUND where the zone is gone, UNAVAILABLE where it is throttled beyond the deadline.
 */
export async function readNames(names: readonly string[], reading: ZoneReading): Promise<ActualRecord[][]> {
  // A name takes at least one request; so does each page of the zone.
  const most = names.length * PAGE
  if (names.length > 1 && ((await reading.sizeOf()) ?? Number.POSITIVE_INFINITY) <= most) {
    const all = await readFrom(undefined, () => true, reading)
    const byName = Map.groupBy(all, ({ name }) => name)
    const byParent = Map.groupBy(all, ({ name }) => parentOf(name))
    return names.map((name) => [...(byName.get(name) ?? []), ...(byParent.get(name) ?? [])])
  }
  return valuesOrFirstError(await settleEach(names, (name) => readOne(name, reading), AT_ONCE))
}

/**
 * Lists sort by reversed labels, so what is below a name comes right after it, and `_capstan.` among them (API Reference,
 * ListResourceRecordSets: sort order).
 */
async function readOne(name: string, reading: ZoneReading): Promise<ActualRecord[]> {
  const below = await readFrom(
    { NextRecordName: name },
    (last) => last === name || last.endsWith(`.${name}`),
    reading,
  )
  return below.filter((record) => record.name === name || parentOf(record.name) === name)
}

const parentOf = (name: string) => name.slice(name.indexOf('.') + 1)

/** Page by page, as long as the last name of one is still of interest. */
async function readFrom(
  start: Start | undefined,
  isNear: (last: string) => boolean,
  reading: ZoneReading,
): Promise<ActualRecord[]> {
  const found: ActualRecord[] = []
  for (let next = start; ; ) {
    const page = await readPage(next, reading)
    found.push(...(page.ResourceRecordSets ?? []).map(actualRecord))
    const last = found.at(-1)
    if (!page.IsTruncated || !last || !isNear(last.name)) return found
    next = page
  }
}

function readPage(start: Start | undefined, { route53, zoneId, deadline, pace }: ZoneReading) {
  return patiently(
    () =>
      route53.call('ListResourceRecordSets', {
        HostedZoneId: zoneId,
        MaxItems: PAGE,
        StartRecordName: start?.NextRecordName,
        StartRecordType: start?.NextRecordType,
        StartRecordIdentifier: start?.NextRecordIdentifier,
      }),
    deadline,
    pace,
  )
}
