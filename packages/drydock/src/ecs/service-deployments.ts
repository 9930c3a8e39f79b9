/**
 * Service deployments: the one record of a deployment from its request to its end, through its rollback, where the
 * list `deployments` of a service shows the rollback as a deployment of its own (Developer Guide: view service history
 * using Amazon ECS service deployments).
 *
 *   PENDING -> IN_PROGRESS -> SUCCESSFUL
 *                 | -> STOP_REQUESTED -> STOPPED
 *                 | -> ROLLBACK_REQUESTED -> ROLLBACK_IN_PROGRESS -> ROLLBACK_SUCCESSFUL | ROLLBACK_FAILED
 */
import type { StopServiceDeploymentStopType } from '@aws-sdk/client-ecs'
import { bakeMsOf } from './bake.ts'
import { failureThreshold } from './breaker.ts'
import { newWatch } from './deployment-alarms.ts'
import type { FailureTally, ServiceDeploymentRecord, ServiceRevisionRecord } from './deployment-state.ts'
import { conflict } from './errors.ts'
import type { FailureCause } from './failure-causes.ts'
import { newServiceDeploymentId } from './names.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { newShift, turnBack } from './perform-shift.ts'
import { countsByRevision } from './service-counts.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord } from './state.ts'

/** AWS keeps 90 days; a service that is deployed all day must not grow without bound. */
const MOST_SERVICE_DEPLOYMENTS = 100

/** Records a new service deployment to a revision. One that is under way is superseded by it. */
export function recordServiceDeployment(
  context: EcsContext,
  service: ServiceRecord,
  target: ServiceRevisionRecord,
  deploymentId: string,
  serving: DeploymentRecord | undefined,
): void {
  stopServiceDeployment(context, service, 'Service deployment stopped because a new one was started.')
  const alarms = newWatch(service.deploymentConfiguration, context.now)
  const shift = newShift(service, serving)
  const sources = new Set(service.deployments.map(({ revisionId }) => revisionId))
  service.serviceDeployments.unshift({
    id: newServiceDeploymentId(context),
    serial: (service.serviceDeployments[0]?.serial ?? 0) + 1,
    createdAt: context.now,
    updatedAt: context.now,
    status: 'PENDING',
    sourceRevisionIds: [...sources],
    targetRevisionId: target.id,
    deploymentId,
    configuration: service.deploymentConfiguration,
    ...(alarms && { alarms }),
    ...(shift && { shift }),
  })
  service.serviceDeployments.length = Math.min(service.serviceDeployments.length, MOST_SERVICE_DEPLOYMENTS)
  service.revisions[target.id] = target
  forgetRevisions(service, target.id)
}

/** Only what a deployment still names, or may go back to, is kept. */
function forgetRevisions(service: ServiceRecord, newest: string): void {
  const { serviceDeployments, deployments, lastCompletedRevisionId } = service
  const named = new Set([
    newest,
    lastCompletedRevisionId,
    ...deployments.map(({ revisionId }) => revisionId),
    ...serviceDeployments.flatMap(({ sourceRevisionIds, targetRevisionId, rollback }) => [
      ...sourceRevisionIds,
      targetRevisionId,
      rollback?.revisionId,
    ]),
  ])
  for (const id of Object.keys(service.revisions)) if (!named.has(id)) delete service.revisions[id]
}

/** The scheduler has taken the deployment up. */
export function beginServiceDeployment({ now }: EcsContext, service: ServiceRecord): void {
  const open = openServiceDeployment(service)
  if (open?.status !== 'PENDING') return
  open.status = 'IN_PROGRESS'
  open.startedAt = now
  open.updatedAt = now
}

/** All tasks are in place: from now on it is only watched, for its bake time. */
export function beginBake({ now }: EcsContext, service: ServiceRecord): void {
  const open = openServiceDeployment(service)
  if (!open) return
  open.bakeEndsAt = now + (bakeMsOf(open) ?? 0)
  open.updatedAt = now
}

/**
 * Asks for the end of what is under way; the scheduler does it. Asking twice changes nothing. Throws ConflictException
 * for an ABORT of what is being rolled back.
 */
