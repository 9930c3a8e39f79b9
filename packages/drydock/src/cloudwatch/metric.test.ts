/** Metrics: what is read is what was put, in whatever order, and memory does not grow without end. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { datapointsOf, keep, type Sample } from './metric.ts'
import { sweep, TIERS } from './retention.ts'
import { emptyState, type MetricStat } from './state.ts'
import { isLowSampleCount, merge, statisticOf, summaryOf, summaryOfSet } from './statistics.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const named = { namespace: 'shop', name: 'Latency', dimensions: { Service: 'web' } }
const query = (overrides: Partial<MetricStat> = {}): MetricStat => {
  return { ...named, periodSeconds: 60, stat: 'Sum', ...overrides }
}
const sample = (at: number, value: number, overrides: Partial<Sample> = {}): Sample => {
  return { at, unit: 'None', resolution: 1, summary: summaryOf(value), ...overrides }
}
const lastHour = { start: NOW - HOUR, periodMs: 60_000, count: 60 }

test.each([
  ['SampleCount', 100],
  ['Sum', 5050],
  ['Average', 50.5],
  ['Minimum', 1],
  ['Maximum', 100],
  ['p50', 50],
  ['p99', 99],
  ['p99.5', 100],
  ['p0', 1],
  ['p100', 100],
])('%s of 1 to 100 is %d', (stat, expected) => {
  const summary = Array.from({ length: 100 }, (_, index) => summaryOf(index + 1)).reduce(merge)
  expect(statisticOf(summary, stat)).toBe(expected)
})

test('of a statistic set a percentile is known only where all values are the same', () => {
  expect(statisticOf(summaryOfSet({ count: 3, sum: 6, min: 1, max: 3 }), 'p50')).toBeUndefined()
  expect(statisticOf(summaryOfSet({ count: 3, sum: 6, min: 2, max: 2 }), 'p50')).toBe(2)
  expect(statisticOf(summaryOfSet({ count: 0, sum: 0, min: 0, max: 0 }), 'Average')).toBeUndefined()
})

test('of many distinct values percentiles are within half a per cent', () => {
  const values = Array.from({ length: 5000 }, (_, index) => 1 + index / 7)
  const summary = values.map((value) => summaryOf(value)).reduce(merge)
  expect(summary.values?.length).toBeLessThanOrEqual(1000)
  for (const p of [1, 50, 90, 99.9]) {
    const exact = values[Math.ceil((p / 100) * values.length) - 1] ?? 0
    expect(Math.abs((statisticOf(summary, `p${p}`) ?? 0) / exact - 1)).toBeLessThan(0.006)
  }
})

test.each([
  ['p99', 999, true],
  ['p99', 1001, false],
  ['p10', 99, true],
  ['p10', 100, false],
  ['Average', 1, false],
])('%s of %d samples: too few is %s', (stat, samples, expected) => {
  expect(isLowSampleCount(samples, stat)).toBe(expected)
})

test('data of another unit is not read where a unit is asked for', () => {
  const state = emptyState()
  keep(state, named, sample(NOW - 60_000, 1, { unit: 'Count' }), NOW)
  keep(state, named, sample(NOW - 60_000, 2, { unit: 'Seconds' }), NOW)
  const last = (unit?: string) => datapointsOf(state, query(unit ? { unit } : {}), lastHour).at(-1)?.value
  expect([last(), last('Count'), last('Seconds'), last('Bytes')]).toEqual([3, 1, 2, undefined])
})

test('data at a resolution of a minute is not seen in shorter periods', () => {
  const state = emptyState()
  keep(state, named, sample(NOW - 50_000, 1, { resolution: 60 }), NOW)
  const short = { start: NOW - 60_000, periodMs: 10_000, count: 6 }
  expect(datapointsOf(state, query(), short).filter(Boolean)).toEqual([])
  expect(datapointsOf(state, query(), lastHour).at(-1)?.value).toBe(1)
})

const samples = fc.array(
  fc.record({ ago: fc.integer({ min: 1, max: 3600 }), value: fc.integer({ min: -99, max: 99 }) }),
  { maxLength: 60 },
)

test('the order in which data is put does not matter', () => {
  fc.assert(
    fc.property(samples, fc.integer(), (data, seed) => {
      const put = (all: typeof data) => {
        const state = emptyState()
        for (const { ago, value } of all) keep(state, named, sample(NOW - ago * 1000, value), NOW)
        return state
      }
      const other = data.toSorted(
        (a, b) => ((a.ago * 31 + a.value * seed) % 17) - ((b.ago * 31 + b.value * seed) % 17),
      )
      expect(put(other)).toEqual(put(data))
    }),
  )
})

test('rolling up loses no sample while the data is young enough, and all of it in the end', () => {
  fc.assert(
    fc.property(samples, (data) => {
      const state = emptyState()
      for (const { ago, value } of data) keep(state, named, sample(NOW - ago * 1000, value), NOW)
      const metric = Object.values(state.metrics)[0]
      const count = () => (metric?.tiers ?? []).flat().reduce((total, bucket) => total + bucket.count, 0)
      for (const hours of [1, 3, 4, 25, 26, 27, 200]) {
        if (metric) sweep(metric, NOW + hours * HOUR)
        expect(count()).toBe(data.length)
      }
      if (metric) sweep(metric, NOW + 16 * 24 * HOUR)
      expect(count()).toBe(0)
    }),
  )
})

test('a metric that is put every second for a month keeps no more than its tiers hold', () => {
  const state = emptyState()
  const metric = () => Object.values(state.metrics)[0]
  const month = 30 * 24 * HOUR
  for (let at = NOW; at < NOW + month; at += 97_000) {
    keep(state, named, sample(at, 1), at)
    const known = metric()
    if (known && Math.floor(at / HOUR) !== Math.floor((at - 97_000) / HOUR)) sweep(known, at)
  }
  const most = TIERS.map(({ keepMs, sizeMs }) => (keepMs + HOUR) / sizeMs)
  const sizes = metric()?.tiers.map(({ length }) => length) ?? []
  expect(sizes.every((size, tier) => size <= (most[tier] ?? 0))).toBe(true)
  expect(sizes[2]).toBeGreaterThan(1000)
})
