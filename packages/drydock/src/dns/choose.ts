/** Which record sets of one name and type are answered with (Developer Guide: choosing a routing policy). Pure but for `random`. */
import type { RecordSet } from './zone.ts'

/** Developer Guide, multivalue answer routing: up to eight healthy records. */
const MOST_ANSWERS = 8

/** A number from 0 to below 1. */
export type Random = () => number

/** The chosen ones. `isHealthy` says of a set whether it may be given; where none may, all are taken as if they might. */
export function choose(
  sets: readonly RecordSet[],
  isHealthy: (set: RecordSet) => boolean,
  region: string,
  random: Random,
): readonly RecordSet[] {
  const [first] = sets
  if (!first || first.routing === 'simple') return sets
  if (first.routing === 'failover') return [failover(sets, isHealthy)].flatMap((set) => set ?? [])
  const healthy = sets.filter(isHealthy)
  if (first.routing === 'multivalue') return sample(healthy.length ? healthy : sets, MOST_ANSWERS, random)
  const chosen =
    first.routing === 'weighted'
      ? weighted(sets, healthy, random)
      : nearest(healthy.length ? healthy : sets, region)
  return chosen ? [chosen] : []
}

/** The primary while it is healthy; the secondary while that is; where neither is, the primary. */
function failover(sets: readonly RecordSet[], isHealthy: (set: RecordSet) => boolean): RecordSet | undefined {
  const primary = sets.find((set) => set.isPrimary)
  const secondary = sets.find((set) => !set.isPrimary)
  if (primary && isHealthy(primary)) return primary
  return secondary && (isHealthy(secondary) || !primary) ? secondary : primary
}

/**
 * By weight among the healthy; those of weight 0 only where no other is. Developer Guide, health checks of weighted
 * records: where all that have a weight are unhealthy, those of weight 0 are considered, and then all.
 */
function weighted(
  sets: readonly RecordSet[],
  healthy: readonly RecordSet[],
  random: Random,
): RecordSet | undefined {
  const candidates = healthy.length ? healthy : sets
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  if (!total) return candidates[Math.floor(random() * candidates.length)]
  let at = random() * total
  for (const set of candidates) {
    at -= set.weight
    if (at < 0) return set
  }
  return candidates.findLast(({ weight }) => weight > 0)
}

/** The one of the region that the engine stands in; without one, the first by name. */
function nearest(sets: readonly RecordSet[], region: string): RecordSet | undefined {
  return (
    sets.find((set) => set.region === region) ?? sets.toSorted((a, b) => (a.region < b.region ? -1 : 1))[0]
  )
}

/** `most` of them at random, in random order: the beginning of a Fisher-Yates shuffle. */
function sample<T>(items: readonly T[], most: number, random: Random): T[] {
  const left = [...items]
  const taken: T[] = []
  while (left.length && taken.length < most) {
    const index = Math.floor(random() * left.length)
    const [item] = left.splice(index, 1)
    if (item !== undefined) taken.push(item)
  }
  return taken
}
