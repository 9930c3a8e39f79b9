/** Tasks of a service that fail to start: how they are counted, and how long the next attempt waits. */
import {
  FIRST_BACK_OFF_MS,
  IMPAIRED_AFTER_ROUNDS,
  LONGEST_BACK_OFF_MS,
  LONGEST_CRASH_BACK_OFF_MS,
  SAME_MESSAGE_AGAIN_MS,
} from './pace.ts'
import { announceServiceAction, say } from './service-events.ts'
import type { DeploymentRecord, EcsContext, TaskRecord } from './state.ts'

/** Counts a task that ended by itself before it was healthy, and makes its deployment wait before the next one. */
export function noteFailure(task: TaskRecord, context: EcsContext): void {
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  const deployment = service?.deployments.find(({ id }) => id === task.deploymentId)
  if (!service || !deployment || deployment.rolloutState === 'FAILED' || task.wasHealthy) return
  deployment.failedTasks += 1
  // Tasks that were started together fail together: they are one round.
  if (deployment.nextStartAt > context.now) return
  deployment.failedRounds += 1
  deployment.nextStartAt = context.now + backOff(deployment, task)
  if (task.startedAt !== undefined || deployment.failedRounds < IMPAIRED_AFTER_ROUNDS) return
  // Said again only after a while (Developer Guide: viewing Amazon ECS service event messages).
  if (context.now < (deployment.impairedAt ?? -Infinity) + SAME_MESSAGE_AGAIN_MS) return
  deployment.impairedAt = context.now
  say(context, service, 'is unable to consistently start tasks successfully.')
  announceServiceAction(context, service, 'SERVICE_TASK_START_IMPAIRED')
}

/**
 * Counts a task that failed its health checks: one that never was healthy as any other failed start, one that was
 * without a wait (API Reference: Deployment, failedTasks).
 */
export function noteFailedChecks(task: TaskRecord, context: EcsContext): void {
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  const deployment = service?.deployments.find(({ id }) => id === task.deploymentId)
  if (deployment && deployment.rolloutState !== 'FAILED' && task.wasHealthy) deployment.failedTasks += 1
  else noteFailure(task, context)
}

function backOff({ failedRounds }: DeploymentRecord, { startedAt }: TaskRecord): number {
  const longest = startedAt === undefined ? LONGEST_BACK_OFF_MS : LONGEST_CRASH_BACK_OFF_MS
  return Math.min(FIRST_BACK_OFF_MS * 2 ** (failedRounds - 1), longest)
}
