import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseConfig } from './config.ts'
import { activeFreezes, type Freeze, problemsOfFreeze, readFreezes } from './freeze.ts'
import { sentencesOf } from './problem.ts'

const WEB = { cluster: 'prod', service: 'web' }
const HOUR = 3_600_000

function freeze(overrides: Partial<Freeze> = {}): Freeze {
  return { id: 'f', scope: 'all', reason: 'quiet', by: 'ann', ...overrides }
}

const WEEKEND = freeze({ rule: 'FREQ=WEEKLY;BYDAY=FR;BYHOUR=16', duration: '64h', timeZone: 'Europe/Berlin' })

/** When the freeze that holds at this time ends: a time, `for ever`, or `-` where none holds. */
function endAt(time: string, ...freezes: Freeze[]): string {
  const [active] = activeFreezes(freezes, WEB, Date.parse(time))
  if (active === undefined) return '-'
  return active.until === undefined
    ? 'for ever'
    : new Date(active.until).toISOString().replace(':00.000Z', 'Z')
}

test.each<[string, Freeze, string, string]>([
  // 2026-01-02 is a Friday; Berlin is an hour ahead of UTC in winter and two in summer.
  ['a minute before it begins', WEEKEND, '2026-01-02T14:59Z', '-'],
  ['as it begins', WEEKEND, '2026-01-02T15:00Z', '2026-01-05T07:00Z'],
  ['in the middle', WEEKEND, '2026-01-04T12:00Z', '2026-01-05T07:00Z'],
  ['a moment before it ends', WEEKEND, '2026-01-05T06:59:59Z', '2026-01-05T07:00Z'],
  ['as it ends', WEEKEND, '2026-01-05T07:00Z', '-'],
  ['in summer it begins at the same local time', WEEKEND, '2026-07-03T14:00Z', '2026-07-06T06:00Z'],
  ['in summer not a minute earlier', WEEKEND, '2026-07-03T13:59Z', '-'],
  // Clocks go forward on Sunday 2026-03-29: 64 hours that pass end at 09:00 local, not at 08:00.
  ['over the change to summer', WEEKEND, '2026-03-28T00:00Z', '2026-03-30T07:00Z'],
  ['over the change to winter', WEEKEND, '2026-10-24T00:00Z', '2026-10-26T06:00Z'],
])('Friday 16:00 in Berlin for 64 hours: %s', (_, given, time, end) => {
  expect(endAt(time, given)).toBe(end)
})

function daily(rule: string, overrides: Partial<Freeze> = {}): Freeze {
  return freeze({ rule, duration: '1h', timeZone: 'Europe/Berlin', ...overrides })
}

test.each<[string, Freeze, string, string]>([
  [
    'in the gap it begins when the gap ends',
    daily('FREQ=DAILY;BYHOUR=2;BYMINUTE=30'),
    '2026-03-29T01:00Z',
    '2026-03-29T02:00Z',
  ],
  ['in the gap not before', daily('FREQ=DAILY;BYHOUR=2;BYMINUTE=30'), '2026-03-29T00:59Z', '-'],
  [
    'in the gap likewise with several hours',
    daily('FREQ=DAILY;BYHOUR=2,14;BYMINUTE=30'),
    '2026-03-29T01:00Z',
    '2026-03-29T02:00Z',
  ],
  [
    'in the overlap it begins the first time',
    daily('FREQ=DAILY;BYHOUR=2;BYMINUTE=30'),
    '2026-10-25T00:30Z',
    '2026-10-25T01:30Z',
  ],
  ['in the overlap not again', daily('FREQ=DAILY;BYHOUR=2;BYMINUTE=30'), '2026-10-25T01:45Z', '-'],
  [
    'the day of one window in the gap',
    freeze({ start: '2026-03-29T02:30', duration: '1h', timeZone: 'Europe/Berlin' }),
    '2026-03-29T01:30Z',
    '2026-03-29T02:00Z',
  ],
])('a change of clocks: %s', (_, given, time, end) => {
  expect(endAt(time, given)).toBe(end)
})

