/** What one service needs next: a pure function of the service, its tasks that have not stopped, and the time. */
import { bakeMsOf, bakeOf } from './bake.ts'
import { type Crew, type CrewStep, crewSteps, crewsOf, hasFailed, isEmpty } from './crews.ts'
import { type DeploymentStep, deploymentStep, deploymentTimes } from './deployment-steps.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { STEADY_AGAIN_MS } from './pace.ts'
import { decideRollout, limitsOf } from './rollout.ts'
import { planShift, type ShiftStep } from './shift-steps.ts'
import type { DeploymentRecord, ServiceRecord, TaskRecord } from './state.ts'
import { failedChecksAt, healthyAt } from './task-health.ts'

export type ServiceStep =
  | DeploymentStep
  | { readonly kind: 'complete' | 'begin-bake' | 'remove'; readonly deploymentId: string }
  | { readonly kind: 'mark-healthy'; readonly taskArns: readonly string[] }
  | CrewStep
  | ShiftStep
  | { readonly kind: 'announce-steady' | 'announce-blocked' | 'retire' }

/** Steps to take now, or, if there are none, when to look again. */
export interface ServicePlan {
  readonly steps: readonly ServiceStep[]
  readonly next?: number
}

/** The next steps of a service at `now` (milliseconds since the epoch). Taking them removes their cause. */
export function planService(service: ServiceRecord, tasks: readonly TaskRecord[], now: number): ServicePlan {
  if (service.status === 'INACTIVE') return { steps: [] }
  if (service.status === 'DRAINING') return planDraining(tasks)
  const live = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
  const grown = live.filter((task) => !task.wasHealthy && (healthyAt(task) ?? Infinity) <= now)
  if (grown.length) return { steps: [{ kind: 'mark-healthy', taskArns: grown.map(({ arn }) => arn) }] }
  const hopeless = live.filter((task) => hasFailed(service, task, now) && !isReplacedFirst(service, task))
  if (hopeless.length) return { steps: [{ kind: 'stop-failed', taskArns: hopeless.map(({ arn }) => arn) }] }
  const [primary, ...old] = crewsOf(service, live, now)
  if (!primary) return { steps: [] }
  const first = deploymentStep(service, primary.deployment, now)
  if (first) return { steps: [first] }
  const shifting = planShift(service, primary, old, tasks, now)
  const steps = shifting ?? rolloutSteps(service, primary, old, now)
  if (steps.length) return { steps }
  const notice = shifting ? undefined : noticeOf(service, primary, old, now)
  if (notice) return { steps: [notice] }
  const next = nextLook(service, [primary, ...old], live, now)
  return next === undefined ? { steps: [] } : { steps: [], next }
}

/** What was healthy stays until it is replaced; what never was, or is being replaced already, goes at once. */
const isReplacedFirst = ({ deployments }: ServiceRecord, { wasHealthy, deploymentId }: TaskRecord) =>
  wasHealthy === true && deployments[0]?.id === deploymentId

/** A service is INACTIVE as soon as all its tasks are STOPPING or STOPPED (API Reference: DeleteService). */
function planDraining(tasks: readonly TaskRecord[]): ServicePlan {
  const live = tasks.filter(({ desiredStatus }) => desiredStatus === 'RUNNING')
  if (!live.length) {
    const isDone = tasks.every(({ lastStatus }) => lastStatus !== 'DEACTIVATING')
    return { steps: isDone ? [{ kind: 'retire' }] : [] }
  }
  const byDeployment = Map.groupBy(live, ({ deploymentId = '' }) => deploymentId)
  return { steps: [...byDeployment].map(([id, group]) => stopAll(id, group)) }
}

const stopAll = (deploymentId: string, tasks: readonly TaskRecord[]): ServiceStep => ({
  kind: 'stop-tasks',
  deploymentId,
  taskArns: tasks.map(({ arn }) => arn),
  keep: 0,
})

