/** The steps of one service, done: tasks are made and stopped, deployments completed, messages written. */
import { startsCountAnew } from './breaker.ts'
import { lookAtAlarms } from './deployment-alarms.ts'
import { failDeployment, settingsOf } from './deployments.ts'
import { noteFailedChecks } from './failures.ts'
import { performShiftStep } from './perform-shift.ts'
import { beginBake, beginServiceDeployment, completeServiceDeployment } from './service-deployments.ts'
import { announceRollout, announceServiceAction, say, taskNames } from './service-events.ts'
import type { ServiceStep } from './service-steps.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord, Tags, TaskDefinitionRecord } from './state.ts'
import { stopTask } from './task-changes.ts'
import { createTask } from './task-creation.ts'
import { failedCheckOf } from './task-health.ts'

/** Does one step of `planService`. */
export function performServiceStep(step: ServiceStep, service: ServiceRecord, context: EcsContext): void {
  const deployment =
    'deploymentId' in step ? service.deployments.find(({ id }) => id === step.deploymentId) : undefined
  switch (step.kind) {
    case 'resolve-images':
      resolveImages(service, deployment, context)
      break
    case 'mark-healthy':
      markHealthy(step.taskArns, service, context)
      break
    case 'start-tasks':
      startTasks(step.count, service, deployment, context)
      break
    case 'stop-tasks':
      stopTasks(step, service, deployment, context)
      break
    case 'stop-failed':
      stopFailed(step.taskArns, service, context)
      break
    case 'complete':
      if (deployment) complete(service, deployment, context)
      break
    case 'fail':
      if (deployment) failDeployment(context, service, deployment, step.cause)
      break
    case 'look-at-alarms':
      lookAtAlarms(context, service)
      break
    case 'begin-bake':
      beginBake(context, service)
      break
    case 'remove':
      service.deployments = service.deployments.filter(({ id }) => id !== step.deploymentId)
      break
    case 'announce-steady':
      service.steadyAt = context.now
      say(context, service, 'has reached a steady state.')
      announceServiceAction(context, service, 'SERVICE_STEADY_STATE')
      break
    case 'announce-blocked':
      announceBlocked(service, context)
      break
    case 'do-stage-action':
    case 'begin-hooks':
    case 'call-hook':
    case 'time-out-hook':
    case 'enter-next-stage':
      performShiftStep(step, service, context)
      break
    case 'retire':
      service.status = 'INACTIVE'
      // Developer Guide: when a service is deleted, its service deployments are.
      service.serviceDeployments = []
      service.revisions = {}
      break
  }
}

function resolveImages(
  service: ServiceRecord,
  deployment: DeploymentRecord | undefined,
  context: EcsContext,
): void {
  if (!deployment) return
  const { containerDefinitions = [] } = definitionOf(context, deployment)?.definition ?? {}
  const pinned = containerDefinitions.filter(({ versionConsistency }) => versionConsistency !== 'disabled')
  deployment.images = 'asked'
  beginServiceDeployment(context, service)
  context.ask({
    kind: 'resolve-images',
    serviceArn: service.arn,
    deploymentId: deployment.id,
    images: Object.fromEntries(pinned.map(({ name = '', image = '' }) => [name, image])),
  })
}

const definitionOf = ({ state }: EcsContext, deployment: DeploymentRecord) =>
  state.taskDefinitions[deployment.taskDefinitionArn]

/** A healthy task ends its deployment's row of failures (API Reference: DeploymentCircuitBreaker). */
function markHealthy(taskArns: readonly string[], service: ServiceRecord, { state }: EcsContext): void {
  for (const arn of taskArns) {
    const task = state.tasks[arn]
    if (!task) continue
    task.wasHealthy = true
    const deployment = service.deployments.find(({ id }) => id === task.deploymentId)
    if (!deployment) continue
    Object.assign(deployment, { failedRounds: 0, nextStartAt: 0 })
    delete deployment.impairedAt
    if (startsCountAnew(service, deployment)) deployment.failedTasks = 0
  }
}

function startTasks(
  count: number,
  service: ServiceRecord,
  deployment: DeploymentRecord | undefined,
  context: EcsContext,
): void {
  const definition = deployment && definitionOf(context, deployment)
  if (!deployment || !definition) return
  const tasks = Array.from({ length: count }, () =>
    createTask(context, {
      clusterArn: service.clusterArn,
      clusterName: service.clusterName,
      settings: settingsOf(deployment),
      definition,
      group: `service:${service.name}`,
      startedBy: deployment.id,
      serviceArn: service.arn,
      deploymentId: deployment.id,
      tags: tagsOf(service, definition),
      enableExecuteCommand: service.enableExecuteCommand,
      digests: service.revisions[deployment.revisionId]?.digests ?? {},
    }),
  )
  for (const { arn } of tasks) service.taskArns[arn] = true
  delete service.steadyAt
  say(context, service, `has started ${count} tasks: ${taskNames(tasks)}.`)
}

/** Tags that a service's task is born with (Developer Guide: tagging resources). */
function tagsOf(service: ServiceRecord, definition: TaskDefinitionRecord): Tags {
  const managed = { 'aws:ecs:clusterName': service.clusterName, 'aws:ecs:serviceName': service.name }
  const propagated = { SERVICE: service.tags, TASK_DEFINITION: definition.tags, NONE: {} }[
    service.propagateTags
  ]
  return { ...propagated, ...(service.enableECSManagedTags && managed) }
}

function stopTasks(
  { taskArns, deploymentId, keep }: Extract<ServiceStep, { kind: 'stop-tasks' }>,
  service: ServiceRecord,
  deployment: DeploymentRecord | undefined,
  context: EcsContext,
): void {
  const tasks = taskArns.flatMap((arn) => context.state.tasks[arn] ?? [])
  const stoppedReason = `Scaling activity initiated by (deployment ${deploymentId})`
  for (const task of tasks) stopTask(context, task, { stopCode: 'ServiceSchedulerInitiated', stoppedReason })
  if (deployment) deployment.keepCount = keep
  delete service.steadyAt
  say(context, service, `has stopped ${tasks.length} running tasks: ${taskNames(tasks)}.`)
}

function stopFailed(taskArns: readonly string[], service: ServiceRecord, context: EcsContext): void {
  for (const arn of taskArns) {
    const task = context.state.tasks[arn]
    if (!task) continue
    const { message, stoppedReason } = failedCheckOf(task)
    say(context, service, `${taskNames([task])} ${message}`)
    noteFailedChecks(task, context)
    stopTask(context, task, { stopCode: 'ServiceSchedulerInitiated', stoppedReason })
  }
  delete service.steadyAt
}

function complete(service: ServiceRecord, deployment: DeploymentRecord, context: EcsContext): void {
  say(context, service, `(deployment ${deployment.id}) deployment completed.`)
  const rolloutStateReason = `ECS deployment ${deployment.id} completed.`
  announceRollout(context, service, deployment, { rolloutState: 'COMPLETED', rolloutStateReason })
  completeServiceDeployment(context, service)
}

function announceBlocked(service: ServiceRecord, context: EcsContext): void {
  const id = service.deployments[0]?.id
  if (id) service.blockedDeploymentId = id
  say(
    context,
    service,
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
      'Update the minimumHealthyPercent or maximumPercent value and try again.',
  )
}