const utc = (rule: string, overrides: Partial<Freeze> = {}) => freeze({ rule, duration: '24h', ...overrides })

test.each<[string, Freeze, string, string]>([
  ['a freeze without an end', freeze(), '2026-01-01T00:00Z', 'for ever'],
  [
    'a freeze with an end',
    freeze({ until: Date.parse('2026-01-02T00:00Z') }),
    '2026-01-01T00:00Z',
    '2026-01-02T00:00Z',
  ],
  ['a freeze that is over', freeze({ until: Date.parse('2026-01-01T00:00Z') }), '2026-01-01T00:00Z', '-'],
  ['a freeze that has not begun', freeze({ at: Date.parse('2026-01-02T00:00Z') }), '2026-01-01T00:00Z', '-'],
  [
    'a window cut short',
    utc('FREQ=DAILY;BYHOUR=0', { duration: '2h', until: Date.parse('2026-01-01T01:00Z') }),
    '2026-01-01T00:30Z',
    '2026-01-01T01:00Z',
  ],
  [
    'one window',
    freeze({ start: '2026-12-20T18:00', duration: '14d' }),
    '2026-12-31T00:00Z',
    '2027-01-03T18:00Z',
  ],
  [
    'one window that is over',
    freeze({ start: '2025-12-20T18:00', duration: '14d' }),
    '2026-12-31T00:00Z',
    '-',
  ],
  ['one window that comes', freeze({ start: '2027-12-20T18:00', duration: '14d' }), '2026-12-31T00:00Z', '-'],
  ['a prefix and small letters', utc('rrule:freq=daily'), '2026-01-01T00:00Z', 'for ever'],
  ['the last day of a month', utc('FREQ=MONTHLY;BYMONTHDAY=-1'), '2026-02-28T12:00Z', '2026-03-01T00:00Z'],
  ['the 31st, which April lacks', utc('FREQ=MONTHLY;BYMONTHDAY=31'), '2026-04-30T12:00Z', '-'],
  ['the last Friday', utc('FREQ=MONTHLY;BYDAY=-1FR'), '2026-01-30T12:00Z', '2026-01-31T00:00Z'],
  ['not the one before it', utc('FREQ=MONTHLY;BYDAY=-1FR'), '2026-01-23T12:00Z', '-'],
  ['the second Tuesday', utc('FREQ=MONTHLY;BYDAY=2TU'), '2026-01-13T12:00Z', '2026-01-14T00:00Z'],
  ['Friday the 13th', utc('FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13'), '2026-02-13T12:00Z', '2026-02-14T00:00Z'],
  ['any other 13th', utc('FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13'), '2026-01-13T12:00Z', '-'],
  ['each year', utc('FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24'), '2030-12-24T12:00Z', '2030-12-25T00:00Z'],
  [
    'the fourth Thursday of November',
    utc('FREQ=YEARLY;BYMONTH=11;BYDAY=4TH'),
    '2026-11-26T12:00Z',
    '2026-11-27T00:00Z',
  ],
  [
    'what the rule leaves to its start',
    utc('FREQ=YEARLY', { start: '2020-05-01T08:00' }),
    '2026-05-01T08:00Z',
    '2026-05-02T08:00Z',
  ],
  [
    'the weekday of its start',
    utc('FREQ=WEEKLY', { start: '2026-01-02T00:00' }),
    '2026-01-09T01:00Z',
    '2026-01-10T00:00Z',
  ],
  [
    'the day of its start',
    utc('FREQ=MONTHLY', { start: '2026-01-05' }),
    '2026-03-05T01:00Z',
    '2026-03-06T00:00Z',
  ],
  [
    'every second week',
    utc('FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', { start: '2026-01-02' }),
    '2026-01-16T01:00Z',
    '2026-01-17T00:00Z',
  ],
  [
    'not the week between',
    utc('FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', { start: '2026-01-02' }),
    '2026-01-09T01:00Z',
    '-',
  ],
  [
    'a Sunday of a week that begins on Monday',
    utc('FREQ=WEEKLY;INTERVAL=2;BYDAY=SU', { start: '2026-01-02' }),
    '2026-01-04T01:00Z',
    '2026-01-05T00:00Z',
  ],
  [
    'a Sunday of a week that begins on it',
    utc('FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU', { start: '2026-01-02' }),
    '2026-01-04T01:00Z',
    '-',
  ],
  [
    'every third day',
    utc('FREQ=DAILY;INTERVAL=3', { start: '2026-01-01' }),
    '2026-03-02T01:00Z',
    '2026-03-03T00:00Z',
  ],
  [
    'every quarter',
    utc('FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1', { start: '2026-01-01' }),
    '2026-04-01T01:00Z',
    '2026-04-02T00:00Z',
  ],
  [
    'every second year',
    utc('FREQ=YEARLY;INTERVAL=2', { start: '2024-02-29' }),
    '2028-02-29T01:00Z',
    '2028-03-01T00:00Z',
  ],
  ['not before its start', utc('FREQ=DAILY', { start: '2026-01-02' }), '2026-01-01T12:00Z', '-'],
  [
    'until a day',
    utc('FREQ=DAILY;BYHOUR=0;UNTIL=20260102', { duration: '1h' }),
    '2026-01-02T00:30Z',
    '2026-01-02T01:00Z',
  ],
  ['not after it', utc('FREQ=DAILY;BYHOUR=0;UNTIL=20260102', { duration: '1h' }), '2026-01-03T00:30Z', '-'],
  [
    'until a moment',
    utc('FREQ=DAILY;UNTIL=20260102T000000Z', { duration: '1h' }),
    '2026-01-02T00:30Z',
    '2026-01-02T01:00Z',
  ],
  [
    'windows that follow each other are one',
    utc('FREQ=WEEKLY;BYDAY=SA,SU'),
    '2026-01-03T12:00Z',
    '2026-01-05T00:00Z',
  ],
  [
    'windows that overlap are one',
    utc('FREQ=DAILY;BYHOUR=8,9', { duration: '2h' }),
    '2026-01-03T08:30Z',
    '2026-01-03T11:00Z',
  ],
  [
    'windows without a gap have no end',
    utc('FREQ=DAILY', { duration: '25h' }),
    '2026-01-03T12:00Z',
    'for ever',
  ],
])('%s', (_, given, time, end) => {
  expect(endAt(time, given)).toBe(end)
})

