import type { Freeze } from '@capstan/core/freeze.ts'
import { expect, test } from 'vitest'
import { concerns, freezeRow, standingOfFreeze } from './freezes.ts'

const friday = Date.UTC(2026, 0, 2, 16)
const hour = 3_600_000
const freeze: Freeze = { id: 'f-1', scope: 'all', reason: 'launch', by: 'ann', at: friday }
const weekend = { ...freeze, rule: 'FREQ=WEEKLY;BYDAY=FR;BYHOUR=16;BYMINUTE=0', duration: '64h' }

test.each<[string, Freeze, number, object]>([
  ['holds until it is removed', freeze, friday, { state: 'holds' }],
  ['holds for a cluster', { ...freeze, scope: 'prod' }, friday, { state: 'holds' }],
  [
    'holds for a while',
    { ...freeze, until: friday + hour },
    friday,
    { state: 'holds', until: friday + hour },
  ],
  ['is over', { ...freeze, until: friday + hour }, friday + hour, { state: 'over', until: friday + hour }],
  ['holds in its window', weekend, friday + hour, { state: 'holds', until: friday + 64 * hour }],
  ['waits for its window', weekend, friday + 70 * hour, { state: 'waits' }],
])('a freeze that %s', (_, one, now, expected) => {
  expect(standingOfFreeze(one, now)).toEqual(expected)
})

test.each<[string, boolean]>([
  ['all', true],
  ['prod', true],
  ['prod/web', true],
  ['prod/api', false],
  ['test', false],
  ['web', false],
])('the scope %s concerns prod/web: %s', (scope, expected) => {
  expect(concerns(scope, { cluster: 'prod', service: 'web' })).toBe(expected)
})

test('a freeze that cannot be read holds, and the list says what to write', () => {
  const { duration: _, ...endless } = weekend
  const row = freezeRow(endless, friday)
  expect(row.slice(0, 4)).toEqual(['f-1', 'all', 'holds', 'until it can be read'])
  expect(row[5]).toContain('it says no duration; write one')
})

test('a list tells when it holds', () => {
  expect(freezeRow(freeze, friday)).toEqual(['f-1', 'all', 'holds', 'until it is removed', 'ann', 'launch'])
  expect(freezeRow({ ...weekend, timeZone: 'Europe/Berlin' }, friday + hour)[3]).toBe(
    '64h from FREQ=WEEKLY;BYDAY=FR;BYHOUR=16;BYMINUTE=0 (Europe/Berlin), until 2026-01-05T07:00:00.000Z',
  )
})
