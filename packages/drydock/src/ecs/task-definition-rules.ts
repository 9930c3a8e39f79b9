/** What RegisterTaskDefinition accepts, and the defaults that AWS fills in. */
import {
  Compatibility,
  ContainerCondition,
  type ContainerDefinition,
  CPUArchitecture,
  IpcMode,
  NetworkMode,
  OSFamily,
  PidMode,
  type RegisterTaskDefinitionRequest,
  type TaskDefinition,
  VersionConsistency,
} from '@aws-sdk/client-ecs'
import { requireHealthCheck, withHealthDefaults } from './container-health.ts'
import { requireOneOf } from './enums.ts'
import { clientError } from './errors.ts'
import { requireLogConfiguration } from './log-configuration.ts'
import { isName } from './names.ts'
import { parseCpu, parseMemory, requireFargateSize } from './task-sizes.ts'

/** Fargate kills a container 120 seconds after SIGTERM at the latest (API Reference: ContainerDefinition). */
const LONGEST_FARGATE_STOP_SECONDS = 120
/** Amazon ECS service quotas. */
const MOST_CONTAINERS = 10
/** GiB that Fargate offers beside the 20 of every task (API Reference: EphemeralStorage). */
const [LEAST_STORAGE, MOST_STORAGE] = [21, 200]
const PROTOCOLS = ['tcp', 'udp']

/** The definition as it is stored. Throws ClientException for what AWS refuses. */
export function parseTaskDefinition(input: RegisterTaskDefinitionRequest): TaskDefinition {
  const isFargate = input.requiresCompatibilities?.includes('FARGATE') ?? false
  if (!isName(input.family ?? ''))
    throw clientError('Invalid family name. Letters, digits, hyphens and underscores only.')
  const cpu = input.cpu ? parseCpu(input.cpu) : undefined
  const memory = input.memory ? parseMemory(input.memory) : undefined
  requireSettings(input)
  const containers = (input.containerDefinitions ?? []).map((one) => withDefaults(one, input.networkMode))
  requireContainers(containers)
  for (const container of containers) requireLogConfiguration(container, isFargate)
  requireSums(containers, cpu, memory)
  if (isFargate) requireFargate(input, containers, cpu, memory)
  else for (const container of containers) requireMemory(container, memory)
  const { tags: _, ...rest } = input
  return {
    ...rest,
    ...(cpu && { cpu }),
    ...(memory && { memory }),
    containerDefinitions: containers,
    volumes: input.volumes ?? [],
    placementConstraints: input.placementConstraints ?? [],
    compatibilities: compatibilitiesOf(input, cpu, memory),
  }
}

/** Values of the whole task that must be among those that ECS knows. */
function requireSettings(input: RegisterTaskDefinitionRequest): void {
  const { cpuArchitecture, operatingSystemFamily } = input.runtimePlatform ?? {}
  requireOneOf('networkMode', input.networkMode, NetworkMode)
  requireOneOf('pidMode', input.pidMode, PidMode)
  requireOneOf('ipcMode', input.ipcMode, IpcMode)
  requireOneOf('cpuArchitecture', cpuArchitecture, CPUArchitecture)
  requireOneOf('operatingSystemFamily', operatingSystemFamily, OSFamily)
  for (const one of input.requiresCompatibilities ?? []) requireOneOf('compatibility', one, Compatibility)
}

/** Where each task has an address of its own the host's port is the container's; elsewhere 0 lets the host choose. */
function withDefaults(container: ContainerDefinition, networkMode?: NetworkMode): ContainerDefinition {
  const isDynamic = networkMode === undefined || networkMode === 'bridge'
  return {
    ...container,
    cpu: container.cpu ?? 0,
    essential: container.essential ?? true,
    environment: container.environment ?? [],
    mountPoints: container.mountPoints ?? [],
    volumesFrom: container.volumesFrom ?? [],
    systemControls: container.systemControls ?? [],
    ...(container.healthCheck && { healthCheck: withHealthDefaults(container.healthCheck) }),
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...mapping,
      hostPort: mapping.hostPort ?? (isDynamic ? 0 : mapping.containerPort),
      protocol: mapping.protocol ?? 'tcp',
    })),
  }
}

function requireContainers(containers: ContainerDefinition[]): void {
  if (!containers.length) throw clientError('Container list cannot be empty.')
  if (containers.length > MOST_CONTAINERS) throw clientError('Too many containers.')
  const names = containers.map(({ name }) => name ?? '')
  for (const container of containers) requireContainer(container)
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated) throw clientError(`Container name '${repeated}' is used more than once.`)
  if (!containers.some(({ essential }) => essential)) {
    throw clientError('At least one container must be marked as essential.')
  }
  requireDependencies(containers)
}

