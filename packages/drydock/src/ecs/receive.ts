/** Takes in what the host reports: addresses, images, programs that start and end. Late reports change nothing. */
import type { TaskDefinition } from '@aws-sdk/client-ecs'
import { lookAtTask } from './agenda.ts'
import { afterCheck, healthOfTask, newHealth } from './container-health.ts'
import { instanceIdOf } from './container-instances.ts'
import { receiveAlarms } from './deployment-alarms.ts'
import type { EcsReport, InterruptionCause, LoadBalancingReport, RegistryReport } from './effects.ts'
import { noteFailure } from './failures.ts'
import { receiveHook } from './hooks.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { receiveTraffic } from './perform-shift.ts'
import { receiveOfRegistries, renewRegistrations } from './receive-registries.ts'
import { receiveOfTargets } from './receive-targets.ts'
import type { ContainerRecord, EcsContext, EcsState, ServiceRecord, TaskRecord } from './state.ts'
import { announceTask, lookAtService, moveTask, type StopCause, stopTask } from './task-changes.ts'
import { definitionOf, isUp } from './task-steps.ts'
import { deregisterTargets } from './task-targets.ts'

/** Takes in one report. */
export function receive(report: EcsReport, context: EcsContext): void {
  if (report.kind === 'host-restarted') restart(context)
  else if (report.kind === 'images-resolved') resolved(report, context)
  else if (isOfTargets(report)) receiveOfTargets(report, context)
  else if (isOfRegistries(report)) receiveOfRegistries(report, context)
  else if (report.kind === 'alarms-seen') receiveAlarms(report, context)
  else if (report.kind === 'hook-called') receiveHook(report, context)
  else if (report.kind === 'traffic-inspected' || report.kind === 'traffic-shifted')
    receiveTraffic(report, context)
  else receiveOfTask(report, context)
}

const isOfTargets = (report: EcsReport): report is LoadBalancingReport =>
  report.kind.startsWith('target-') || report.kind === 'registration-failed'

const isOfRegistries = (report: EcsReport): report is RegistryReport => report.kind.startsWith('instance-')

type TaskReport = Exclude<Extract<EcsReport, { taskArn: string }>, LoadBalancingReport | RegistryReport>

function receiveOfTask(report: TaskReport, context: EcsContext): void {
  const task = context.state.tasks[report.taskArn]
  if (!task || task.lastStatus === 'STOPPED') return
  lookAtTask(context.state, task, context.now)
  if ('container' in report) receiveOfContainer(report, task, context)
  else if (report.kind === 'task-released') task.network.phase = 'released'
  else if (report.kind === 'task-interrupted') stopTask(context, task, interruption(task, report.cause))
  else if (task.network.phase === 'asked') {
    task.network.phase = 'ready'
    task.network.address = report.address
    if (report.ipv6Address !== undefined) task.network.ipv6Address = report.ipv6Address
  }
}

/** As AWS words it (Developer Guide: Fargate capacity providers; stopped task error messages). It counts as no failure. */
function interruption(task: TaskRecord, cause: InterruptionCause): StopCause {
  if (cause === 'spot')
    return { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' }
  const stoppedReason =
    task.settings.launchType === 'FARGATE'
      ? 'ECS is performing maintenance on the underlying infrastructure hosting the task.'
      : `Host EC2 (instance ${instanceIdOf(task)}) terminated.`
  return { stopCode: 'TerminationNotice', stoppedReason }
}

type ContainerReport = Extract<EcsReport, { container: string }>

function receiveOfContainer(report: ContainerReport, task: TaskRecord, context: EcsContext): void {
  const container = task.containers.find(({ name }) => name === report.container)
  if (!container) return
  switch (report.kind) {
    case 'image-pulled':
      if (container.phase !== 'pulling') return
      container.phase = 'pulled'
      if (report.imageDigest) pin(report.imageDigest, container, task, context)
      notePulled(task, context)
      break
    case 'container-started':
      container.runtimeId = report.runtimeId
      // Whoever has an interface has all ports for itself.
      if (report.ports?.length && definitionOfTask(context.state, task).networkMode !== 'awsvpc')
        container.ports = report.ports
      if (container.phase === 'starting') noteStart(container, task, context)
      break
    case 'health-checked':
      noteCheck(report, container, task, context)
      break
    case 'pull-failed':
    case 'start-failed':
      if (container.phase !== 'pulling' && container.phase !== 'starting') return
      container.reason = report.reason
      endOf(container, task, { stopCode: 'TaskFailedToStart', stoppedReason: report.reason }, context)
      break
    case 'container-exited':
      if (container.phase === 'stopped') return
      // A program may end at once: that its task ran is told first.
      if (task.lastStatus === 'ACTIVATING' && isUp(task)) moveTask(context, task, 'RUNNING')
      container.exitCode = report.exitCode
      if (report.reason) container.reason = report.reason
      endOf(container, task, ESSENTIAL_EXIT, context)
      break
  }
}

function noteStart(container: ContainerRecord, task: TaskRecord, { state, now }: EcsContext): void {
  container.phase = 'running'
  const { healthCheck } = definitionOf(definitionOfTask(state, task), container.name) ?? {}
  if (healthCheck) container.health = newHealth(healthCheck, now)
}

/** Tells of it if the container's health has changed, and lets its service decide at once. A task that stops stays as it was. */
function noteCheck(
  { run, hasPassed }: Extract<EcsReport, { kind: 'health-checked' }>,
  container: ContainerRecord,
  task: TaskRecord,
  context: EcsContext,
): void {
  const { health: before } = container
  const definition = definitionOfTask(context.state, task)
  const { healthCheck } = definitionOf(definition, container.name) ?? {}
  const isWatched = container.phase === 'running' && task.desiredStatus === 'RUNNING'
  if (!before || !healthCheck || before.runs !== run || !isWatched) return
  container.health = afterCheck(before, hasPassed, healthCheck, context.now)
  if (container.health.status === before.status) return
  const healthStatus = healthOfTask(task.containers, definition)
  if (healthStatus) task.healthStatus = healthStatus
  announceTask(context, task)
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  if (service) lookAtService(service, context.now)
}

const definitionOfTask = ({ taskDefinitions }: EcsState, { settings }: TaskRecord): TaskDefinition =>
  taskDefinitions[settings.taskDefinitionArn]?.definition ?? {}

const ESSENTIAL_EXIT: StopCause = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
}

