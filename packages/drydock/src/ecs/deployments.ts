/** Deployments of a service: made by CreateService, and by those changes of UpdateService that need new tasks. */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { invalidParameter, unsupported } from './errors.ts'
import { newDeploymentId } from './names.ts'
import { announceRollout } from './service-events.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord, TaskSettings } from './state.ts'
import { lookAtService } from './task-changes.ts'

/** Makes a deployment the PRIMARY one; those before it keep what they have until it has taken over. */
export function startDeployment(context: EcsContext, service: ServiceRecord, settings: TaskSettings): void {
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
    images: 'unresolved',
    digests: {},
  }
  service.deployments.unshift(deployment)
  delete service.steadyAt
  announceRollout(context, service, deployment, 'IN_PROGRESS')
  lookAtService(service, context.now)
}

/** A deployment that was complete keeps its desired count alive; one that was not, only what runs already. */
function demote({ state, now }: EcsContext, service: ServiceRecord, old: DeploymentRecord): void {
  if (old.status === 'ACTIVE') return
  const running = Object.keys(service.taskArns).filter((arn) => {
    const task = state.tasks[arn]
    return task?.deploymentId === old.id && task.lastStatus === 'RUNNING'
  }).length
  old.keepCount = old.rolloutState === 'COMPLETED' ? service.desiredCount : running
  old.status = 'ACTIVE'
  old.updatedAt = now
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
