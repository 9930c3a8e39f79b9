/** The steps of one task, done: its record changes, the host is asked. */
import type { ContainerDefinition, ContainerOverride } from '@aws-sdk/client-ecs'
import { commandOfCheck, timeoutOf } from './container-health.ts'
import type { ContainerSpec } from './effects.ts'
import { noteFailure } from './failures.ts'
import { logsOf } from './log-configuration.ts'
import { STOP_TIMEOUT_MS } from './pace.ts'
import type { ContainerRecord, EcsContext, TaskRecord } from './state.ts'
import { moveTask, stopTask } from './task-changes.ts'
import { deregisterInstances, registerInstances, tellHealth } from './task-registries.ts'
import { definitionOf, type TaskStep } from './task-steps.ts'
import { deregisterTargets, registerTargets } from './task-targets.ts'

/** Does one step of `planTask`. */
export function performTaskStep(step: TaskStep, task: TaskRecord, context: EcsContext): void {
  switch (step.kind) {
    case 'move':
      moveTask(context, task, step.to)
      if (step.to === 'STOPPED') leaveService(context, task)
      break
    case 'provision':
      task.network.phase = 'asked'
      context.ask({ kind: 'provision-task', taskArn: task.arn, subnetId: task.network.subnetId })
      break
    case 'release':
      task.network.phase = 'releasing'
      context.ask({ kind: 'release-task', taskArn: task.arn })
      break
    case 'stop':
      noteFailure(task, context)
      stopTask(context, task, step.cause)
      break
    case 'register-targets':
      registerTargets(task, context)
      break
    case 'deregister-targets':
      deregisterTargets(task, context)
      break
    case 'register-instances':
      registerInstances(task, context)
      break
    case 'tell-health':
      tellHealth(task, context)
      break
    case 'deregister-instances':
      deregisterInstances(task, context)
      break
    case 'forget':
      delete context.state.tasks[task.arn]
      if (task.clientToken !== undefined) delete context.state.runTokens[task.clientToken]
      break
    default:
      performContainerStep(step, task, context)
      break
  }
}

type ContainerStep = Extract<TaskStep, { container: string }>

function performContainerStep(step: ContainerStep, task: TaskRecord, context: EcsContext): void {
  const container = task.containers.find(({ name }) => name === step.container)
  if (!container) return
  const definition = context.state.taskDefinitions[task.settings.taskDefinitionArn]?.definition ?? {}
  const own = definitionOf(definition, container.name) ?? {}
  switch (step.kind) {
    case 'pull':
      pull(task, container, context)
      break
    case 'start':
      container.phase = 'starting'
      context.ask({
        kind: 'start-container',
        taskArn: task.arn,
        container: specOf(task, container, own, context.region),
      })
      break
    case 'drop':
      container.phase = 'stopped'
      break
    case 'check':
      check(task, container, own, context)
      break
    case 'signal':
      signal(step.signal, task, container, own, context)
      break
  }
}

function pull(task: TaskRecord, container: ContainerRecord, context: EcsContext): void {
  container.phase = 'pulling'
  task.pullStartedAt ??= context.now
  const { name, image, imageDigest } = container
  context.ask({
    kind: 'pull-image',
    taskArn: task.arn,
    container: name,
    image,
    ...(imageDigest && { imageDigest }),
  })
}

function check(
  task: TaskRecord,
  container: ContainerRecord,
  own: ContainerDefinition,
  context: EcsContext,
): void {
  const { health } = container
  if (!health) return
  delete health.nextAt
  health.runs += 1
  if (!own.healthCheck) return
  context.ask({
    kind: 'check-health',
    taskArn: task.arn,
    container: container.name,
    command: commandOfCheck(own.healthCheck),
    timeoutMs: timeoutOf(own.healthCheck),
    run: health.runs,
  })
}

function signal(
  name: 'SIGTERM' | 'SIGKILL',
  task: TaskRecord,
  container: ContainerRecord,
  own: ContainerDefinition,
  context: EcsContext,
): void {
  if (name === 'SIGTERM')
    container.killAt =
      context.now + (own.stopTimeout === undefined ? STOP_TIMEOUT_MS : own.stopTimeout * 1000)
  else container.isKilled = true
  context.ask({ kind: 'signal-container', taskArn: task.arn, container: container.name, signal: name })
}

/** The definition with the task's overrides applied: their environment adds to it, their command replaces it. */
function specOf(
  task: TaskRecord,
  container: ContainerRecord,
  own: ContainerDefinition,
  region: string,
): ContainerSpec {
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name) ?? {}
  const command = override.command ?? own.command
  const logs = logsOf(own, task.id, region)
  return {
    name: container.name,
    image: container.image,
    ...(container.imageDigest && { imageDigest: container.imageDigest }),
    ...(own.entryPoint && { entryPoint: own.entryPoint }),
    ...(command && { command }),
    environment: environmentOf(own, override),
    ...(own.workingDirectory && { workingDirectory: own.workingDirectory }),
    ...(logs && { logs }),
    ports: (own.portMappings ?? []).flatMap(({ containerPort, protocol }) =>
      containerPort ? [{ containerPort, protocol: protocol ?? ('tcp' as const) }] : [],
    ),
  }
}

function environmentOf(own: ContainerDefinition, override: ContainerOverride): Record<string, string> {
  const pairs = [...(own.environment ?? []), ...(override.environment ?? [])]
  return Object.fromEntries(pairs.map(({ name = '', value = '' }) => [name, value]))
}

function leaveService({ state }: EcsContext, task: TaskRecord): void {
  const service = task.serviceArn ? state.services[task.serviceArn] : undefined
  if (service) delete service.taskArns[task.arn]
}
