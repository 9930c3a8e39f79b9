/**
 * Whether a task is healthy, as far as its service's scheduler is concerned: pure, from what is known of the task.
 *
 * Its targets must be healthy in every target group (`initial` is not), and its containers' health checks must say so;
 * where there is neither, it is a matter of time (API Reference: DeploymentConfiguration, minimumHealthyPercent).
 */
import { HEALTHY_AFTER_MS } from './pace.ts'
import type { ServiceRecord, TaskRecord, TaskTarget } from './state.ts'

/** When a task counts as healthy (milliseconds since the epoch); undefined while that is not known. */
export function healthyAt(task: TaskRecord): number | undefined {
  const { lastStatus, startedAt, healthStatus, targets } = task
  if (lastStatus !== 'RUNNING' || startedAt === undefined || !passesChecks(task)) return undefined
  if (!isFindable(task)) return undefined
  if (healthStatus === undefined) return targets?.length ? startedAt : startedAt + HEALTHY_AFTER_MS
  return healthStatus === 'HEALTHY' ? startedAt : undefined
}

/** A task that cannot be found by its name yet replaces none that can. True without service registries. */
const isFindable = ({ registrations = [] }: TaskRecord) =>
  registrations.every(({ phase }) => phase !== 'none' && phase !== 'asked')

/** Whether a task's load balancers send it requests as to a healthy target. True without load balancers. */
export const passesChecks = ({ targets = [] }: TaskRecord) =>
  targets.every(({ health }) => health?.state === 'healthy')

/**
 * When a service's task has failed its checks for good, if it has: what happens in the grace period after its start is
 * ignored (API Reference: CreateService, healthCheckGracePeriodSeconds).
 */
export function failedChecksAt(task: TaskRecord, service: ServiceRecord): number | undefined {
  if (task.startedAt === undefined || task.lastStatus !== 'RUNNING') return undefined
  if (task.healthStatus !== 'UNHEALTHY' && !failingTarget(task)) return undefined
  return task.startedAt + (service.healthCheckGracePeriodSeconds ?? 0) * 1000
}

/** A check that a task has failed: what its service says of the task, and why it stops. */
export interface FailedCheck {
  readonly message: string
  readonly stoppedReason: string
}

/** The check that a failing task has failed (Developer Guide: service unhealthy event messages, stopped task errors). */
export function failedCheckOf(task: TaskRecord): FailedCheck {
  const target = failingTarget(task)
  if (!target) {
    return {
      message: 'failed container health checks.',
      stoppedReason: 'Task failed container health checks',
    }
  }
  const { targetGroupArn, port = target.containerPort, health } = target
  const where = `(target-group ${targetGroupArn})`
  const reason = health?.reason ?? 'Health checks failed'
  return {
    message: `(port ${port}) is unhealthy in ${where} due to (reason ${reason}).`,
    stoppedReason: `Task failed ELB health checks in ${where}`,
  }
}

const failingTarget = ({ targets = [] }: TaskRecord): TaskTarget | undefined =>
  targets.find(({ health }) => health?.state === 'unhealthy')
