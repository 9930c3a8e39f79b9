import { expect, test } from 'vitest'
import { durationMs, muteStatus, muteType } from './mute-schedule.ts'

const HOUR = 3_600_000

test.each([
  ['PT4H', 4 * HOUR],
  ['P2DT12H', 60 * HOUR],
  ['P15D', 360 * HOUR],
  ['PT1M', 60_000],
  ['PT90M', 1.5 * HOUR],
  ['PT30S', undefined],
  ['P16D', undefined],
  ['P15DT1M', undefined],
  ['PT', undefined],
  ['P', undefined],
  ['P1DT', undefined],
  ['4h', undefined],
])('the duration %s is %s ms', (text, expected) => {
  expect(durationMs(text)).toBe(expected)
})

test.each([
  ['cron(0 2 * * *)', 'RECURRING'],
  ['cron(0 2 * * SUN)', 'RECURRING'],
  ['cron(0 18 1,15 JAN-MAR *)', 'RECURRING'],
  ['at(2026-05-10T14:00)', 'ONE_TIME'],
  ['cron(0 2 * *)', undefined],
  ['cron(61 2 * * *)', undefined],
  ['at(2026-05-10)', undefined],
  ['rate(1 hour)', undefined],
])('%s is %s', (expression, expected) => {
  expect(muteType({ expression, duration: 'PT1H' })).toBe(expected)
})

test('a time zone that is none makes no schedule', () => {
  expect(muteType({ expression: 'cron(0 2 * * *)', duration: 'PT1H', timezone: 'Mars/Base' })).toBeUndefined()
})

const NIGHTLY = { expression: 'cron(0 2 * * *)', duration: 'PT4H' }
const ONCE = { expression: 'at(2026-01-01T12:00)', duration: 'PT1H' }

test.each([
  ['before the window', NIGHTLY, '2026-01-01T01:59:59Z', 'SCHEDULED'],
  ['at its beginning', NIGHTLY, '2026-01-01T02:00:00Z', 'ACTIVE'],
  ['inside', NIGHTLY, '2026-01-01T05:59:59Z', 'ACTIVE'],
  ['at its end', NIGHTLY, '2026-01-01T06:00:00Z', 'SCHEDULED'],
  ['in another zone', { ...NIGHTLY, timezone: 'America/New_York' }, '2026-01-01T07:00:00Z', 'ACTIVE'],
  ['before an only window', ONCE, '2026-01-01T11:59:00Z', 'SCHEDULED'],
  ['in an only window', ONCE, '2026-01-01T12:30:00Z', 'ACTIVE'],
  ['after an only window', ONCE, '2026-01-01T13:00:00Z', 'EXPIRED'],
  [
    'before its start date',
    { ...NIGHTLY, startAt: Date.UTC(2026, 0, 2) },
    '2026-01-01T03:00:00Z',
    'SCHEDULED',
  ],
  [
    'after its expire date',
    { ...NIGHTLY, expireAt: Date.UTC(2026, 0, 1) },
    '2026-01-01T03:00:00Z',
    'EXPIRED',
  ],
])('%s', (_, schedule, now, expected) => {
  expect(muteStatus(schedule, Date.parse(now))).toBe(expected)
})
