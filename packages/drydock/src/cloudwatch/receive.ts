/** Takes in what the engine's own services measure: there no namespace is reserved, and nothing has to be checked. */
import { keep } from './metric.ts'
import type { CloudwatchContext } from './state.ts'
import { merge, type Summary, summaryOf, summaryOfSet } from './statistics.ts'

/** One metric of one stretch of time. `at` (when it began) in milliseconds since the epoch. */
export interface PublishedMetric {
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly at: number
  /** A unit of the API (`Count`, `Seconds`); `None` unless told. */
  readonly unit?: string
  /** How finely it is kept: 1 second unless told, so that alarms with periods of 10 seconds see it. */
  readonly resolution?: 1 | 60
  /** What was measured; each value with how often it was seen (once unless told), or what is known of them. */
  readonly samples: readonly { readonly value: number; readonly count?: number }[] | Omit<Summary, 'values'>
}

export type CloudwatchReport = {
  readonly kind: 'metrics'
  /** Such as `AWS/ApplicationELB`. */
  readonly namespace: string
  readonly metrics: readonly PublishedMetric[]
}

/** Keeps the metrics of a report. A metric without samples is none. */
export function receive({ namespace, metrics }: CloudwatchReport, { state, now }: CloudwatchContext): void {
  for (const { name, dimensions, at, unit = 'None', resolution = 1, samples } of metrics) {
    const summary = summarize(samples)
    if (summary && summary.count > 0)
      keep(state, { namespace, name, dimensions }, { at, unit, resolution, summary }, now)
  }
}

function summarize(samples: PublishedMetric['samples']): Summary | undefined {
  if ('sum' in samples) return summaryOfSet(samples)
  const each = samples.map(({ value, count }) => summaryOf(value, count))
  return each.length ? each.reduce(merge) : undefined
}
