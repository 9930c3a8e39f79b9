/** The tasks of a service's deployments, counted and chosen: which are healthy, and which of them start or stop. */

import type { Change, DeploymentCounts } from './rollout.ts'
import { desiredCountOf } from './service-counts.ts'
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './state.ts'
import { failedChecksAt, passesChecks } from './task-health.ts'

export type CrewStep =
  | { readonly kind: 'start-tasks'; readonly deploymentId: string; readonly count: number }
  | {
      readonly kind: 'stop-tasks'
      readonly deploymentId: string
      readonly taskArns: readonly string[]
      readonly keep: number
    }
  /** Tasks that have failed their health checks, and are not waited for any longer. */
  | { readonly kind: 'stop-failed'; readonly taskArns: readonly string[] }

/** AWS starts tasks in batches too; here it only keeps a service event readable. */
const MOST_STARTED_AT_ONCE = 100

/** A deployment with its tasks that are to run, by how well they are. */
export interface Crew {
  readonly deployment: DeploymentRecord
  readonly counts: DeploymentCounts
  readonly healthy: readonly TaskRecord[]
  readonly unhealthy: readonly TaskRecord[]
  /** Were healthy, and have failed their health checks since. */
  readonly failing: readonly TaskRecord[]
}

/** Whether a crew has no task that is to run. */
export const isEmpty = ({ counts }: Crew) => counts.healthy + counts.unhealthy + counts.failing === 0

/** Whether a task has failed its health checks, and that counts by now. */
export const hasFailed = (service: ServiceRecord, task: TaskRecord, now: number) =>
  (failedChecksAt(task, service) ?? Infinity) <= now

/** The crews of a service's deployments, in their order. */
export function crewsOf(service: ServiceRecord, live: readonly TaskRecord[], now: number): Crew[] {
  const byDeployment = Map.groupBy(live, ({ deploymentId }) => deploymentId)
  return service.deployments.map((deployment) => {
    const tasks = byDeployment.get(deployment.id) ?? []
    const failing = tasks.filter((task) => hasFailed(service, task, now))
    const sound = tasks.filter((task) => !hasFailed(service, task, now))
    const healthy = sound.filter((task) => task.wasHealthy && passesChecks(task))
    const unhealthy = sound.filter((task) => !task.wasHealthy || !passesChecks(task))
    const counts = {
      keep: desiredCountOf(service, deployment),
      healthy: healthy.length,
      unhealthy: unhealthy.length,
      failing: failing.length,
      isBackedOff: !mayStart(deployment, now),
      isFailing: deployment.failedRounds > 0,
    }
    return { deployment, counts, healthy, unhealthy, failing }
  })
}

/** A deployment that has failed starts no task any more (Developer Guide: deployment circuit breaker). */
const mayStart = ({ images, nextStartAt, rolloutState }: DeploymentRecord, now: number) =>
  images === 'resolved' && nextStartAt <= now && rolloutState !== 'FAILED'

/** A change of a crew, by its tasks. */
export function crewSteps(crew: Crew, change: Change | undefined): CrewStep[] {
  if (!change) return []
  const deploymentId = crew.deployment.id
  const steps: CrewStep[] = []
  if (change.start) {
    steps.push({ kind: 'start-tasks', deploymentId, count: Math.min(change.start, MOST_STARTED_AT_ONCE) })
  }
  const failed = youngest(crew.failing, change.stopFailing)
  if (failed.length) steps.push({ kind: 'stop-failed', taskArns: failed.map(({ arn }) => arn) })
  const stopped = [
    ...youngest(crew.unhealthy, change.stopUnhealthy),
    ...youngest(crew.healthy, change.stopHealthy),
  ]
  if (stopped.length) {
    steps.push({
      kind: 'stop-tasks',
      deploymentId,
      taskArns: stopped.map(({ arn }) => arn),
      keep: change.keep,
    })
  }
  return steps
}

/** Those that have proven themselves longest stay. On AWS the balance of Availability Zones decides first. */
function youngest(tasks: readonly TaskRecord[], count: number): TaskRecord[] {
  if (count === 0) return []
  const rank = ({ lastStatus }: TaskRecord) => (lastStatus === 'RUNNING' ? 1 : 0)
  return [...tasks].sort((a, b) => rank(a) - rank(b) || b.createdAt - a.createdAt).slice(0, count)
}
