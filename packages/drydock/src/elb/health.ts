/**
 * Whether a target is healthy: what each answer to a health check makes of it, and what DescribeTargetHealth says.
 *
 * | is        | answer             | becomes                                      |
 * | initial   | good               | healthy: one check is enough at the start     |
 * | initial   | bad, threshold-th  | unhealthy                                    |
 * | healthy   | bad, threshold-th  | unhealthy                                    |
 * | unhealthy | good, threshold-th | healthy                                      |
 * | any       | otherwise          | what it is, one answer further               |
 */
import type { TargetHealth, TargetHealthReasonEnum } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Answer } from './effects.ts'
import type { HealthCheck, TargetGroupRecord, TargetRecord } from './state.ts'

export interface Health {
  readonly state: 'initial' | 'healthy' | 'unhealthy'
  /** Good or bad answers in a row. */
  readonly streak: number
  readonly lastWasGood: boolean
  /** Why the last bad answer was bad. */
  readonly reason?: TargetHealthReasonEnum
  readonly description?: string
  /** Whether a check has been sent since the target was registered. */
  readonly isChecked: boolean
}

/** A target that has just been registered. */
export const newHealth: Health = { state: 'initial', streak: 0, lastWasGood: false, isChecked: false }

type Thresholds = Pick<HealthCheck, 'healthyThreshold' | 'unhealthyThreshold' | 'matcher'>

/** ALB User Guide, health checks: thresholds count consecutive answers; a new target needs one good answer. */
export function healthAfter(before: Health, answer: Answer, check: Thresholds): Health {
  const failure = failureOf(answer, check.matcher)
  const isGood = failure === undefined
  const streak = isGood === before.lastWasGood ? before.streak + 1 : 1
  const state = stateAfter(before.state, isGood, streak, check)
  return { state, streak, lastWasGood: isGood, isChecked: true, ...failure }
}

function stateAfter(
  state: Health['state'],
  isGood: boolean,
  streak: number,
  { healthyThreshold, unhealthyThreshold }: Thresholds,
): Health['state'] {
  if (isGood) return state !== 'unhealthy' || streak >= healthyThreshold ? 'healthy' : 'unhealthy'
  return streak >= unhealthyThreshold ? 'unhealthy' : state
}

interface Failure {
  readonly reason: TargetHealthReasonEnum
  readonly description: string
}

function failureOf(answer: Answer, matcher = ''): Failure | undefined {
  switch (answer.kind) {
    case 'connected':
      return undefined
    case 'status':
      if (matchesCode(matcher, answer.status)) return undefined
      return {
        reason: 'Target.ResponseCodeMismatch',
        description: `Health checks failed with these codes: [${answer.status}]`,
      }
    case 'timeout':
      return { reason: 'Target.Timeout', description: 'Request timed out' }
    case 'failed':
      return { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' }
  }
}

/** Whether an HTTP code is one of a matcher's: `200`, `200,202`, `200-299`. */
export function matchesCode(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [first = '', last = first] = part.split('-')
    return status >= Number(first) && status <= Number(last)
  })
}

/** API Reference, TargetHealth: what is said of a target that is registered with the group. */
export function describeHealth(target: TargetRecord, group: TargetGroupRecord): TargetHealth {
  if (target.drainedAt !== undefined)
    return {
      State: 'draining',
      Reason: 'Target.DeregistrationInProgress',
      Description: 'Target deregistration is in progress',
    }
  if (!group.loadBalancerArns.length)
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    }
  const { state, reason, description, isChecked } = target.health
  if (state === 'healthy') return { State: 'healthy' }
  if (state === 'unhealthy')
    return {
      State: 'unhealthy',
      ...(reason && { Reason: reason }),
      ...(description && { Description: description }),
    }
  return isChecked
    ? {
        State: 'initial',
        Reason: 'Elb.InitialHealthChecking',
        Description: 'Initial health checks in progress',
      }
    : {
        State: 'initial',
        Reason: 'Elb.RegistrationInProgress',
        Description: 'Target registration is in progress',
      }
}

/** What is said of a target that is asked for and not registered. */
export const notRegistered: TargetHealth = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
}