function requireContainer(container: ContainerDefinition): void {
  const { name = '', image = '' } = container
  requireOneOf('versionConsistency', container.versionConsistency, VersionConsistency)
  if (name === '') throw clientError('Container.name should not be null or empty.')
  if (!isName(name)) throw clientError(`Container.name contains invalid characters: '${name}'.`)
  if (image === '') throw clientError('Container.image should not be null or empty.')
  if (/[^\w.\-:/@+]/.test(image)) throw clientError('Container.image contains invalid characters.')
  for (const { containerPort, protocol } of container.portMappings ?? []) {
    if (!containerPort || containerPort > 65_535) {
      throw clientError(`Invalid 'containerPort' setting for container '${name}'.`)
    }
    if (!PROTOCOLS.includes(protocol ?? ''))
      throw clientError(`Invalid 'protocol' setting for container '${name}'.`)
  }
  requireHealthCheck(container)
  if ((container.stopTimeout ?? 0) < 0)
    throw clientError(`Invalid 'stopTimeout' setting for container '${name}'.`)
}

/** Containers share what their task has (Developer Guide: task definition parameters). */
function requireSums(containers: ContainerDefinition[], cpu?: string, memory?: string): void {
  const sums = [
    ['cpu', 'cpu', cpu],
    ['memoryReservation', 'memory', memory],
  ] as const
  for (const [own, setting, limit] of sums) {
    const total = containers.reduce((sum, container) => sum + (container[own] ?? 0), 0)
    if (limit === undefined || total <= Number(limit)) continue
    throw clientError(
      `The sum of all container '${own}' values cannot be greater than the value of the task '${setting}'.`,
    )
  }
}

/** Dependencies name other containers and form no cycle (API Reference: ContainerDependency). */
function requireDependencies(containers: ContainerDefinition[]): void {
  const byName = new Map(containers.map((container) => [container.name ?? '', container]))
  for (const { name = '', dependsOn = [] } of containers) {
    for (const { containerName = '', condition } of dependsOn) {
      requireOneOf('condition', condition, ContainerCondition)
      const other = byName.get(containerName)
      if (!other)
        throw clientError(
          `Container '${name}' depends on '${containerName}', which is not in the task definition.`,
        )
      if (condition === 'HEALTHY' && !other.healthCheck) {
        throw clientError(
          `Container '${name}' depends on '${containerName}' being HEALTHY, which has no health check.`,
        )
      }
      if (other.essential && (condition === 'COMPLETE' || condition === 'SUCCESS')) {
        throw clientError(
          'A dependency container with SUCCESS or COMPLETE condition cannot be an essential container',
        )
      }
    }
    requireNoCycle(byName, name, [])
  }
}

function requireNoCycle(byName: Map<string, ContainerDefinition>, name: string, path: string[]): void {
  if (path.includes(name))
    throw clientError(`Container dependencies form a cycle: ${[...path, name].join(' -> ')}.`)
  for (const { containerName = '' } of byName.get(name)?.dependsOn ?? []) {
    requireNoCycle(byName, containerName, [...path, name])
  }
}

function requireFargate(
  input: RegisterTaskDefinitionRequest,
  containers: ContainerDefinition[],
  cpu: string | undefined,
  memory: string | undefined,
): void {
  requireFargateSize(cpu, memory)
  // The curly quotes are AWS's own.
  if (input.networkMode !== 'awsvpc') throw clientError('Fargate only supports network mode ‘awsvpc’.')
  const { sizeInGiB = LEAST_STORAGE } = input.ephemeralStorage ?? {}
  if (sizeInGiB < LEAST_STORAGE || sizeInGiB > MOST_STORAGE) {
    throw clientError(`Ephemeral storage size must be between ${LEAST_STORAGE} and ${MOST_STORAGE} GiB.`)
  }
  for (const { name, stopTimeout = 0, memory: own = 0, portMappings = [] } of containers) {
    if (stopTimeout > LONGEST_FARGATE_STOP_SECONDS) {
      throw clientError(
        `Invalid 'stopTimeout' setting for container '${name}': at most 120 seconds on Fargate.`,
      )
    }
    if (own > Number(memory))
      throw clientError(`The 'memory' setting for container '${name}' is greater than for the task.`)
    const moved = portMappings.some(({ hostPort, containerPort }) => hostPort !== containerPort)
    if (moved)
      throw clientError(
        'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
      )
  }
}

function requireMemory(
  { name, memory, memoryReservation }: ContainerDefinition,
  taskMemory: string | undefined,
): void {
  if (memory || memoryReservation || taskMemory) return
  throw clientError(
    `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
  )
}

/** What the definition could run on, whether it was required or not. */
function compatibilitiesOf(
  input: RegisterTaskDefinitionRequest,
  cpu?: string,
  memory?: string,
): Compatibility[] {
  const couldBeFargate = input.networkMode === 'awsvpc' && cpu !== undefined && memory !== undefined
  return couldBeFargate ? ['EC2', 'FARGATE'] : ['EC2']
}