test.each<[string, boolean]>([
  ['all', true],
  ['prod', true],
  ['prod/web', true],
  ['prod/api', false],
  ['test', false],
  ['web', false],
])('a freeze of %s concerns prod/web: %s', (scope, isFrozen) => {
  expect(activeFreezes([freeze({ scope })], WEB, 0)).toHaveLength(isFrozen ? 1 : 0)
})

test('each freeze that holds is told with who and why', () => {
  const held = activeFreezes(
    [freeze(), freeze({ id: 'g', scope: 'test' }), WEEKEND],
    WEB,
    Date.parse('2026-01-03T00:00Z'),
  )
  expect(held).toEqual([
    { id: 'f', scope: 'all', reason: 'quiet', by: 'ann' },
    { id: 'f', scope: 'all', reason: 'quiet', by: 'ann', until: Date.parse('2026-01-05T07:00Z') },
  ])
})

test.each<[string, Partial<Freeze>, string]>([
  [
    'a scope that is none',
    { scope: 'a/b/c' },
    'The freeze cannot be read: scope "a/b/c" is none; write all, a cluster, or cluster/service.',
  ],
  ['no reason', { reason: ' ' }, 'it says no reason; write one'],
  ['no duration', { rule: 'FREQ=DAILY' }, 'it says no duration; write one, such as 64h'],
  ['a duration alone', { duration: '1h' }, 'its duration has no beginning; write rule or start'],
  ['a bad duration', { rule: 'FREQ=DAILY', duration: '1' }, 'duration "1" is no duration; write 1s or 1m'],
  ['a short duration', { rule: 'FREQ=DAILY', duration: '1s' }, 'write at least 1m'],
  ['a long duration', { rule: 'FREQ=DAILY', duration: '32d' }, 'write at most 31d'],
  [
    'a time zone that is none',
    { timeZone: 'Europe/Berln' },
    'there is no time zone "Europe/Berln"; write one such as Europe/Berlin',
  ],
  ['an offset', { timeZone: '+02:00' }, 'there is no time zone "+02:00"'],
  [
    'a start that is none',
    { start: '2026-02-30', duration: '1h' },
    'start "2026-02-30" is no local time; write 2026-01-31T16:00',
  ],
])('%s is a problem that says what to write, and holds', (_, overrides, sentence) => {
  expect(problemsOfFreeze(freeze(overrides)).join(' ')).toContain(sentence)
  expect(activeFreezes([freeze(overrides)], WEB, 0)[0]?.reason).toContain(sentence)
})

