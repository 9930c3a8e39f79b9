/** Deployments of a service: made by CreateService, and by those changes of UpdateService that need new tasks. */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { requireBakeTime } from './bake.ts'
import { requireThreshold } from './breaker.ts'
import { requireAlarms } from './deployment-alarms.ts'
import type { ServiceRevisionRecord } from './deployment-state.ts'
import { invalidParameter } from './errors.ts'
import type { FailureCause } from './failure-causes.ts'
import { newDeploymentId } from './names.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { servingDeployment } from './perform-shift.ts'
import {
  failServiceDeployment,
  recordServiceDeployment,
  rollBackServiceDeployment,
} from './service-deployments.ts'
import { announceRollout, say } from './service-events.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord, TaskSettings } from './state.ts'
import { requireStrategy } from './strategy-rules.ts'
import { lookAtService } from './task-changes.ts'
import { settleTargetGroups } from './traffic.ts'

/** Deploys new settings: a new revision, a new service deployment, a new PRIMARY deployment. */
export function startDeployment(context: EcsContext, service: ServiceRecord, settings: TaskSettings): void {
  const id = newDeploymentId(context)
  const serving = servingDeployment(service)
  const settled = settleTargetGroups(settings, serving, service.deploymentConfiguration.strategy)
  const revision = {
    id: id.slice(id.indexOf('/') + 1),
    settings: settled,
    digests: {},
    createdAt: context.now,
  }
  recordServiceDeployment(context, service, revision, id, serving)
  const deployment = makePrimary(context, service, revision, { id, images: 'unresolved' })
  const rolloutStateReason = `ECS deployment ${id} in progress.`
  announceRollout(context, service, deployment, { rolloutState: 'IN_PROGRESS', rolloutStateReason })
}

/** Makes a deployment of the revision the PRIMARY one; those before it keep what they have until it has taken over. */
function makePrimary(
  context: EcsContext,
  service: ServiceRecord,
  revision: ServiceRevisionRecord,
  { id, images }: Pick<DeploymentRecord, 'id' | 'images'>,
): DeploymentRecord {
  for (const old of service.deployments) demote(context, service, old)
  const deployment: DeploymentRecord = {
    ...revision.settings,
    id,
    revisionId: revision.id,
    status: 'PRIMARY',
    keepCount: 0,
    createdAt: context.now,
    updatedAt: context.now,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: '',
    failedTasks: 0,
    failedRounds: 0,
    nextStartAt: 0,
    images,
  }
  service.deployments.unshift(deployment)
  delete service.steadyAt
  lookAtService(service, context.now)
  return deployment
}

/**
 * A deployment that was complete keeps its desired count alive, and can be rolled back to; one that was not keeps only
 * what runs already; one that failed keeps nothing.
 */
function demote({ state, now }: EcsContext, service: ServiceRecord, old: DeploymentRecord): void {
  if (old.status === 'ACTIVE') return
  if (old.rolloutState === 'COMPLETED') service.lastCompletedRevisionId = old.revisionId
  const running = Object.keys(service.taskArns).filter((arn) => {
    const task = state.tasks[arn]
    return task?.deploymentId === old.id && task.lastStatus === 'RUNNING'
  }).length
  old.keepCount = { COMPLETED: service.desiredCount, IN_PROGRESS: running, FAILED: 0 }[old.rolloutState]
  old.status = 'ACTIVE'
  old.updatedAt = now
}

/**
 * Fails the PRIMARY deployment. If its cause asks for that, what was completed last is deployed again, with the images
 * it had; that is used up thereby until it is complete again. Without, or with nothing completed, the service stalls.
 */
