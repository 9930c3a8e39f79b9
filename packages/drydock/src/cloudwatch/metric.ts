/** Metrics: how they are named, and their data read as datapoints of a period. */
import { bucketsIn, record, SWEEP_MS, TIERS } from './retention.ts'
import type { Bucket, CloudwatchState, Dimensions, MetricStat } from './state.ts'
import { merge, type Summary, statisticOf } from './statistics.ts'

interface Named {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Dimensions
}

/** Samples to keep. `at` in milliseconds since the epoch. */
export interface Sample {
  readonly at: number
  readonly unit: string
  readonly summary: Summary
  /** 1 or 60 seconds. */
  readonly resolution: number
}

/** Adds samples of a metric, which is made if it is new. */
export function keep(state: CloudwatchState, named: Named, sample: Sample, now: number): void {
  const key = keyOf(named)
  let metric = state.metrics[key]
  if (!metric) {
    const { namespace, name, dimensions } = named
    metric = { namespace, name, dimensions: sorted(dimensions), updatedAt: now, tiers: TIERS.map(() => []) }
    state.metrics[key] = metric
  }
  metric.updatedAt = now
  state.sweepAt ??= now + SWEEP_MS
  record(metric, sample, sample.resolution, now)
}

export function keyOf({ namespace, name, dimensions }: Named): string {
  return JSON.stringify([namespace, name, Object.entries(sorted(dimensions))])
}

function sorted(dimensions: Dimensions): Dimensions {
  return Object.fromEntries(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A datapoint; `at` is the beginning of its period. */
export interface Datapoint {
  readonly at: number
  readonly value: number
  readonly samples: number
}

/** Consecutive periods: `count` of them from `start` on. */
export interface Grid {
  readonly start: number
  readonly periodMs: number
  readonly count: number
}

/** The summaries of a metric by period, oldest first; `undefined` for a period without data (of that unit, if given). */
export function summariesOf(
  state: CloudwatchState,
  named: Named,
  { start, periodMs, count }: Grid,
  unit?: string,
): (Summary | undefined)[] {
  const found: (Summary | undefined)[] = Array.from({ length: count }, () => undefined)
  const metric = state.metrics[keyOf(named)]
  if (!metric) return found
  for (const bucket of bucketsIn(metric, start, start + periodMs * count, periodMs)) {
    if (unit !== undefined && bucket.unit !== unit) continue
    const index = Math.floor((bucket.at - start) / periodMs)
    const before = found[index]
    found[index] = before ? merge(before, bucket) : bucket
  }
  return found
}

/** The datapoints of a statistic by period, oldest first; `undefined` for a period without one. */
export function datapointsOf(
  state: CloudwatchState,
  query: MetricStat,
  grid: Grid,
): (Datapoint | undefined)[] {
  return summariesOf(state, query, grid, query.unit).map((summary, index) => {
    const value = summary && statisticOf(summary, query.stat)
    if (!summary || value === undefined) return undefined
    return { at: grid.start + index * grid.periodMs, value, samples: summary.count }
  })
}

/** The units in which a metric has data in these periods. */
export function unitsIn(state: CloudwatchState, named: Named, { start, periodMs, count }: Grid): string[] {
  const metric = state.metrics[keyOf(named)]
  if (!metric) return []
  const buckets: Iterable<Bucket> = bucketsIn(metric, start, start + periodMs * count, periodMs)
  return [...new Set(Array.from(buckets, ({ unit }) => unit))].sort()
}
