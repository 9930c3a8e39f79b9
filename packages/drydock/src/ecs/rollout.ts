/**
 * The arithmetic of a rolling deployment: how many tasks to start and stop, from counts alone.
 *
 * New tasks are started as far as maximumPercent leaves room. Old ones are stopped as new ones become healthy, or to
 * make room, but never so that fewer than minimumHealthyPercent are healthy. An old task that dies is replaced by its
 * own revision as long as the new one has not taken its place (ECS, since November 2025).
 */
import type { ServiceRecord } from './state.ts'

/** One deployment, counted. Tasks that are being stopped do not count. */
export interface DeploymentCounts {
  /** Tasks it shall have: the desired count for the new one, what is left to it for an old one. */
  readonly keep: number
  /** Tasks that count towards minimumHealthyPercent. */
  readonly healthy: number
  /** The others: not running yet, or not for long enough. */
  readonly unhealthy: number
  /** Tasks beyond those that run but have failed their health checks: each stays until it is replaced. */
  readonly failing: number
  /** Whether it must wait before it starts a task. */
  readonly isBackedOff: boolean
  /** Whether its last tasks failed. */
  readonly isFailing: boolean
}

/** Numbers of tasks: at least so many healthy ones, at most so many in all. */
export interface Limits {
  readonly minimum: number
  readonly maximum: number
}

/** How many tasks of one deployment to start and to stop. */
export interface Change {
  readonly start: number
  readonly stopHealthy: number
  readonly stopUnhealthy: number
  readonly stopFailing: number
  /** What it keeps from now on: an old deployment that gave up a task does not get it back. */
  readonly keep: number
}

type Percents = Pick<ServiceRecord['deploymentConfiguration'], 'minimumHealthyPercent' | 'maximumPercent'>

/** minimumHealthyPercent rounds up, maximumPercent rounds down (API Reference: DeploymentConfiguration). */
export function limitsOf(desired: number, { minimumHealthyPercent, maximumPercent }: Percents): Limits {
  return {
    minimum: Math.ceil((desired * minimumHealthyPercent) / 100),
    maximum: Math.floor((desired * maximumPercent) / 100),
  }
}

/** The changes due now: the first for the PRIMARY deployment, then one for each older one, newest first. */
export function decideRollout(
  primary: DeploymentCounts,
  old: readonly DeploymentCounts[],
  limits: Limits,
): Change[] {
  const kept = shareOut(Math.max(0, primary.keep - primary.healthy), old)
  const healthy = sum([primary, ...old].map((counts) => counts.healthy))
  const taken = sum([primary, ...old].map((counts) => liveOf(counts) + counts.failing))
  const room = Math.max(0, limits.maximum - taken)
  const oldFirst = primary.isFailing && healthy < limits.minimum
  const [start = 0, ...oldStarts] = decideStarts(primary, old, kept, room, oldFirst)
  const lacking = oldFirst ? 0 : missing(primary, primary.keep) - start
  const oldStops = decideOldStops(old, kept, lacking, Math.max(0, healthy - limits.minimum))
  return [
    { start, ...surplusOf(primary), stopFailing: failingStops(primary, start), keep: primary.keep },
    ...oldStops.map((stops, index) => ({ ...stops, start: oldStarts[index] ?? 0 })),
  ]
}

const liveOf = ({ healthy, unhealthy }: DeploymentCounts) => healthy + unhealthy
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
const missing = (counts: DeploymentCounts, keep: number) =>
  counts.isBackedOff ? 0 : Math.max(0, keep - liveOf(counts))

/** Deals out what old deployments may still keep, newest first. */
function shareOut(total: number, old: readonly DeploymentCounts[]): number[] {
  let left = total
  return old.map(({ keep }) => {
    const share = Math.min(keep, left)
    left -= share
    return share
  })
}

/** Room goes to the new deployment first, unless it is failing while too few are healthy (`oldFirst`). */
function decideStarts(
  primary: DeploymentCounts,
  old: readonly DeploymentCounts[],
  kept: readonly number[],
  room: number,
  oldFirst: boolean,
): number[] {
  const wants = [
    missing(primary, primary.keep),
    ...old.map((counts, index) => missing(counts, kept[index] ?? 0)),
  ]
  const order = [...wants.keys()]
  if (oldFirst) order.push(...order.splice(0, 1))
  const starts = wants.map(() => 0)
  let left = room
  for (const index of order) {
    const start = Math.min(wants[index] ?? 0, left)
    starts[index] = start
    left -= start
  }
  return starts
}

/**
 * Stops of old tasks, oldest deployment first: what is no longer kept, and what makes room for `lacking` new ones.
 * At most `budget` healthy ones; the others are no loss.
 */
function decideOldStops(
  old: readonly DeploymentCounts[],
  kept: readonly number[],
  lacking: number,
  budget: number,
) {
  let spare = budget
  let room = lacking
  const oldestFirst = old.map((counts, index) => ({ counts, share: kept[index] ?? 0 })).reverse()
  const stops = oldestFirst.map(({ counts, share }) => {
    const surplus = Math.max(0, liveOf(counts) - share)
    const stopUnhealthy = Math.min(counts.unhealthy, surplus + room)
    const stopHealthy = Math.min(counts.healthy, surplus + room - stopUnhealthy, spare)
    const stopped = stopUnhealthy + stopHealthy
    const given = Math.max(0, stopped - surplus)
    spare -= stopHealthy
    room -= given
    return {
      stopUnhealthy,
      stopHealthy,
      stopFailing: counts.failing,
      keep: stopped ? Math.max(liveOf(counts) - stopped, share - given) : counts.keep,
    }
  })
  return stops.reverse()
}

/**
 * Tasks that failed their health checks go when others have taken their place, or one at a time where maximumPercent
 * leaves no room for its replacement (Developer Guide: Amazon ECS services).
 */
function failingStops(counts: DeploymentCounts, start: number): number {
  const replaced = Math.max(0, counts.failing - Math.max(0, counts.keep - counts.healthy))
  const hasNoRoom = start === 0 && missing(counts, counts.keep) > 0
  return Math.max(replaced, hasNoRoom ? Math.min(counts.failing, 1) : 0)
}

/** Scaling in: what is more than it keeps, those that are not healthy first. */
function surplusOf(counts: DeploymentCounts) {
  const surplus = Math.max(0, liveOf(counts) - counts.keep)
  const stopUnhealthy = Math.min(surplus, counts.unhealthy)
  return { stopUnhealthy, stopHealthy: surplus - stopUnhealthy }
}