export function requestStop(
  record: ServiceDeploymentRecord,
  stopType: StopServiceDeploymentStopType,
  now: number,
): void {
  if (record.status !== 'PENDING' && record.status !== 'IN_PROGRESS') {
    if (stopType === 'ABORT' && record.status !== 'STOP_REQUESTED')
      throw conflict('The service deployment is being rolled back already.')
    return
  }
  record.status = stopType === 'ABORT' ? 'STOP_REQUESTED' : 'ROLLBACK_REQUESTED'
  record.updatedAt = now
}

/** Ends what is under way, if anything is, because it is no longer wanted. */
export function stopServiceDeployment(context: EcsContext, service: ServiceRecord, reason: string): void {
  const open = openServiceDeployment(service)
  if (open) end(context, service, open, open.rollback ? 'ROLLBACK_FAILED' : 'STOPPED', reason)
}

/** A deployment is complete: the one that was asked for, or the one that took it back. */
export function completeServiceDeployment(context: EcsContext, service: ServiceRecord): void {
  const open = openServiceDeployment(service)
  if (!open) return
  if (open.rollback) end(context, service, open, 'ROLLBACK_SUCCESSFUL', open.rollback.reason)
  else end(context, service, open, 'SUCCESSFUL')
}

/**
 * A deployment has failed. Returns what to go back to, if there is anything; then the service deployment goes on with
 * that. It ends where nothing is asked for or nothing is there, and where what failed was the rollback itself.
 */
export function failServiceDeployment(
  context: EcsContext,
  service: ServiceRecord,
  { by, because, isRolledBack }: FailureCause,
): ServiceRevisionRecord | undefined {
  const { lastCompletedRevisionId: candidate = '' } = service
  const open = openServiceDeployment(service)
  const revision = isRolledBack && !open?.rollback ? service.revisions[candidate] : undefined
  if (open && !open.rollback) Object.assign(open, { failedBy: by, failures: failuresOf(service, open) })
  if (!open || revision) return revision
  if (open.rollback) {
    end(context, service, open, 'ROLLBACK_FAILED', `Service deployment rollback failed because ${because}`)
  } else if (isRolledBack) {
    end(context, service, open, 'ROLLBACK_FAILED', 'No rollback candidate was found to run the rollback.')
  } else end(context, service, open, 'STOPPED', `Service deployment stopped because ${because}`)
  return undefined
}

/** The service deployment goes on as a rollback, under its own id. */
export function rollBackServiceDeployment(
  context: EcsContext,
  service: ServiceRecord,
  { id, revisionId }: DeploymentRecord,
  because: string,
): void {
  const open = openServiceDeployment(service)
  const { now } = context
  if (!open) return
  const reason = `Service deployment rolled back because ${because}`
  open.status = 'ROLLBACK_IN_PROGRESS'
  open.statusReason = reason
  open.rollback = { reason, startedAt: now, revisionId, deploymentId: id }
  open.updatedAt = now
  turnBack(context, open)
}

/** Takes a last picture: what it counted belongs to other deployments from now on. */
function end(
  context: EcsContext,
  service: ServiceRecord,
  open: ServiceDeploymentRecord,
  status: ServiceDeploymentRecord['status'],
  reason?: string,
): void {
  open.failures = failuresOf(service, open)
  open.finalCounts = countsByRevision(context.state, service)
  open.status = status
  if (reason) open.statusReason = reason
  open.finishedAt = context.now
  open.updatedAt = context.now
  if (status === 'STOPPED') open.stoppedAt = context.now
}

/**
 * What the circuit breaker has counted of the deployment that was asked for, and what it allows; as it was when that
 * failed or ended.
 */
export function failuresOf(service: ServiceRecord, record: ServiceDeploymentRecord): FailureTally {
  const { deploymentId, failures, configuration } = record
  if (failures) return failures
  const deployment = service.deployments.find(({ id }) => id === deploymentId)
  const threshold = failureThreshold(service.desiredCount, configuration.deploymentCircuitBreaker ?? {})
  return { failureCount: deployment?.failedTasks ?? 0, threshold }
}
