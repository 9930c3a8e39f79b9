/** Deployments of a service: made by CreateService, and by those changes of UpdateService that need new tasks. */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { requireThreshold } from './breaker.ts'
import { invalidParameter, unsupported } from './errors.ts'
import { newDeploymentId } from './names.ts'
import { announceRollout, say } from './service-events.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord, TaskSettings } from './state.ts'
import { lookAtService } from './task-changes.ts'

/** What distinguishes a rollback from a new deployment. */
export interface RollbackOptions {
  /** The images as they were; a new deployment resolves their tags. */
  readonly digests: Readonly<Record<string, string>>
  /** Why it is under way, of its own id. */
  readonly reason: (id: string) => string
}

/** Makes a deployment the PRIMARY one; those before it keep what they have until it has taken over. */
export function startDeployment(
  context: EcsContext,
  service: ServiceRecord,
  settings: TaskSettings,
  rollback?: RollbackOptions,
): DeploymentRecord {
  for (const old of service.deployments) demote(context, service, old)
  const deployment: DeploymentRecord = {
    ...settings,
    id: newDeploymentId(context),
    status: 'PRIMARY',
    keepCount: 0,
    createdAt: context.now,
    updatedAt: context.now,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: '',
    failedTasks: 0,
    failedRounds: 0,
    nextStartAt: 0,
    images: rollback ? 'resolved' : 'unresolved',
    digests: { ...rollback?.digests },
  }
  service.deployments.unshift(deployment)
  delete service.steadyAt
  const { id } = deployment
  const rolloutStateReason = rollback?.reason(id) ?? `ECS deployment ${id} in progress.`
  announceRollout(context, service, deployment, { rolloutState: 'IN_PROGRESS', rolloutStateReason })
  lookAtService(service, context.now)
  return deployment
}

/**
 * A deployment that was complete keeps its desired count alive, and can be rolled back to; one that was not keeps only
 * what runs already; one that failed keeps nothing.
 */
function demote({ state, now }: EcsContext, service: ServiceRecord, old: DeploymentRecord): void {
  if (old.status === 'ACTIVE') return
  if (old.rolloutState === 'COMPLETED') {
    const { capacityProviderStrategy, digests } = old
    const settings = { ...settingsOf(old), ...(capacityProviderStrategy && { capacityProviderStrategy }) }
    service.lastCompleted = { settings, digests: { ...digests } }
  }
  const running = Object.keys(service.taskArns).filter((arn) => {
    const task = state.tasks[arn]
    return task?.deploymentId === old.id && task.lastStatus === 'RUNNING'
  }).length
  old.keepCount = { COMPLETED: service.desiredCount, IN_PROGRESS: running, FAILED: 0 }[old.rolloutState]
  old.status = 'ACTIVE'
  old.updatedAt = now
}

/**
 * Fails the PRIMARY deployment. With `rollback`, what was completed last is deployed again, with the images it had;
 * that is used up thereby until it is complete again. Without, or with nothing completed, the service stalls.
 */
export function failDeployment(
  context: EcsContext,
  service: ServiceRecord,
  deployment: DeploymentRecord,
): void {
  say(context, service, `(deployment ${deployment.id}) deployment failed: tasks failed to start.`)
  announceRollout(context, service, deployment, {
    rolloutState: 'FAILED',
    rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    // The documented event says it in the singular.
    reason: 'ECS deployment circuit breaker: task failed to start.',
  })
  const { lastCompleted } = service
  if (!lastCompleted || !service.deploymentConfiguration.deploymentCircuitBreaker?.rollback) return
  delete service.lastCompleted
  const { id } = startDeployment(context, service, lastCompleted.settings, {
    digests: lastCompleted.digests,
    reason: (newId) => `ECS deployment circuit breaker: rolling back to deploymentId ${newId}.`,
  })
  say(context, service, `rolling back to deployment ${id}.`)
}

/** What the tasks of a deployment are started with. */
export function settingsOf(deployment: DeploymentRecord): TaskSettings {
  const { taskDefinitionArn, launchType, capacityProviderName, platformVersion, networkConfiguration } =
    deployment
  return {
    taskDefinitionArn,
    launchType,
    ...(capacityProviderName && { capacityProviderName }),
    ...(platformVersion && { platformVersion }),
    ...(networkConfiguration && { networkConfiguration }),
  }
}

/** The configuration with the defaults of a REPLICA service (API Reference: DeploymentConfiguration). */
export function parseDeploymentConfiguration(
  input: DeploymentConfiguration = {},
  before?: ServiceRecord['deploymentConfiguration'],
): ServiceRecord['deploymentConfiguration'] {
  const { strategy = 'ROLLING' } = input
  if (strategy !== 'ROLLING') throw unsupported(`The deployment strategy ${strategy}`)
  if (input.lifecycleHooks?.length) throw unsupported('A deployment lifecycle hook')
  const configuration = {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    strategy,
    bakeTimeInMinutes: 0,
    ...before,
    ...definedOf(input),
    maximumPercent: input.maximumPercent ?? before?.maximumPercent ?? 200,
    minimumHealthyPercent: input.minimumHealthyPercent ?? before?.minimumHealthyPercent ?? 100,
  }
  requirePercents(configuration)
  requireThreshold(configuration)
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
