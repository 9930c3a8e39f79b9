/** Makes the record of a new task. From then on the scheduler leads it through its life. */
import type { TaskOverride } from '@aws-sdk/client-ecs'
import { lookAtTask } from './agenda.ts'
import { healthOfTask } from './container-health.ts'
import { containerArn, taskArn } from './names.ts'
import type {
  ContainerRecord,
  EcsContext,
  NetworkRecord,
  Tags,
  TaskDefinitionRecord,
  TaskRecord,
  TaskRegistration,
  TaskSettings,
  TaskTarget,
} from './state.ts'
import { announceTask } from './task-changes.ts'

/** What distinguishes one task from another of its definition. */
export interface TaskOrigin {
  readonly clusterArn: string
  readonly clusterName: string
  readonly settings: TaskSettings
  readonly definition: TaskDefinitionRecord
  readonly group: string
  readonly startedBy?: string
  readonly serviceArn?: string
  readonly deploymentId?: string
  readonly overrides?: TaskOverride
  readonly tags: Tags
  readonly enableExecuteCommand: boolean
  /** Digests by container name, where the images' tags are resolved already. */
  readonly digests?: Readonly<Record<string, string>>
}

/** Adds a task in PROVISIONING and tells of it. */
export function createTask(context: EcsContext, origin: TaskOrigin): TaskRecord {
  const { definition, digests, tags, overrides, serviceArn, deploymentId, startedBy } = origin
  const id = context.newId(32)
  const containers = containersOf(context, origin, id, digests ?? {})
  const healthStatus = healthOfTask(containers, definition.definition)
  const task: TaskRecord = {
    arn: taskArn(context, origin.clusterName, id),
    id,
    clusterArn: origin.clusterArn,
    clusterName: origin.clusterName,
    settings: origin.settings,
    group: origin.group,
    ...(startedBy !== undefined && { startedBy }),
    ...(serviceArn && { serviceArn }),
    ...(deploymentId && { deploymentId }),
    overrides: overridesOf(definition, overrides),
    enableExecuteCommand: origin.enableExecuteCommand,
    tags,
    tagVersion: 0,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    version: 0,
    createdAt: context.now,
    statusAt: context.now,
    updatedAt: context.now,
    ...placement(context, origin.settings),
    ...targetsOf(origin.settings),
    ...registrationsOf(origin.settings),
    ...(healthStatus && { healthStatus }),
    containers,
  }
  context.state.tasks[task.arn] = task
  lookAtTask(context.state, task, context.now)
  announceTask(context, task)
  return task
}

/** Every container is listed in the overrides, as AWS lists it, whether it is overridden or not. */
function overridesOf({ definition }: TaskDefinitionRecord, overrides: TaskOverride = {}): TaskOverride {
  const given = overrides.containerOverrides ?? []
  const names = (definition.containerDefinitions ?? []).map(({ name }) => name)
  const containerOverrides = names.map((name) => given.find((override) => override.name === name) ?? { name })
  return { inferenceAcceleratorOverrides: [], ...overrides, containerOverrides }
}

/** A subnet of the task's, and the zone that goes with its position in the list. */
function placement(context: EcsContext, { networkConfiguration }: TaskSettings) {
  const subnets = networkConfiguration?.awsvpcConfiguration?.subnets ?? []
  const index = Number.parseInt(context.newId(4), 16) % Math.max(subnets.length, 1)
  const network: NetworkRecord = {
    attachmentId: context.newUuid(),
    interfaceId: `eni-${context.newId(17)}`,
    subnetId: subnets[index] ?? 'subnet-00000000',
    macAddress: `0a${context.newId(10).replace(/../g, ':$&')}`,
    phase: 'none',
  }
  const zone = 'abcdef'[index % 6] ?? 'a'
  return { network, availabilityZone: `${context.region}${zone}` }
}

function targetsOf({ loadBalancers = [] }: TaskSettings): { targets?: TaskTarget[] } {
  if (!loadBalancers.length) return {}
  return { targets: loadBalancers.map((use) => ({ ...use, phase: 'none' })) }
}

function registrationsOf({ registries = [] }: TaskSettings): { registrations?: TaskRegistration[] } {
  if (!registries.length) return {}
  return { registrations: registries.map((use) => ({ ...use, phase: 'none' })) }
}

function containersOf(
  context: EcsContext,
  { definition, clusterName }: TaskOrigin,
  taskId: string,
  digests: Readonly<Record<string, string>>,
): ContainerRecord[] {
  return (definition.definition.containerDefinitions ?? []).map(({ name = '', image = '' }) => ({
    name,
    arn: containerArn(context, clusterName, taskId, context.newUuid()),
    image,
    ...(Object.hasOwn(digests, name) && { imageDigest: digests[name] ?? '' }),
    phase: 'new',
  }))
}