export function failDeployment(
  context: EcsContext,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  cause: FailureCause,
): void {
  const { message, rolloutStateReason, eventReason = rolloutStateReason, because, rollbackPrefix } = cause
  const revision = failServiceDeployment(context, service, cause)
  say(context, service, `(deployment ${deployment.id}) ${message}`)
  const failed = { rolloutState: 'FAILED', rolloutStateReason, reason: eventReason } as const
  announceRollout(context, service, deployment, failed)
  if (!revision) return
  const blue = blueOf(service, revision)
  // What still runs can be gone back to again; what must be started anew has to be complete first.
  if (!blue) delete service.lastCompletedRevisionId
  const rollback = blue
    ? promote(context, service, blue)
    : makePrimary(context, service, revision, { id: newDeploymentId(context), images: 'resolved' })
  const { id } = rollback
  rollBackServiceDeployment(context, service, rollback, because)
  announceRollout(context, service, rollback, {
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `${rollbackPrefix}: rolling back to deploymentId ${id}.`,
  })
  say(context, service, `rolling back to deployment ${id}.`)
}

/** Where traffic is shifted, what it is shifted back to is still there: no new deployment is needed. */
const blueOf = (service: ServiceRecord, revision: ServiceRevisionRecord) =>
  openServiceDeployment(service)?.shift &&
  service.deployments.find(({ status, revisionId }) => status === 'ACTIVE' && revisionId === revision.id)

/** Makes a deployment that is there the PRIMARY one again. */
function promote(context: EcsContext, service: ServiceRecord, blue: DeploymentRecord): DeploymentRecord {
  const others = service.deployments.filter((deployment) => deployment !== blue)
  for (const other of others) demote(context, service, other)
  service.deployments = [blue, ...others]
  blue.status = 'PRIMARY'
  delete service.steadyAt
  lookAtService(service, context.now)
  return blue
}

/** What the tasks of a deployment are started with. */
export function settingsOf(deployment: DeploymentRecord): TaskSettings {
  const { taskDefinitionArn, launchType, capacityProviderName, platformVersion } = deployment
  const { networkConfiguration, loadBalancers, registries } = deployment
  return {
    taskDefinitionArn,
    launchType,
    ...(capacityProviderName && { capacityProviderName }),
    ...(platformVersion && { platformVersion }),
    ...(networkConfiguration && { networkConfiguration }),
    ...(loadBalancers && { loadBalancers }),
    ...(registries && { registries }),
  }
}

/** The configuration with the defaults of a REPLICA service (API Reference: DeploymentConfiguration). */
export function parseDeploymentConfiguration(
  input: DeploymentConfiguration = {},
  before?: ServiceRecord['deploymentConfiguration'],
): ServiceRecord['deploymentConfiguration'] {
  const configuration = {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    strategy: 'ROLLING' as const,
    bakeTimeInMinutes: 0,
    ...before,
    ...definedOf(input),
    maximumPercent: input.maximumPercent ?? before?.maximumPercent ?? 200,
    minimumHealthyPercent: input.minimumHealthyPercent ?? before?.minimumHealthyPercent ?? 100,
  }
  requirePercents(configuration)
  requireThreshold(configuration)
  requireAlarms(configuration)
  requireBakeTime(configuration)
  requireStrategy(configuration, input, before)
  return configuration
}

const definedOf = (input: DeploymentConfiguration): DeploymentConfiguration =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))

/** Throws InvalidParameterException for percentages with which no deployment could ever move. */
function requirePercents({
  maximumPercent,
  minimumHealthyPercent,
}: ServiceRecord['deploymentConfiguration']): void {
  const isWhole = Number.isInteger(maximumPercent) && Number.isInteger(minimumHealthyPercent)
  if (!isWhole || minimumHealthyPercent < 0 || maximumPercent < 1) {
    throw invalidParameter(
      'maximumPercent and minimumHealthyPercent must be whole, non-negative percentages.',
    )
  }
  if (minimumHealthyPercent > 100)
    throw invalidParameter('minimumHealthyPercent must be less than or equal to 100.')
  if (maximumPercent < 100) throw invalidParameter('maximumPercent must be greater than or equal to 100.')
  if (maximumPercent === 100 && minimumHealthyPercent === 100) {
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    )
  }
}
