/** What RunTask and services share: with which launch type, platform and network their tasks are started. */
import {
  type CapacityProviderStrategyItem,
  LaunchType,
  type LoadBalancer,
  type NetworkConfiguration,
  type ServiceRegistry,
} from '@aws-sdk/client-ecs'
import { requireOneOf } from './enums.ts'
import { invalidParameter, platformUnknown, unsupported } from './errors.ts'
import { parseLoadBalancers } from './load-balancers.ts'
import { parseRegistries } from './service-registries.ts'
import type { ClusterRecord, TaskDefinitionRecord, TaskSettings } from './state.ts'

const MOST_SUBNETS = 16
const MOST_SECURITY_GROUPS = 5

interface LaunchInput {
  readonly launchType?: LaunchType | undefined
  readonly capacityProviderStrategy?: CapacityProviderStrategyItem[] | undefined
  readonly platformVersion?: string | undefined
  readonly networkConfiguration?: NetworkConfiguration | undefined
  /** RunTask has none. */
  readonly loadBalancers?: LoadBalancer[] | undefined
  /** Nor has it these. */
  readonly serviceRegistries?: ServiceRegistry[] | undefined
}

/**
 * The settings of new tasks. Throws InvalidParameterException.
 *
 * Where neither a launch type nor a strategy is given, AWS assumes EC2; there are no container instances here, so a
 * definition that fits Fargate runs as Fargate's. EC2 tasks run all the same, on the engine's own machine.
 */
export function parseTaskSettings(
  input: LaunchInput,
  definition: TaskDefinitionRecord,
  cluster: ClusterRecord,
): TaskSettings {
  requireOneOf('launchType', input.launchType, LaunchType)
  if (input.launchType && input.capacityProviderStrategy?.length) {
    throw invalidParameter('Specify either launchType or capacityProviderStrategy, but not both.')
  }
  const strategy = strategyOf(input, cluster)
  const launchType = strategy.length ? 'FARGATE' : (input.launchType ?? defaultLaunchType(definition))
  requireLaunchType(launchType, definition)
  requirePlatform(launchType, input.platformVersion)
  const networkConfiguration = parseNetwork(input.networkConfiguration, definition)
  const loadBalancers = parseLoadBalancers(input.loadBalancers ?? [], definition.definition)
  const registries = parseRegistries(input.serviceRegistries ?? [], definition.definition)
  const provider = [...strategy].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))[0]?.capacityProvider
  return {
    taskDefinitionArn: definition.arn,
    launchType,
    ...(provider && { capacityProviderName: provider, capacityProviderStrategy: strategy }),
    ...(launchType === 'FARGATE' && { platformVersion: input.platformVersion ?? 'LATEST' }),
    ...(networkConfiguration && { networkConfiguration }),
    ...(loadBalancers.length > 0 && { loadBalancers }),
    ...(registries.length > 0 && { registries }),
  }
}

/** The platform version that LATEST stands for. */
export const platformOf = ({ platformVersion }: TaskSettings) =>
  platformVersion === 'LATEST' ? '1.4.0' : platformVersion

function strategyOf(input: LaunchInput, cluster: ClusterRecord): CapacityProviderStrategyItem[] {
  if (input.launchType) return []
  const strategy = input.capacityProviderStrategy ?? cluster.defaultCapacityProviderStrategy
  for (const { capacityProvider } of strategy) {
    if (capacityProvider !== 'FARGATE' && capacityProvider !== 'FARGATE_SPOT') {
      throw invalidParameter(`The specified capacity provider was not found: ${capacityProvider}.`)
    }
  }
  return strategy
}

const isFargateDefinition = ({ definition }: TaskDefinitionRecord) =>
  definition.compatibilities?.includes('FARGATE') ?? false

const defaultLaunchType = (definition: TaskDefinitionRecord): LaunchType =>
  isFargateDefinition(definition) ? 'FARGATE' : 'EC2'

function requireLaunchType(launchType: LaunchType, definition: TaskDefinitionRecord): void {
  if (launchType === 'EXTERNAL' || launchType === 'MANAGED_INSTANCES') {
    throw unsupported(`The launch type ${launchType}`)
  }
  if (launchType === 'FARGATE' && !isFargateDefinition(definition)) {
    throw invalidParameter('Task definition does not support launch_type FARGATE.')
  }
}

/** Linux is at 1.4.0, Windows at 1.0.0; 1.3.0 was retired in 2026 (Developer Guide: Fargate platform versions). */
const PLATFORM_VERSIONS = ['LATEST', '1.4.0', '1.0.0']

function requirePlatform(launchType: LaunchType, version: string | undefined): void {
  if (version === undefined) return
  if (launchType !== 'FARGATE') {
    throw invalidParameter('The platform version must be null when specifying an EC2 launch type.')
  }
  if (!PLATFORM_VERSIONS.includes(version)) throw platformUnknown()
}

/** awsvpc needs subnets, every other network mode refuses them (API Reference: NetworkConfiguration). */
function parseNetwork(
  network: NetworkConfiguration | undefined,
  { definition }: TaskDefinitionRecord,
): NetworkConfiguration | undefined {
  const vpc = network?.awsvpcConfiguration
  if (definition.networkMode !== 'awsvpc') {
    if (vpc)
      throw invalidParameter(
        'Network Configuration is not valid for the given networkMode of this task definition.',
      )
    return undefined
  }
  if (!vpc)
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
  if (!vpc.subnets?.length) throw invalidParameter('subnets can not be empty.')
  if (vpc.subnets.length > MOST_SUBNETS)
    throw invalidParameter(`At most ${MOST_SUBNETS} subnets can be specified.`)
  if ((vpc.securityGroups?.length ?? 0) > MOST_SECURITY_GROUPS) {
    throw invalidParameter(`At most ${MOST_SECURITY_GROUPS} security groups can be specified.`)
  }
  return { awsvpcConfiguration: { securityGroups: [], assignPublicIp: 'DISABLED', ...vpc } }
}
