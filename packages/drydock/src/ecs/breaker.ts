/**
 * The deployment circuit breaker: when a deployment has failed (Developer Guide: how the Amazon ECS deployment circuit
 * breaker detects failures). What follows is in deployments.ts.
 */
import {
  type DeploymentCircuitBreaker,
  type DeploymentConfiguration,
  ThresholdType,
} from '@aws-sdk/client-ecs'
import { requireOneOf } from './enums.ts'
import { invalidParameter } from './errors.ts'
import type { DeploymentRecord, ServiceRecord } from './state.ts'

const LEAST_FAILURES = 3
const MOST_FAILURES = 200
const DEFAULT_PERCENT = 50

/**
 * How many failed tasks fail a deployment: half of the desired count, rounded up, from 3 to 200, unless the breaker is
 * configured otherwise (API Reference: ThresholdConfiguration). Never none, as nothing has failed then.
 */
export function failureThreshold(
  desiredCount: number,
  { thresholdConfiguration }: Pick<DeploymentCircuitBreaker, 'thresholdConfiguration'>,
): number {
  const { type = 'BOUNDED_PERCENT', value = DEFAULT_PERCENT } = thresholdConfiguration ?? {}
  if (type === 'COUNT') return value
  const share = Math.ceil((desiredCount * value) / 100)
  if (type === 'UNBOUNDED_PERCENT') return Math.max(share, 1)
  return Math.min(Math.max(share, LEAST_FAILURES), MOST_FAILURES)
}

/** Whether the breaker ends a deployment now. Only one that is under way can fail, by the latest desired count. */
export function isTripped(service: ServiceRecord, { rolloutState, failedTasks }: DeploymentRecord): boolean {
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker
  if (!breaker?.enable || rolloutState !== 'IN_PROGRESS') return false
  return failedTasks >= failureThreshold(service.desiredCount, breaker)
}

/** Whether a healthy task ends a row of failures: unless `resetOnHealthyTask` is false, or they have failed it already. */
export function startsCountAnew(service: ServiceRecord, { rolloutState }: DeploymentRecord): boolean {
  const { resetOnHealthyTask = true } = service.deploymentConfiguration.deploymentCircuitBreaker ?? {}
  return resetOnHealthyTask && rolloutState !== 'FAILED'
}

/** Throws InvalidParameterException for a threshold that ECS does not know: percentages are 1 to 100. */
export function requireThreshold({ deploymentCircuitBreaker }: DeploymentConfiguration): void {
  const threshold = deploymentCircuitBreaker?.thresholdConfiguration
  if (!threshold) return
  const { type, value = 0 } = threshold
  requireOneOf('deploymentCircuitBreaker.thresholdConfiguration.type', type, ThresholdType)
  const most = type === 'COUNT' ? Infinity : 100
  if (Number.isInteger(value) && value >= 1 && value <= most) return
  throw invalidParameter(
    type === 'COUNT'
      ? 'The circuit breaker threshold must be a positive number of tasks.'
      : 'The circuit breaker threshold must be a percentage from 1 to 100.',
  )
}
