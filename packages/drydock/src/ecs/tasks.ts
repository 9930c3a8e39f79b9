/** Tasks as clients start, stop and see them. */

import type { RunTaskRequest, TaskDefinition, TaskOverride } from '@aws-sdk/client-ecs'
import * as client from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/handlers.ts'
import { findCluster } from './clusters.ts'
import { instancesOf } from './container-instances.ts'
import { requireIncludes, requireOneOf } from './enums.ts'
import { invalidParameter, serviceNotFound } from './errors.ts'
import { arnInCluster, shortName } from './names.ts'
import { requestedPage } from './page.ts'
import type { ClusterRecord, EcsOperationContext, EcsState, Tags, TaskRecord, TaskSettings } from './state.ts'
import { parseTags } from './tags.ts'
import { stopTask } from './task-changes.ts'
import { createTask } from './task-creation.ts'
import { findTaskDefinition } from './task-definitions.ts'
import { parseTaskSettings } from './task-settings.ts'
import { parseCpu, parseMemory, requireFargateSize } from './task-sizes.ts'
import { taskView } from './task-view.ts'

const MOST_STARTED = 10
const MOST_DESCRIBED = 100

export const taskOperations = {
  RunTask(input, context) {
    const repeated = answerOfToken(context, input)
    if (repeated) return { tasks: repeated, failures: [] }
    const count = input.count ?? 1
    if (count < 1 || count > MOST_STARTED)
      throw invalidParameter(`count must be between 1 and ${MOST_STARTED}.`)
    const origin = originOf(context, input)
    const tasks = Array.from({ length: count }, () => createTask(context, origin))
    rememberToken(context, input, tasks)
    return { tasks: tasks.map((task) => taskView(context.state, task, ['TAGS'])), failures: [] }
  },
  StopTask(input, context) {
    const cluster = findCluster(context.state, input.cluster)
    const task = context.state.tasks[arnInCluster('task', cluster.arn, input.task ?? '')]
    if (!task) throw invalidParameter('The referenced task was not found.')
    const stoppedReason = input.reason ?? 'Task stopped by user'
    stopTask(context, task, { stopCode: 'UserInitiated', stoppedReason })
    return { task: taskView(context.state, task) }
  },
  DescribeTasks(input, context) {
    requireIncludes(input.include, client.TaskField)
    const cluster = findCluster(context.state, input.cluster)
    const wanted = input.tasks ?? []
    if (!wanted.length) throw invalidParameter('Tasks cannot be empty.')
    if (wanted.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} tasks can be described.`)
    const arns = wanted.map((name) => arnInCluster('task', cluster.arn, name))
    const found = arns.map((arn) => context.state.tasks[arn])
    const missing = arns.filter((_, index) => !found[index])
    return {
      tasks: found.flatMap((task) => (task ? [taskView(context.state, task, input.include)] : [])),
      failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
    }
  },
  ListTasks(input, { state }) {
    requireOneOf('desiredStatus', input.desiredStatus, client.DesiredStatus)
    requireOneOf('launchType', input.launchType, client.LaunchType)
    const cluster = findCluster(state, input.cluster)
    const tasks = tasksOf(state, cluster, input).filter(
      (task) =>
        task.desiredStatus === (input.desiredStatus ?? 'RUNNING') &&
        (!input.family || familyOf(task) === input.family) &&
        (input.startedBy === undefined || task.startedBy === input.startedBy) &&
        (!input.launchType || task.settings.launchType === input.launchType),
    )
    const { items, nextToken } = requestedPage(tasks, ({ arn }) => arn, input)
    return { taskArns: items.map(({ arn }) => arn), nextToken }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

type ListInput = {
  serviceName?: string | undefined
  desiredStatus?: string | undefined
  containerInstance?: string | undefined
  startedBy?: string | undefined
}

/** The tasks of the cluster, of the service or of the container instance that is named. */
function tasksOf(state: EcsState, cluster: ClusterRecord, input: ListInput): TaskRecord[] {
  if (input.desiredStatus === 'PENDING') throw invalidParameter('Tasks are never desired to be PENDING.')
  const all = input.containerInstance
    ? [taskOfInstance(state, cluster, input.containerInstance)]
    : Object.values(state.tasks).filter((task) => task.clusterArn === cluster.arn)
  if (input.serviceName === undefined) return all
  const name = shortName(input.serviceName)
  const isService = Object.values(state.services).some(
    (service) => service.name === name && service.clusterArn === cluster.arn && service.status !== 'INACTIVE',
  )
  if (!isService) throw serviceNotFound()
  return all.filter((task) => task.group === `service:${name}`)
}

function taskOfInstance(state: EcsState, cluster: ClusterRecord, instance: string): TaskRecord {
  const found = instancesOf(state, cluster).find(({ id }) => id === shortName(instance))
  if (!found) throw invalidParameter('The referenced container instance was not found.')
  return found
}

const familyOf = ({ settings }: TaskRecord) => shortName(settings.taskDefinitionArn).split(':')[0]

/** All that a RunTask's tasks have in common. Throws before anything is changed. */
function originOf(context: EcsOperationContext, input: RunTaskRequest) {
  const cluster = findCluster(context.state, input.cluster)
  const definition = findTaskDefinition(context.state, input.taskDefinition)
  const settings = parseTaskSettings(input, definition, cluster)
  requireOneOf('propagateTags', input.propagateTags, client.PropagateTags)
  const group = input.group ?? `family:${definition.family}`
  if (group.startsWith('service:')) throw invalidParameter("Group names must not start with 'service:'.")
  requireStartedBy(input.startedBy)
  const overrides = parseOverrides(input.overrides, settings, definition.definition)
  if (input.propagateTags === 'SERVICE')
    throw invalidParameter('Only tags of the task definition can be propagated.')
  const propagated = input.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    settings,
    definition,
    group,
    ...(input.startedBy !== undefined && { startedBy: input.startedBy }),
    ...(overrides && { overrides }),
    tags: { ...propagated, ...managedTags(input, cluster), ...parseTags(input.tags) } satisfies Tags,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
  }
}

const managedTags = ({ enableECSManagedTags }: RunTaskRequest, cluster: ClusterRecord): Tags =>
  enableECSManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}

/** API Reference: RunTask, startedBy. */
function requireStartedBy(startedBy = ''): void {
  if (/^[\w/-]{0,128}$/.test(startedBy)) return
  throw invalidParameter(
    'startedBy can have up to 128 letters, digits, hyphens, forward slashes and underscores.',
  )
}

/** Throws for a container that the definition lacks, and for a size that the task cannot have. */
function parseOverrides(
  overrides: TaskOverride | undefined,
  { launchType }: TaskSettings,
  definition: TaskDefinition,
): TaskOverride | undefined {
  if (!overrides) return undefined
  const names = definition.containerDefinitions?.map(({ name }) => name) ?? []
  for (const { name } of overrides.containerOverrides ?? []) {
    if (!names.includes(name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`)
  }
  const cpu = overrides.cpu ? parseCpu(overrides.cpu) : undefined
  const memory = overrides.memory ? parseMemory(overrides.memory) : undefined
  if (launchType === 'FARGATE') requireFargateSize(cpu ?? definition.cpu, memory ?? definition.memory)
  return { ...overrides, ...(cpu && { cpu }), ...(memory && { memory }) }
}

/** The tasks of an earlier RunTask with the same token. Throws ConflictException if that one asked for something else. */
function answerOfToken({ state }: EcsOperationContext, input: RunTaskRequest) {
  const answer = input.clientToken ? state.runTokens[input.clientToken] : undefined
  if (!answer) return undefined
  if (answer.request !== JSON.stringify(input)) {
    const message = 'The client token was used with other parameters.'
    throw new client.ConflictException({ message, resourceIds: answer.taskArns, $metadata: {} })
  }
  return answer.taskArns.flatMap((arn) => {
    const task = state.tasks[arn]
    return task ? [taskView(state, task, ['TAGS'])] : []
  })
}

function rememberToken({ state }: EcsOperationContext, input: RunTaskRequest, tasks: TaskRecord[]): void {
  if (!input.clientToken) return
  for (const task of tasks) task.clientToken = input.clientToken
  state.runTokens[input.clientToken] = {
    taskArns: tasks.map(({ arn }) => arn),
    request: JSON.stringify(input),
  }
}
