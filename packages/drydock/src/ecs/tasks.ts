/** Tasks as clients start, stop and see them. */

import type { RunTaskRequest } from '@aws-sdk/client-ecs'
import * as client from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/handlers.ts'
import { findCluster } from './clusters.ts'
import { requireOneOf } from './enums.ts'
import { invalidParameter, serviceNotFound } from './errors.ts'
import { shortName, taskArn } from './names.ts'
import { pageOf } from './paging.ts'
import type { ClusterRecord, EcsOperationContext, EcsState, Tags, TaskRecord } from './state.ts'
import { parseTags } from './tags.ts'
import { stopTask } from './task-changes.ts'
import { createTask } from './task-creation.ts'
import { findTaskDefinition } from './task-definitions.ts'
import { parseTaskSettings } from './task-settings.ts'
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
    const task = findTask(context, cluster, input.task ?? '')
    if (!task) throw invalidParameter('The referenced task was not found.')
    const stoppedReason = input.reason ?? 'Task stopped by user'
    stopTask(context, task, { stopCode: 'UserInitiated', stoppedReason })
    return { task: taskView(context.state, task) }
  },
  DescribeTasks(input, context) {
    const cluster = findCluster(context.state, input.cluster)
    const wanted = input.tasks ?? []
    if (!wanted.length) throw invalidParameter('Tasks cannot be empty.')
    if (wanted.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} tasks can be described.`)
    const found = wanted.map((name) => findTask(context, cluster, name))
    const missing = wanted.filter((_, index) => !found[index])
    return {
      tasks: found.flatMap((task) => (task ? [taskView(context.state, task, input.include)] : [])),
      failures: missing.map((name) => ({ arn: arnGiven(context, cluster, name), reason: 'MISSING' })),
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
    const { page, nextToken } = pageOf(tasks.map(({ arn }) => arn).sort(), input)
    return { taskArns: page, nextToken }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

type ListInput = {
  serviceName?: string | undefined
  desiredStatus?: string | undefined
  containerInstance?: string | undefined
  startedBy?: string | undefined
}

/** The tasks of the cluster or of the service that is named; none are on container instances. */
function tasksOf(state: EcsState, cluster: ClusterRecord, input: ListInput): TaskRecord[] {
  if (input.desiredStatus === 'PENDING') throw invalidParameter('Tasks are never desired to be PENDING.')
  if (input.containerInstance) throw invalidParameter('The referenced container instance was not found.')
  const all = Object.values(state.tasks).filter((task) => task.clusterArn === cluster.arn)
  if (input.serviceName === undefined) return all
  const name = shortName(input.serviceName)
  const isService = Object.values(state.services).some(
    (service) => service.name === name && service.clusterArn === cluster.arn && service.status !== 'INACTIVE',
  )
  if (!isService) throw serviceNotFound()
  return all.filter((task) => task.group === `service:${name}`)
}

const familyOf = ({ settings }: TaskRecord) => shortName(settings.taskDefinitionArn).split(':')[0]

const arnGiven = (context: EcsOperationContext, cluster: ClusterRecord, name: string) =>
  name.startsWith('arn:') ? name : taskArn(context, cluster.name, name)

function findTask(
  context: EcsOperationContext,
  cluster: ClusterRecord,
  name: string,
): TaskRecord | undefined {
  const task = context.state.tasks[arnGiven(context, cluster, name)]
  return task?.clusterArn === cluster.arn ? task : undefined
}

/** All that a RunTask's tasks have in common. Throws before anything is changed. */
function originOf(context: EcsOperationContext, input: RunTaskRequest) {
  const cluster = findCluster(context.state, input.cluster)
  const definition = findTaskDefinition(context.state, input.taskDefinition)
  const settings = parseTaskSettings(input, definition, cluster)
  requireOneOf('propagateTags', input.propagateTags, client.PropagateTags)
  const group = input.group ?? `family:${definition.family}`
  if (group.startsWith('service:')) throw invalidParameter("Group names must not start with 'service:'.")
  requireOverrides(input, definition.definition.containerDefinitions?.map(({ name }) => name) ?? [])
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
    ...(input.overrides && { overrides: input.overrides }),
    tags: { ...propagated, ...managedTags(input, cluster), ...parseTags(input.tags) } satisfies Tags,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
  }
}

const managedTags = ({ enableECSManagedTags }: RunTaskRequest, cluster: ClusterRecord): Tags =>
  enableECSManagedTags ? { 'aws:ecs:clusterName': cluster.name } : {}

function requireOverrides({ overrides }: RunTaskRequest, names: (string | undefined)[]): void {
  for (const { name } of overrides?.containerOverrides ?? []) {
    if (!names.includes(name))
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`)
  }
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
