/**
 * Statistics of samples: summaries that can be merged in any order, and what is read from them. A summary keeps how often
 * each value was seen, so that percentiles can be told; statistic sets do not say that, and then nobody can.
 */

/** A value, and how often it was seen. */
type Seen = readonly [value: number, count: number]

/** Samples of one metric in one stretch of time. */
export interface Summary {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** How often each value was seen, by rising values; absent where that is not known. */
  readonly values?: readonly Seen[]
}

/**
 * More distinct values than this are kept to three significant digits (percentiles are then within 0.5 %), or to two if
 * that is still too many.
 */
const MOST_DISTINCT = 1000

/** A summary of `count` samples (one unless told) that all have the same value. */
export function summaryOf(value: number, count = 1): Summary {
  return { count, sum: value * count, min: value, max: value, values: [[value, count]] }
}

/** A statistic set: its values are known only if they must all be the same (CloudWatch User Guide, Percentiles). */
export function summaryOfSet(set: Omit<Summary, 'values'>): Summary {
  const { count, sum, min, max } = set
  const values = count > 0 && min === max ? [[min, count] as const] : undefined
  return { count, sum, min, max, ...(values && { values }) }
}

/** Both together; the order does not matter. */
export function merge(a: Summary, b: Summary): Summary {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    ...(a.values && b.values && { values: mergeValues(a.values, b.values) }),
  }
}

function mergeValues(a: readonly Seen[], b: readonly Seen[]): readonly Seen[] {
  const merged: Seen[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]]
    if (one && other && one[0] === other[0]) merged.push([one[0], one[1] + other[1]])
    else if (one && (!other || one[0] < other[0])) merged.push(one)
    else if (other) merged.push(other)
    if (one && (!other || one[0] <= other[0])) i++
    if (other && (!one || other[0] <= one[0])) j++
  }
  if (merged.length <= MOST_DISTINCT) return merged
  const coarse = coarsen(merged, 3)
  return coarse.length > MOST_DISTINCT ? coarsen(coarse, 2) : coarse
}

/** Rounding keeps the order, so what becomes equal is side by side. */
function coarsen(values: readonly Seen[], digits: number): readonly Seen[] {
  const coarse: Seen[] = []
  for (const [value, count] of values) {
    const key = Number(value.toPrecision(digits))
    const last = coarse.at(-1)
    if (last?.[0] === key) coarse[coarse.length - 1] = [key, last[1] + count]
    else coarse.push([key, count])
  }
  return coarse
}

const SIMPLE: Readonly<Record<string, (summary: Summary) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
}

/** Whether this is one of the five statistics of the API (`Average`, `Sum`, …). */
export function isStatistic(stat: string): boolean {
  return Object.hasOwn(SIMPLE, stat)
}

/** The percentile that `p99.9` names, from 0 to 100; `undefined` if it names none. */
export function percentileOf(stat: string): number | undefined {
  const digits = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(stat)?.[1]
  const percentile = Number(digits)
  return digits && percentile <= 100 ? percentile : undefined
}

/** A statistic of a summary; `undefined` where there are no samples, or a percentile cannot be told. */
export function statisticOf(summary: Summary, stat: string): number | undefined {
  if (summary.count <= 0) return undefined
  const simple = Object.hasOwn(SIMPLE, stat) ? SIMPLE[stat] : undefined
  if (simple) return simple(summary)
  const percentile = percentileOf(stat)
  return percentile === undefined || !summary.values ? undefined : rank(summary, summary.values, percentile)
}

/** The smallest value that at least so many per cent of the samples do not exceed. */
function rank({ count, max }: Summary, values: readonly Seen[], percentile: number): number {
  const wanted = (percentile / 100) * count
  let seen = 0
  for (const [value, times] of values) {
    seen += times
    if (seen >= wanted) return value
  }
  return max
}

/**
 * Whether so few samples say little about a percentile: below 10/(1-p), for lower percentiles 10/p.
 * CloudWatch User Guide, "Percentile-based alarms and low data samples".
 */
export function isLowSampleCount(samples: number, stat: string): boolean {
  const percentile = percentileOf(stat)
  if (percentile === undefined) return false
  const p = percentile / 100
  return samples < 10 / (p >= 0.5 ? 1 - p : p)
}