function rolloutSteps(
  service: ServiceRecord,
  primary: Crew,
  old: readonly Crew[],
  now: number,
): ServiceStep[] {
  const limits = limitsOf(service.desiredCount, service.deploymentConfiguration)
  const crews = [primary, ...old]
  const changes = decideRollout(
    primary.counts,
    old.map(({ counts }) => counts),
    limits,
  )
  const steps = crews.flatMap((crew, index) => crewSteps(crew, changes[index]))
  const isReplaced = primary.counts.healthy >= service.desiredCount
  // What was complete is listed until the bake time of what replaces it is over (Developer Guide: deployment alarms).
  const isBakeAhead = ['to-begin', 'baking'].includes(bakeOf(service, primary.deployment, now))
  const isGone = (crew: Crew) =>
    isEmpty(crew) &&
    !(isBakeAhead && crew.deployment.rolloutState === 'COMPLETED') &&
    (isReplaced || (crew.counts.keep === 0 && !isShownOn(crew.deployment, primary.deployment)))
  const removals = old.filter(isGone)
  return [
    ...steps,
    ...removals.map(({ deployment }): ServiceStep => ({ kind: 'remove', deploymentId: deployment.id })),
  ]
}

/** A failed deployment is listed until what follows it has taken over or failed too, so that it can be found. */
const isShownOn = (old: DeploymentRecord, primary: DeploymentRecord) =>
  old.rolloutState === 'FAILED' && primary.rolloutState === 'IN_PROGRESS'

/** What there is to say when nothing is to be done. */
function noticeOf(
  service: ServiceRecord,
  primary: Crew,
  old: readonly Crew[],
  now: number,
): ServiceStep | undefined {
  const { deployment, counts } = primary
  const isWhole = counts.healthy === service.desiredCount && counts.unhealthy + counts.failing === 0
  if (isWhole && deployment.rolloutState === 'IN_PROGRESS' && old.every(isEmpty)) {
    const bake = bakeOf(service, deployment, now)
    if (bake === 'to-begin') return bakeStep(service, deployment)
    return bake === 'baking' ? undefined : { kind: 'complete', deploymentId: deployment.id }
  }
  const isSettled = isWhole && !old.length
  const isSaid = now < (service.steadyAt ?? -Infinity) + STEADY_AGAIN_MS
  if (isSettled && !isSaid) return { kind: 'announce-steady' }
  const isBlockKnown = service.blockedDeploymentId === deployment.id
  return isBlocked(primary, old) && !isBlockKnown ? { kind: 'announce-blocked' } : undefined
}

/** How long to bake may not be known yet: then the answer of the alarms is waited for. */
function bakeStep(service: ServiceRecord, { id: deploymentId }: DeploymentRecord): ServiceStep | undefined {
  const open = openServiceDeployment(service)
  return open && bakeMsOf(open) !== undefined ? { kind: 'begin-bake', deploymentId } : undefined
}

/** All is healthy, the new deployment lacks tasks, and yet the percentages allow neither a start nor a stop. */
function isBlocked(primary: Crew, old: readonly Crew[]): boolean {
  const isCalm = [primary, ...old].every(
    ({ counts }) => counts.unhealthy + counts.failing === 0 && !counts.isBackedOff,
  )
  return isCalm && old.length > 0 && primary.counts.healthy < primary.counts.keep
}

function nextLook(service: ServiceRecord, crews: readonly Crew[], live: readonly TaskRecord[], now: number) {
  const times = [
    ...crews.map(({ deployment }) => deployment.nextStartAt),
    ...deploymentTimes(service),
    ...live.flatMap((task) => (task.wasHealthy ? [] : [healthyAt(task) ?? now])),
    ...live.map((task) => failedChecksAt(task, service) ?? now),
    ...(service.steadyAt === undefined ? [] : [service.steadyAt + STEADY_AGAIN_MS]),
  ].filter((at) => at > now)
  return times.length ? times.reduce((a, b) => Math.min(a, b)) : undefined
}