/**
 * A tag that led nowhere when its deployment began is resolved by the first task that pulls it, for those after it
 * (Developer Guide: container image resolution).
 */
function pin(digest: string, container: ContainerRecord, task: TaskRecord, { state }: EcsContext): void {
  container.imageDigest = digest
  const service = task.serviceArn ? state.services[task.serviceArn] : undefined
  const deployment = service?.deployments.find(({ id }) => id === task.deploymentId)
  const isPinned =
    definitionOf(definitionOfTask(state, task), container.name)?.versionConsistency !== 'disabled'
  const digests = service?.revisions[deployment?.revisionId ?? '']?.digests
  if (digests && isPinned && !Object.hasOwn(digests, container.name)) digests[container.name] = digest
}

function notePulled(task: TaskRecord, { now }: EcsContext): void {
  const isPulled = task.containers.every(({ phase }) => phase !== 'new' && phase !== 'pulling')
  if (isPulled) task.pullStoppedAt ??= now
}

/**
 * A container has ended, or will never start: the task ends with it if it is essential, and only tells of it if not
 * (Developer Guide: task state change events).
 */
function endOf(container: ContainerRecord, task: TaskRecord, cause: StopCause, context: EcsContext): void {
  container.phase = 'stopped'
  if (task.containers.every(({ phase }) => phase === 'stopped')) task.executionStoppedAt = context.now
  if (task.desiredStatus === 'STOPPED') return
  const definition = definitionOfTask(context.state, task)
  if (definitionOf(definition, container.name)?.essential) {
    noteFailure(task, context)
    stopTask(context, task, cause)
  } else announceTask(context, task)
}

function resolved(report: Extract<EcsReport, { kind: 'images-resolved' }>, { state, now }: EcsContext): void {
  const service = state.services[report.serviceArn]
  const deployment = service?.deployments.find(({ id }) => id === report.deploymentId)
  const revision = service?.revisions[deployment?.revisionId ?? '']
  if (!service || !deployment || !revision) return
  deployment.images = 'resolved'
  revision.digests = { ...report.digests }
  lookAtService(service, now)
}

/**
 * Everything that ran has ended with the engine: its tasks stop, services replace theirs, and what was asked of the
 * host and not answered is asked again.
 */
function restart(context: EcsContext): void {
  for (const task of Object.values(context.state.tasks)) {
    renewRegistrations(task, context)
    if (task.lastStatus !== 'STOPPED') endWithHost(task, context)
  }
  for (const service of Object.values(context.state.services)) {
    for (const deployment of service.deployments) {
      if (deployment.images === 'asked') deployment.images = 'unresolved'
    }
    askAnew(service, context)
    lookAtService(service, context.now)
  }
}

/** What a deployment asked of other services is not answered any more. */
function askAnew(service: ServiceRecord, { now }: EcsContext): void {
  const { alarms, shift } = openServiceDeployment(service) ?? {}
  if (alarms) alarms.isAsked = false
  if (!shift) return
  delete shift.token
  delete shift.isLeft
  for (const hook of shift.hooks ?? []) if (hook.status === 'IN_PROGRESS') hook.callAt ??= now
}

function endWithHost(task: TaskRecord, context: EcsContext): void {
  for (const container of task.containers) {
    if (container.phase === 'running') container.reason = 'The host was restarted'
    container.phase = 'stopped'
  }
  task.executionStoppedAt ??= context.now
  deregisterTargets(task, context)
  task.network.phase = 'released'
  lookAtTask(context.state, task, context.now)
  const stoppedReason = 'The engine that ran this task was restarted'
  stopTask(context, task, { stopCode: 'InfrastructureHealth', stoppedReason })
  if (task.lastStatus !== 'DEPROVISIONING') moveTask(context, task, 'DEPROVISIONING')
}
