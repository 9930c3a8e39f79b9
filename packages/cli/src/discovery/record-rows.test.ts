import { NAME, nameRecord, nameView } from '@capstan/core/discovery/builders.ts'
import type { ActualRecord, OwnedRecord } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { countRecords, recordRow, recordsAt } from './record-rows.ts'

const record = (id: string) => ({
  ...{ name: NAME, type: 'A', ttl: 10, setIdentifier: `capstan-${id}`, values: ['10.0.0.1'] },
})
const owned = (id: string, state: OwnedRecord['state'] = 'written'): OwnedRecord => ({ ...record(id), state })
const there = (id: string): ActualRecord => ({ ...record(id), isPlain: true })

const viewOf = (ours: readonly OwnedRecord[], actual?: readonly ActualRecord[]) =>
  nameView({ record: nameRecord({ owned: ours }), ...(actual && { actual }) })

/** The records by the last part of their identifiers, with whose they are. */
const whoseAt = (...args: Parameters<typeof viewOf>) =>
  recordsAt(viewOf(...args))
    .map(recordRow)
    .map(([text = '', whose = '']) => `${/-(\w)\)/.exec(text)?.[1]}: ${whose}`)

test("Capstan's records come first, with what is under way, then those of others", () => {
  const ours = [owned('a'), owned('b', 'intended'), owned('c', 'leaving')]
  expect(whoseAt(ours, [there('z'), there('a'), there('b'), there('c')])).toEqual([
    'a: Capstan',
    'b: Capstan, begun',
    'c: Capstan, leaving',
    'z: someone else',
  ])
})

test('a record that was taken away is told, and where nothing was read the ledger is believed', () => {
  expect(whoseAt([owned('a')], [])).toEqual(['a: Capstan, not there'])
  expect(whoseAt([owned('a')])).toEqual(['a: Capstan'])
})

test('a change that was begun is one record, and what is about to go counts no more', () => {
  expect(countRecords(nameView())).toBe(0)
  const changing = [owned('a'), owned('a', 'intended'), owned('b', 'leaving'), owned('c')]
  expect(countRecords(viewOf(changing))).toBe(2)
  expect(whoseAt(changing)).toEqual(['a: Capstan, begun', 'b: Capstan, leaving', 'c: Capstan'])
})
