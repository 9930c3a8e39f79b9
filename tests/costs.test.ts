/** The bill by table, and docs/costs.md by the counts that it says it is made of. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { billOf, type Counted, type Counts, type Fleet, monthOf, totalOf } from '../bench/costs/bill.ts'
import { weightOf } from '../bench/costs/meter.ts'
import { billTable, countsTable, FLEET, fitted, monthTable } from '../bench/costs/page.ts'

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

const none: Counts = {
  ...{ invocations: 0, calls: 0, reads: 0, writes: 0, queueRequests: 0 },
  ...{ metricsRead: 0, metricCalls: 0, events: 0, logBytes: 0 },
}
const idle: Counted = {
  ...{ services: 10, quietMinute: none, delivery: none, tableBytes: 0 },
  ...{ bytesPerDelivery: 0, metricsPerService: 0, metrics: 0 },
}
const fleet: Fleet = { deliveriesPerDay: 20, alarms: 0, dashboards: 0 }
const GB = 1024 ** 3

/** A month has 43,200 minutes; ten services have 6,000 deliveries in it. */
test.each<[string, Partial<Counted>, Partial<Fleet>, string, number]>([
  [
    'a million requests of functions',
    { delivery: { ...none, invocations: 1e6 / 6000 } },
    {},
    'Lambda requests',
    0.2,
  ],
  ['reads of each minute', { quietMinute: { ...none, reads: 1000 } }, {}, 'DynamoDB reads', 43.2 * 0.125],
  ['writes of each delivery', { delivery: { ...none, writes: 100 } }, {}, 'DynamoDB writes', 0.6 * 0.625],
  ['what a queue is asked for nothing', {}, {}, 'SQS requests', 0.648 * 0.4],
  ['own events', { delivery: { ...none, events: 3 } }, {}, 'EventBridge, own events', 0.018],
  ['a GB of log', { delivery: { ...none, logBytes: GB / 6000 } }, {}, 'CloudWatch Logs', 0.5],
  [
    'metrics by the thousand',
    { quietMinute: { ...none, metricsRead: 10 } },
    {},
    'CloudWatch GetMetricData',
    4.32,
  ],
  ['ten thousand metrics', { metricsPerService: 1000 }, {}, 'CloudWatch metrics, at most', 3000],
  ['a metric beyond', { metrics: 1, metricsPerService: 1000 }, {}, 'CloudWatch metrics, at most', 3000.1],
  ['alarms', {}, { alarms: 20 }, 'CloudWatch alarms', 2],
  ['a dashboard', {}, { dashboards: 1 }, 'CloudWatch dashboard', 3],
  ['a table and its backup', { tableBytes: GB }, {}, 'DynamoDB storage and backup', 0.45],
  [
    'calls of 20 ms, at 256 MB',
    { quietMinute: { ...none, calls: 100 } },
    {},
    'Lambda duration',
    86_400 * 0.25 * 0.0000133334,
  ],
])('%s', (_, counted, more, what, dollars) => {
  const bill = billOf({ ...idle, ...counted }, { ...fleet, ...more })
  expect(bill.find((line) => line.what === what)?.dollars).toBeCloseTo(dollars, 6)
})

test('the bill of a fleet is the sum of its lines', () => {
  const bill = billOf({ ...idle, metrics: 10 }, { ...fleet, dashboards: 1 })
  expect(totalOf(bill)).toBeCloseTo(3 + 3 + 0.2592, 6)
  expect(monthOf(idle, fleet).queueRequests).toBe(648_000)
})

test('a larger fleet lies on the line through two that were counted', () => {
  const at = (services: number, reads: number): Counted => ({
    ...{ ...idle, services, quietMinute: { ...none, reads } },
  })
  expect(fitted([at(10, 20), at(100, 200)])[2]?.quietMinute.reads).toBeCloseTo(2000)
})

test.each<[string, unknown, number]>([
  ['a text', { S: 'abc' }, 3],
  ['a map, with 3 bytes and one for each of its names', { M: { ab: { S: 'c' } } }, 3 + 2 + 1 + 1],
  ['bytes as they are', { B: new Uint8Array(5) }, 5],
])('%s weighs what DynamoDB counts', (_, value, bytes) => expect(weightOf(value)).toBe(bytes))

test('the page has the tables that follow from the committed counts', () => {
  const page = read('../docs/costs.md')
  const counted = fitted(JSON.parse(read('../bench/costs/counts.json')))
  expect(page).toContain(billTable(counted, FLEET))
  expect(page).toContain(monthTable(counted, FLEET))
  for (const stretch of ['quietMinute', 'delivery'] as const)
    expect(page).toContain(countsTable(counted, stretch))
})