test.each<[string, string]>([
  ['FREQ=SECONDLY', 'FREQ=SECONDLY begins windows too often; write FREQ=DAILY with BYHOUR'],
  ['FREQ=HOURLY', 'FREQ=HOURLY begins windows too often'],
  ['FREQ=WEEKLI;BYDAY=FR', 'FREQ cannot be WEEKLI; write WEEKLY'],
  ['BYDAY=FR', 'the rule says no FREQ'],
  ['', 'the rule is empty'],
  ['FREQ=DAILY;', 'has an empty part'],
  ['FREQ=DAILY;BYHUOR=3', 'BYHUOR is no part of a rule; write BYHOUR'],
  ['FREQ=DAILY;FREQ=DAILY', 'FREQ stands twice'],
  ['FREQ=DAILY;COUNT=3', 'COUNT is not followed; write UNTIL'],
  ['FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1', 'write an ordinal in BYDAY, such as BYDAY=-1FR'],
  ['FREQ=YEARLY;BYWEEKNO=1', 'BYWEEKNO is not followed'],
  ['FREQ=DAILY;BYHOUR=24', 'BYHOUR cannot be 24; write numbers from 0 to 23'],
  ['FREQ=DAILY;BYHOUR=1-3', 'BYHOUR cannot be 1-3'],
  ['FREQ=MONTHLY;BYMONTHDAY=0', 'write numbers from 1 to 31, or -1 for the last'],
  ['FREQ=MONTHLY;BYMONTHDAY=-3', 'write numbers from 1 to 31, or -1 for the last'],
  ['FREQ=WEEKLY;BYDAY=Friday', 'BYDAY cannot be FRIDAY; write MO to SU'],
  ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY cannot be 6MO'],
  ['FREQ=WEEKLY;BYDAY=1MO', 'an ordinal in BYDAY is of a month'],
  ['FREQ=WEEKLY;BYDAY=MO;BYMONTHDAY=1', 'BYMONTHDAY is not of a week; write FREQ=MONTHLY'],
  ['FREQ=WEEKLY', 'the rule says no weekday; write BYDAY=FR'],
  ['FREQ=MONTHLY', 'the rule says no day; write BYMONTHDAY=1 or BYDAY=1MO'],
  ['FREQ=YEARLY', 'the rule says no day; write BYMONTH and BYMONTHDAY'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', 'INTERVAL is counted from a start, which is missing'],
  ['FREQ=DAILY;INTERVAL=0', 'INTERVAL cannot be 0'],
  ['FREQ=DAILY;UNTIL=tomorrow', 'UNTIL cannot be TOMORROW; write 20261231'],
  ['FREQ=DAILY;UNTIL=20260231', 'UNTIL cannot be 20260231'],
  ['FREQ=DAILY;WKST=XX', 'WKST cannot be XX'],
  ['FREQ=DAILY;BYHOUR=1,2,3,4;BYMINUTE=0,10,20,30', 'begins 16 windows a day; write at most 12'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'the rule has no occurrence'],
])('the rule %s is a problem that says what to write', (rule, sentence) => {
  const problems = problemsOfFreeze(freeze({ rule, duration: '1h' }))
  expect(problems.join(' ')).toContain(sentence)
})

const readFrom = (config: object) => readFreezes(parseConfig(config).freezes)

test('freezes of the config file are read with their problems', () => {
  const { freezes, problems } = readFrom({
    freezes: [
      {
        scope: 'prod',
        rule: 'FREQ=WEEKLY;BYDAY=FR;BYHOUR=16',
        duration: '64h',
        timeZone: 'Europe/Berlin',
        reason: 'weekend',
      },
      { scope: 'all', reson: 'x', rule: 'FREQ=DAILY', duration: 3 },
      { scope: 'all', reason: 'always' },
      7,
    ],
  })
  expect(freezes.map(({ id, by }) => ({ id, by }))).toEqual(
    ['1', '2', '3'].map((id) => ({ id: `config-${id}`, by: 'config' })),
  )
  expect(endAt('2026-01-03T00:00Z', ...freezes.slice(0, 1))).toBe('2026-01-05T07:00Z')
  expect(sentencesOf(problems)).toEqual([
    'The config file: freezes[1] has an unknown key "reson"; write reason.',
    'The config file: freezes[1] cannot be read: it says no reason; write one.',
    'The config file: freezes[1] cannot be read: duration "3" is no duration; write 3s or 3m.',
    'The config file: freezes[2] cannot be read: it says no duration; write one, such as 64h.',
    "The config file: freezes[3] is no object; write { scope: 'all', rule: …, duration: …, reason: … }.",
  ])
  expect(sentencesOf(readFrom({ freezes: {} }).problems)).toEqual([
    'The config file: freezes is a list; write [{ scope: … }].',
  ])
  expect(readFrom({}).freezes).toEqual([])
})

const rules = fc
  .record({
    days: fc.subarray(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], { minLength: 1 }),
    hours: fc.subarray([0, 2, 3, 16, 23], { minLength: 1 }),
    minute: fc.constantFrom(0, 30),
  })
  .map(
    ({ days, hours, minute }) => `FREQ=WEEKLY;BYDAY=${days.join()};BYHOUR=${hours.join()};BYMINUTE=${minute}`,
  )

test('a window that holds still holds a moment before its end, and no longer at its end', () => {
  const moments = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) })
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
  )
  fc.assert(
    fc.property(rules, zones, fc.integer({ min: 1, max: 100 }), moments, (rule, timeZone, hours, now) => {
      const given = freeze({ rule, timeZone, duration: `${hours}h` })
      const [held] = activeFreezes([given], WEB, now)
      if (held?.until === undefined) return
      expect(held.until).toBeGreaterThan(now)
      expect(activeFreezes([given], WEB, held.until - 1)[0]?.until).toBe(held.until)
      expect(activeFreezes([given], WEB, held.until)).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('any text is a rule or a problem', () => {
  const part = fc.constantFrom(
    'FREQ=DAILY',
    'FREQ=WEEKLY',
    'BYDAY=FR',
    'BYHOUR=3',
    'UNTIL=20260101',
    'INTERVAL=2',
    ';',
    '=',
    'BYMONTHDAY=31',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join(';')),
  )
  fc.assert(
    fc.property(text, (rule) => {
      const given = freeze({ rule, duration: '1h', start: '2026-01-01' })
      expect(activeFreezes([given], WEB, 40 * HOUR).length).toBeLessThanOrEqual(1)
    }),
  )
})
