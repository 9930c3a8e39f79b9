/**
 * Where a metric's samples are kept, and for how long: by the second for three hours, by the minute for 26 hours, by
 * five minutes for 15 days. Memory is bounded by the number of metrics, not by what is put into them.
 */
import type { Bucket, Metric } from './state.ts'
import { merge, type Summary } from './statistics.ts'

interface Tier {
  readonly sizeMs: number
  readonly keepMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Finest first. 26 hours hold the longest window of an alarm with periods of minutes: one day and two periods. */
export const TIERS: readonly Tier[] = [
  { sizeMs: 1000, keepMs: 3 * HOUR },
  { sizeMs: MINUTE, keepMs: 26 * HOUR },
  { sizeMs: 5 * MINUTE, keepMs: 15 * DAY },
]

/** How often what is old is rolled up and dropped. */
export const SWEEP_MS = 30 * MINUTE

/** Adds samples taken at `at`, at the given resolution (1 or 60 seconds). Samples too old to be kept are lost. */
export function record(
  metric: Metric,
  sample: { readonly at: number; readonly unit: string; readonly summary: Summary },
  resolutionSeconds: number,
  now: number,
): void {
  const least = TIERS.findIndex(({ sizeMs }) => sizeMs >= resolutionSeconds * 1000)
  const index = TIERS.findIndex(({ keepMs }, tier) => tier >= least && now - sample.at < keepMs)
  if (index >= 0) insert(metric, index, sample)
}

function insert(
  metric: Metric,
  tier: number,
  { at, unit, summary }: { at: number; unit: string; summary: Summary },
): void {
  const size = TIERS[tier]?.sizeMs ?? 1
  const start = Math.floor(at / size) * size
  const buckets = metric.tiers[tier]
  if (!buckets) return
  let index = firstFrom(buckets, start)
  while (index < buckets.length && buckets[index]?.at === start && (buckets[index]?.unit ?? '') < unit)
    index++
  const known = buckets[index]
  if (known && known.at === start && known.unit === unit)
    buckets[index] = { at: start, unit, ...merge(known, summary) }
  else buckets.splice(index, 0, { at: start, unit, ...summary })
}

/** Moves what is too old for its tier to the next one, and drops what is too old for all. */
export function sweep(metric: Metric, now: number): void {
  for (const [index, { keepMs }] of TIERS.entries()) {
    const buckets = metric.tiers[index] ?? []
    const old = buckets.splice(0, firstFrom(buckets, now - keepMs))
    if (index + 1 === TIERS.length) continue
    for (const { at, unit, ...summary } of old) insert(metric, index + 1, { at, unit, summary })
  }
}

/** All buckets that begin from `from` until before `to` and are no longer than `periodMs`. */
export function* bucketsIn(metric: Metric, from: number, to: number, periodMs: number): Iterable<Bucket> {
  for (const [index, { sizeMs }] of TIERS.entries()) {
    if (sizeMs > periodMs) return
    const buckets = metric.tiers[index] ?? []
    for (let i = firstFrom(buckets, from); i < buckets.length; i++) {
      const bucket = buckets[i]
      if (!bucket || bucket.at >= to) break
      yield bucket
    }
  }
}

/** The index of the first bucket that begins at `at` or later. */
function firstFrom(buckets: readonly Bucket[], at: number): number {
  let [low, high] = [0, buckets.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((buckets[middle]?.at ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}
