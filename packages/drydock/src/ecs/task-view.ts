/** A task as the API and the events show it. */
import type {
  Attachment,
  Container,
  KeyValuePair,
  NetworkBinding,
  NetworkInterface,
  Task,
  TaskDefinition,
} from '@aws-sdk/client-ecs'
import { containerInstanceArn, hasInstance } from './container-instances.ts'
import type { ContainerRecord, EcsState, TaskRecord } from './state.ts'
import { tagList } from './tags.ts'
import { platformOf } from './task-settings.ts'

/** The task as DescribeTasks returns it. */
export function taskView(state: EcsState, task: TaskRecord, include: readonly string[] = []): Task {
  return {
    ...taskCore(state, task, 'ElasticNetworkInterface'),
    tags: include.includes('TAGS') ? tagList(task.tags) : [],
  }
}

/** The `detail` of `ECS Task State Change`: as the API, with times as text and the attachment called `eni`. */
export function taskEventDetail(state: EcsState, task: TaskRecord): object {
  const entries = Object.entries({ ...taskCore(state, task, 'eni'), updatedAt: new Date(task.updatedAt) })
  const isKnown = ([, value]: [string, unknown]) => value !== undefined
  return Object.fromEntries(
    entries.filter(isKnown).map(([key, value]) => [key, value instanceof Date ? value.toISOString() : value]),
  )
}

function taskCore(state: EcsState, task: TaskRecord, attachmentType: string): Task {
  const definition = state.taskDefinitions[task.settings.taskDefinitionArn]?.definition ?? {}
  return {
    attachments: usesVpc(definition) ? [attachmentOf(task, attachmentType)] : [],
    attributes: [{ name: 'ecs.cpu-architecture', value: architectureOf(definition) }],
    availabilityZone: task.availabilityZone,
    clusterArn: task.clusterArn,
    containerInstanceArn: hasInstance(task) ? containerInstanceArn(task) : undefined,
    containers: task.containers.map((container) => containerView(task, container, definition)),
    cpu: task.overrides.cpu ?? definition.cpu,
    createdAt: new Date(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    group: task.group,
    healthStatus: task.healthStatus ?? 'UNKNOWN',
    lastStatus: task.lastStatus,
    launchType: task.settings.launchType,
    memory: task.overrides.memory ?? definition.memory,
    overrides: task.overrides,
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    taskArn: task.arn,
    taskDefinitionArn: task.settings.taskDefinitionArn,
    version: task.version,
    ephemeralStorage:
      task.settings.launchType === 'FARGATE' ? { sizeInGiB: 20, ...definition.ephemeralStorage } : undefined,
    ...platformView(task, definition),
    ...timesOf(task),
  }
}

function platformView({ settings }: TaskRecord, definition: TaskDefinition) {
  if (settings.launchType !== 'FARGATE') return {}
  const family = definition.runtimePlatform?.operatingSystemFamily ?? 'LINUX'
  return {
    capacityProviderName: settings.capacityProviderName,
    platformVersion: platformOf(settings),
    platformFamily: family === 'LINUX' ? 'Linux' : family,
  }
}

function timesOf(task: TaskRecord) {
  const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at))
  return {
    connectivity: task.connectivityAt === undefined ? undefined : ('CONNECTED' as const),
    connectivityAt: date(task.connectivityAt),
    pullStartedAt: date(task.pullStartedAt),
    pullStoppedAt: date(task.pullStoppedAt),
    startedAt: date(task.startedAt),
    stoppingAt: date(task.stoppingAt),
    executionStoppedAt: date(task.executionStoppedAt),
    stoppedAt: date(task.stoppedAt),
  }
}

const usesVpc = ({ networkMode }: TaskDefinition) => networkMode === 'awsvpc'

const architectureOf = ({ runtimePlatform }: TaskDefinition) =>
  runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64'

/** `privateIPv4Address` here, `privateIpv4Address` in a container's interface: AWS writes them so. */
function attachmentOf({ network, lastStatus }: TaskRecord, type: string): Attachment {
  const details: KeyValuePair[] = [{ name: 'subnetId', value: network.subnetId }]
  if (network.address) {
    details.push(
      { name: 'networkInterfaceId', value: network.interfaceId },
      { name: 'macAddress', value: network.macAddress },
      { name: 'privateIPv4Address', value: network.address },
    )
  }
  return { id: network.attachmentId, type, status: attachmentStatus(network.phase, lastStatus), details }
}

function attachmentStatus(
  phase: TaskRecord['network']['phase'],
  lastStatus: TaskRecord['lastStatus'],
): string {
  if (lastStatus === 'STOPPED') return 'DELETED'
  if (lastStatus === 'PROVISIONING') return 'PRECREATED'
  return phase === 'ready' ? 'ATTACHED' : 'DETACHING'
}

function containerView(task: TaskRecord, container: ContainerRecord, definition: TaskDefinition): Container {
  const own = definition.containerDefinitions?.find(({ name }) => name === container.name)
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    lastStatus: containerStatus(container),
    networkBindings: bindingsOf(container, definition),
    networkInterfaces: usesVpc(definition) ? interfacesOf(task) : [],
    healthStatus: container.health?.status ?? 'UNKNOWN',
    cpu: String(own?.cpu ?? 0),
    ...(own?.memory && { memory: String(own.memory) }),
    ...(own?.memoryReservation && { memoryReservation: String(own.memoryReservation) }),
    ...(container.imageDigest && { imageDigest: container.imageDigest }),
    ...(container.runtimeId && { runtimeId: container.runtimeId }),
    ...(container.exitCode !== undefined && { exitCode: container.exitCode }),
    ...(container.reason && { reason: container.reason }),
  }
}

function interfacesOf({ network }: TaskRecord): NetworkInterface[] {
  const { attachmentId, address, ipv6Address } = network
  if (!address) return []
  return [{ attachmentId, privateIpv4Address: address, ...(ipv6Address !== undefined && { ipv6Address }) }]
}

/** Only of tasks without an interface of their own (API Reference: NetworkBinding). */
function bindingsOf({ ports = [] }: ContainerRecord, definition: TaskDefinition): NetworkBinding[] {
  return usesVpc(definition) ? [] : ports.map((port) => ({ bindIP: '0.0.0.0', ...port }))
}

function containerStatus({ phase }: ContainerRecord): string {
  if (phase === 'stopped') return 'STOPPED'
  return phase === 'running' ? 'RUNNING' : 'PENDING'
}
