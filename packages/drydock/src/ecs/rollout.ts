/**
 * The arithmetic of a rolling deployment: how many tasks to start and stop, from counts alone.
 *
 * New tasks are started as far as maximumPercent leaves room. Old ones are stopped as new ones become healthy, or to
 * make room, but never so that fewer than minimumHealthyPercent are healthy. An old task that dies is replaced by its
 * own revision as long as the new one has not taken its place (ECS, since November 2025).
 */
import type { ServiceRecord } from './state.ts'

/** One deployment, counted. Only tasks that are not being stopped count. */
export interface DeploymentCounts {
  /** Tasks it shall have: the desired count for the new one, what is left to it for an old one. */
  readonly keep: number
  readonly running: number
  /** Running ones that count towards minimumHealthyPercent. */
  readonly healthy: number
  readonly pending: number
  /** Whether it must wait before it starts a task. */
  readonly isBackedOff: boolean
  /** Whether its last tasks failed. */
  readonly isFailing: boolean
}

export interface Limits {
  readonly minimum: number
  readonly maximum: number
}

/** How many tasks of one deployment to start and to stop; those not running are stopped before those that run. */
export interface Change {
  readonly start: number
  readonly stopPending: number
  readonly stopRunning: number
  /** What it keeps from now on: an old deployment that gave up a task does not get it back. */
  readonly keep: number
}

/** minimumHealthyPercent rounds up, maximumPercent rounds down (API Reference: DeploymentConfiguration). */
export function limitsOf(
  desired: number,
  percent: Pick<ServiceRecord['deploymentConfiguration'], 'minimumHealthyPercent' | 'maximumPercent'>,
): Limits {
  return {
    minimum: Math.ceil((desired * percent.minimumHealthyPercent) / 100),
    maximum: Math.floor((desired * percent.maximumPercent) / 100),
  }
}

const liveOf = ({ running, pending }: DeploymentCounts) => running + pending
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** The changes due now: the first for the PRIMARY deployment, then one for each older one, newest first. */
export function decideRollout(
  primary: DeploymentCounts,
  old: readonly DeploymentCounts[],
  limits: Limits,
): Change[] {
  const kept = shareOut(Math.max(0, primary.keep - primary.healthy), old)
  const room = Math.max(0, limits.maximum - liveOf(primary) - sum(old.map(liveOf)))
  const oldFirst = primary.isFailing && healthyOf(primary, old) < limits.minimum
  const [start = 0, ...oldStarts] = decideStarts(primary, old, kept, room, oldFirst)
  const lacking = oldFirst ? 0 : missing(primary, primary.keep) - start
  const oldChanges = decideOldStops(primary, old, kept, lacking, limits)
  return [
    { start, ...surplusOf(primary), keep: primary.keep },
    ...oldChanges.map((change, index) => ({ ...change, start: oldStarts[index] ?? 0 })),
  ]
}

const missing = (counts: DeploymentCounts, keep: number) =>
  counts.isBackedOff ? 0 : Math.max(0, keep - liveOf(counts))

/** Old tasks count as healthy as soon as they run: they have been serving. */
const healthyOf = (primary: DeploymentCounts, old: readonly DeploymentCounts[]) =>
  primary.healthy + sum(old.map(({ running }) => running))

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

/** Stops of old tasks, oldest deployment first: what is no longer kept, and what makes room for `lacking` new ones. */
function decideOldStops(
  primary: DeploymentCounts,
  old: readonly DeploymentCounts[],
  kept: readonly number[],
  lacking: number,
  limits: Limits,
) {
  let budget = Math.max(0, healthyOf(primary, old) - limits.minimum)
  let room = lacking
  const oldestFirst = old.map((counts, index) => ({ counts, share: kept[index] ?? 0 })).reverse()
  const changes = oldestFirst.map(({ counts, share }) => {
    const surplus = Math.max(0, liveOf(counts) - share)
    const stopPending = Math.min(counts.pending, surplus + room)
    const stopRunning = Math.min(counts.running, surplus + room - stopPending, budget)
    const stopped = stopPending + stopRunning
    const given = Math.max(0, stopped - surplus)
    budget -= stopRunning
    room -= given
    return {
      stopPending,
      stopRunning,
      keep: stopped ? Math.max(liveOf(counts) - stopped, share - given) : counts.keep,
    }
  })
  return changes.reverse()
}

/** Scaling in: what is more than it keeps, those that do not run yet first. */
function surplusOf(counts: DeploymentCounts) {
  const surplus = Math.max(0, liveOf(counts) - counts.keep)
  const stopPending = Math.min(surplus, counts.pending)
  return { stopPending, stopRunning: surplus - stopPending }
}
