import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSchedule } from './schedule-expression.ts'

const AFTER = Date.UTC(2026, 0, 15, 9, 30) // a Thursday

function firstOf(expression: string, count: number): string[] {
  const next = compileSchedule(expression)
  const found: string[] = []
  let at: number | undefined = AFTER
  while (next && found.length < count) {
    at = next(at)
    if (at === undefined) break
    found.push(new Date(at).toISOString().slice(0, 16))
  }
  return found
}

test.each([
  ['rate(1 minute)', ['2026-01-15T09:31', '2026-01-15T09:32']],
  ['rate(5 minutes)', ['2026-01-15T09:35', '2026-01-15T09:40']],
  ['rate(1 hour)', ['2026-01-15T10:30', '2026-01-15T11:30']],
  ['rate(7 days)', ['2026-01-22T09:30', '2026-01-29T09:30']],
  ['cron(0 10 * * ? *)', ['2026-01-15T10:00', '2026-01-16T10:00']],
  ['cron(15 12 * * ? *)', ['2026-01-15T12:15', '2026-01-16T12:15']],
  ['cron(0 18 ? * MON-FRI *)', ['2026-01-15T18:00', '2026-01-16T18:00', '2026-01-19T18:00']],
  ['cron(0 8 1 * ? *)', ['2026-02-01T08:00', '2026-03-01T08:00']],
  ['cron(0/15 * * * ? *)', ['2026-01-15T09:45', '2026-01-15T10:00']],
  ['cron(1/20 9 * * ? *)', ['2026-01-15T09:41', '2026-01-16T09:01']],
  ['cron(0/30 20-23 ? * 2-6 *)', ['2026-01-15T20:00', '2026-01-15T20:30']],
  ['cron(0 9 ? * 2#1 *)', ['2026-02-02T09:00', '2026-03-02T09:00']],
  ['cron(0 9 ? * 6L *)', ['2026-01-30T09:00', '2026-02-27T09:00']],
  ['cron(0 9 L * ? *)', ['2026-01-31T09:00', '2026-02-28T09:00']],
  ['cron(0 9 17W * ? *)', ['2026-01-16T09:00', '2026-02-17T09:00']],
  ['cron(0 9 ? * 1 *)', ['2026-01-18T09:00', '2026-01-25T09:00']],
  ['cron(0 9 1 JAN,JUL ? *)', ['2026-07-01T09:00', '2027-01-01T09:00']],
  ['cron(0 9 1 1 ? 2028)', ['2028-01-01T09:00']],
])('%s fires at %j', (expression, times) => {
  expect(firstOf(expression, times.length)).toEqual(times)
})

test.each([
  'rate(0 minutes)',
  'rate(1 minutes)',
  'rate(2 minute)',
  'rate(1.5 hours)',
  'rate(5 seconds)',
  'rate(5minutes)',
  'rate()',
  'every minute',
  'cron(* * * * *)',
  'cron(0 10 * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(0 10 1 * 2 *)',
  'cron(60 10 * * ? *)',
  'cron(0 24 * * ? *)',
  'cron(? 10 * * ? *)',
  'cron(0 10 * 13 ? *)',
  'cron(0 10 ? * 8 *)',
  'at(2026-01-01T00:00:00)',
])('%s is refused', (expression) => {
  expect(compileSchedule(expression)).toBeUndefined()
})

test('a schedule always fires later than the time it is asked from', () => {
  const expressions = fc.constantFrom(
    'rate(1 minute)',
    'rate(3 hours)',
    'cron(0/5 * * * ? *)',
    'cron(0 9 ? * 6L *)',
  )
  const times = fc.integer({ min: AFTER, max: AFTER + 5 * 365 * 86_400_000 })
  fc.assert(fc.property(expressions, times, (text, at) => (compileSchedule(text)?.(at) ?? 0) > at))
})
