/**
 * Where a request goes: first which target group, then which of its targets. Pure: turns, open requests and chance are
 * handed in.
 */
import type { ForwardActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2'
import { groupAttribute } from './attributes.ts'
import type { TargetGroupRecord, TargetRecord } from './state.ts'

/**
 * The target group of a forward action, by weight. `chance` is from 0 to below 1; `stuck` is the group that the client
 * was given before. Undefined where all weights are 0: nothing may be routed.
 */
export function pickGroup(
  { TargetGroups: tuples = [] }: ForwardActionConfig,
  chance: number,
  stuck?: string,
): string | undefined {
  const first = tuples[0]
  if (tuples.length === 1 && first?.Weight !== 0) return first?.TargetGroupArn
  const open = tuples.filter(({ Weight: weight = 1 }) => weight > 0)
  if (stuck !== undefined && open.some(({ TargetGroupArn: arn }) => arn === stuck)) return stuck
  const total = open.reduce((sum, { Weight: weight = 1 }) => sum + weight, 0)
  let left = chance * total
  for (const { TargetGroupArn: arn, Weight: weight = 1 } of open) {
    left -= weight
    if (left < 0) return arn
  }
  return open.at(-1)?.TargetGroupArn
}

/**
 * The targets that requests may go to. Never one that is draining. Healthy ones only, unless there are fewer of them
 * than the group's minimum (one, unless told): then all, whatever their health (ALB User Guide: fail open).
 */
export function eligibleTargets(group: TargetGroupRecord): TargetRecord[] {
  const registered = Object.values(group.targets).filter(({ drainedAt }) => drainedAt === undefined)
  const healthy = registered.filter(({ health }) => health.state === 'healthy')
  return healthy.length >= leastHealthy(group, registered.length) ? healthy : registered
}

function leastHealthy(group: TargetGroupRecord, registered: number): number {
  const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'
  const count = Number(groupAttribute(group, `${prefix}.count`))
  const percentage = groupAttribute(group, `${prefix}.percentage`)
  return Math.max(count, percentage === 'off' ? 0 : Math.ceil((registered * Number(percentage)) / 100))
}

/** What picking a target needs besides the group. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How many requests the group has had before. */
  readonly turn: number
  /** From 0 to below 1. */
  readonly chance: number
  /** Requests that a target has not answered yet, by `id:port`. */
  readonly openRequests: (target: string) => number
  /** The target that the client was given before, as `id:port`. */
  readonly stuck?: string | undefined
}

export const keyOf = ({ id, port }: Pick<TargetRecord, 'id' | 'port'>) => `${id}:${port}`

/** A target by the group's algorithm; undefined if there is none that requests may go to. */
export function pickTarget(group: TargetGroupRecord, circumstances: Circumstances): TargetRecord | undefined {
  const targets = eligibleTargets(group)
  const { stuck, turn, chance } = circumstances
  const before = stuck === undefined ? undefined : targets.find((target) => keyOf(target) === stuck)
  if (before || targets.length < 2) return before ?? targets[0]
  const algorithm = groupAttribute(group, 'load_balancing.algorithm.type')
  if (algorithm === 'least_outstanding_requests') return leastBusy(targets, circumstances)
  if (algorithm === 'weighted_random') return targets[Math.floor(chance * targets.length)]
  return inTurn(group, targets, turn, circumstances)
}

/** Among those equally busy the turn decides, so that idle targets share alike. */
function leastBusy(targets: readonly TargetRecord[], { turn, openRequests }: Circumstances) {
  const busy = targets.map((target) => openRequests(keyOf(target)))
  const least = Math.min(...busy)
  const idlest = targets.filter((_, index) => busy[index] === least)
  return idlest[turn % idlest.length]
}

/** A target in slow start passes most of its turns on to the next; the share that it keeps grows with time. */
function inTurn(
  group: TargetGroupRecord,
  targets: readonly TargetRecord[],
  turn: number,
  { now, chance }: Circumstances,
): TargetRecord | undefined {
  const chosen = targets[turn % targets.length]
  if (!chosen || chance < slowStartShare(group, chosen, now)) return chosen
  const warm = targets.filter((target) => slowStartShare(group, target, now) >= 1)
  return warm.length ? warm[turn % warm.length] : chosen
}

/** ALB User Guide, slow start: the share of its requests that a target gets, from 0 to 1, growing linearly. */
export function slowStartShare(group: TargetGroupRecord, { slowSince }: TargetRecord, now: number): number {
  const durationMs = Number(groupAttribute(group, 'slow_start.duration_seconds')) * 1000
  if (slowSince === undefined || durationMs === 0) return 1
  return Math.min(Math.max((now - slowSince) / durationMs, 0), 1)
}
