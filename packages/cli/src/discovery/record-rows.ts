/** The records at a name as rows of a table: Capstan's and everybody else's. Pure. */
import { recordKey, recordOf } from '@capstan/core/discovery/record.ts'
import type { DiscoveryRecord, NameView, OwnedRecord } from '@capstan/core/discovery/view.ts'
import { formatRecord } from './change-lines.ts'

/** A record at a name, with whose it is. */
export interface RecordAtName {
  readonly record: DiscoveryRecord
  readonly whose: string
}

const WHOSE: Readonly<Record<OwnedRecord['state'], string>> = {
  written: 'Capstan',
  intended: 'Capstan, begun',
  leaving: 'Capstan, leaving',
}

/** Capstan's records, then those of others, where it was read what is really there. */
export function recordsAt({ record, actual }: NameView): RecordAtName[] {
  const owned = lastOfEach(record?.owned ?? [])
  const there = actual && new Set(actual.map(recordKey))
  const ours = new Set(owned.map(recordKey))
  const foreign = (actual ?? []).filter((each) => !ours.has(recordKey(each)))
  return [
    ...owned.map((each) => ({
      record: recordOf(each),
      whose: there && !there.has(recordKey(each)) ? `${WHOSE[each.state]}, not there` : WHOSE[each.state],
    })),
    ...foreign.map((each) => ({ record: recordOf(each), whose: 'someone else' })),
  ]
}

/** Each record once: of a change that was begun the ledger has what was and what will be. */
function lastOfEach(owned: readonly OwnedRecord[]): OwnedRecord[] {
  return [...new Map(owned.map((each) => [recordKey(each), each])).values()]
}

/** How many records at a name are Capstan's, those that are about to go left out. */
export function countRecords({ record }: NameView): number {
  return lastOfEach(record?.owned ?? []).filter(({ state }) => state !== 'leaving').length
}

/** A record's row: RECORD, WHOSE. */
export function recordRow({ record, whose }: RecordAtName): string[] {
  return [formatRecord(record), whose]
}
