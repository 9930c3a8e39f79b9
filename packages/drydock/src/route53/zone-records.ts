/** The records of a zone as a whole: putting them in at a name, taking them out, and counting what lies below. */
import { emptyRecord } from '../service.ts'
import { parentOf } from './names.ts'
import type { RecordSetRecord, ZoneRecord } from './state.ts'

/** A zone's records before any is put in. */
export const noRecords = (): Pick<ZoneRecord, 'names' | 'below' | 'recordSetCount'> => ({
  names: emptyRecord(),
  below: emptyRecord(),
  recordSetCount: 0,
})

/** Puts these record sets, and no others, at a name. */
export function putAt(zone: ZoneRecord, name: string, sets: readonly RecordSetRecord[]): void {
  const before = zone.names[name]
  zone.recordSetCount += sets.length - (before?.length ?? 0)
  if (sets.length) zone.names[name] = sets
  else delete zone.names[name]
  const step = Number(sets.length > 0) - Number(before !== undefined)
  if (step) countBelow(zone, name, step)
}

function countBelow({ below, name: apex }: ZoneRecord, name: string, step: number): void {
  let at = name
  while (at !== apex) {
    const parent = parentOf(at)
    if (parent === undefined) return
    at = parent
    const count = (below[at] ?? 0) + step
    if (count) below[at] = count
    else delete below[at]
  }
}

/** Name, type and set identifier: what tells a record set from all others. */
export const keyOf = ({ type, setIdentifier }: Pick<RecordSetRecord, 'type' | 'setIdentifier'>): string =>
  setIdentifier === undefined ? type : `${type} ${setIdentifier}`
