/** Services as clients create, change, see and delete them. What follows is the scheduler's. */

import type { CreateServiceRequest, UpdateServiceRequest } from '@aws-sdk/client-ecs'
import * as client from '@aws-sdk/client-ecs'
import { rootArn } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { findCluster } from './clusters.ts'
import { parseDeploymentConfiguration, startDeployment } from './deployments.ts'
import type { RequestFacts, ServiceRequest } from './effects.ts'
import { requireIncludes, requireOneOf } from './enums.ts'
import { invalidParameter, serviceNotActive, serviceNotFound } from './errors.ts'
import { askOfOthers, requireTargetGroups } from './load-balancers.ts'
import { arnInCluster, isName, serviceArn } from './names.ts'
import { requestedPage } from './page.ts'
import { stopServiceDeployment } from './service-deployments.ts'
import { requireRegistries } from './service-registries.ts'
import { parseDesiredCount, parseGracePeriod, refuseUnsupported } from './service-rules.ts'
import { serviceView } from './service-view.ts'
import type { EcsContext, EcsOperationContext, EcsState, ServiceRecord, TaskSettings } from './state.ts'
import { requireAdvanced } from './strategy-rules.ts'
import { announceTags, parseTags } from './tags.ts'
import { lookAtService } from './task-changes.ts'
import { findTaskDefinition } from './task-definitions.ts'
import { parseTaskSettings } from './task-settings.ts'
import { configuredOf } from './traffic.ts'

const MOST_DESCRIBED = 10
const USUAL_LIST_SIZE = 10

export const serviceOperations = {
  CreateService(input, context) {
    const isKnown = existingOf(context, input) !== undefined
    const settings = isKnown ? undefined : newService(context, input).settings
    if (!settings?.loadBalancers && !settings?.registries) return createService(input, context)
    return askOfOthers(context, { operation: 'CreateService', input }, settings)
  },
  UpdateService(input, context) {
    const { settings } = planUpdate(input, context)
    const isNamed = input.loadBalancers?.length || input.serviceRegistries?.length
    if (!isNamed || !settings) return updateService(input, context)
    return askOfOthers(context, { operation: 'UpdateService', input }, settings)
  },
  DescribeServices(input, context) {
    requireIncludes(input.include, client.ServiceField)
    const cluster = findCluster(context.state, input.cluster)
    const wanted = input.services ?? []
    if (!wanted.length) throw invalidParameter('Services cannot be empty.')
    if (wanted.length > MOST_DESCRIBED)
      throw invalidParameter(`At most ${MOST_DESCRIBED} services can be described.`)
    const arns = wanted.map((name) => arnInCluster('service', cluster.arn, name))
    const found = arns.map((arn) => context.state.services[arn])
    const missing = arns.filter((_, index) => !found[index])
    return {
      services: found.flatMap((service) =>
        service ? [serviceView(context.state, service, input.include)] : [],
      ),
      failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
    }
  },
  ListServices(input, { state }) {
    requireOneOf('launchType', input.launchType, client.LaunchType)
    requireOneOf('schedulingStrategy', input.schedulingStrategy, client.SchedulingStrategy)
    const cluster = findCluster(state, input.cluster)
    const services = Object.values(state.services).filter(
      (service) =>
        service.clusterArn === cluster.arn &&
        service.status === 'ACTIVE' &&
        (!input.launchType || service.deployments[0]?.launchType === input.launchType) &&
        (input.schedulingStrategy ?? 'REPLICA') === 'REPLICA',
    )
    const form = { usualSize: USUAL_LIST_SIZE }
    const { items, nextToken } = requestedPage(services, ({ arn }) => arn, input, form)
    return { serviceArns: items.map(({ arn }) => arn), nextToken }
  },
  /** Deleting what is deleted already returns it as it is. */
  DeleteService(input, context) {
    const service = findService(context.state, input.service, input.cluster)
    if (service.status === 'INACTIVE') return { service: serviceView(context.state, service, ['TAGS']) }
    if (service.desiredCount > 0 && !input.force) {
      throw invalidParameter('The service cannot be stopped while the primary deployment is scaled above 0.')
    }
    service.status = 'DRAINING'
    stopServiceDeployment(context, service, 'Service deployment stopped because the service was deleted.')
    service.desiredCount = 0
    lookAtService(service, context.now)
    return { service: serviceView(context.state, service, ['TAGS']) }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

/** Does a request for which its target groups and registries were looked at. Throws what the operation throws. */
export function performRequest(request: ServiceRequest, context: EcsContext, facts: RequestFacts): object {
  return request.operation === 'CreateService'
    ? createService(request.input, context, facts)
    : updateService(request.input, context, facts)
}

function createService(input: CreateServiceRequest, context: EcsContext, facts?: RequestFacts) {
  const existing = existingOf(context, input)
  if (existing) return { service: serviceView(context.state, existing, ['TAGS']) }
  const { service, settings } = newService(context, input)
  if (facts) requireOthers(settings, facts, context)
  context.state.services[service.arn] = service
  announceTags(context, { record: service, type: 'service', arn: service.arn }, Object.keys(service.tags))
  startDeployment(context, service, settings)
  return { service: serviceView(context.state, service, ['TAGS']) }
}

function planUpdate(input: UpdateServiceRequest, context: EcsContext) {
  refuseUnsupported(input)
  const service = findService(context.state, input.service, input.cluster)
  if (service.status !== 'ACTIVE') throw serviceNotActive()
  const settings = nextSettings(context, service, input)
  const changes = changesOf(service, input)
  requireAdvanced(
    changes.deploymentConfiguration ?? service.deploymentConfiguration,
    settings?.loadBalancers ?? service.deployments[0]?.loadBalancers ?? [],
  )
  return { service, settings, changes }
}

function updateService(input: UpdateServiceRequest, context: EcsContext, facts?: RequestFacts) {
  const { service, settings, changes } = planUpdate(input, context)
  if (facts && settings) requireOthers(settings, facts, context)
  if (changes.deploymentConfiguration) service.deploymentConfiguration = changes.deploymentConfiguration
  // The old deployment keeps what was desired of it, not what this request desires of the new one.
  if (settings) startDeployment(context, service, settings)
  Object.assign(service, changes)
  lookAtService(service, context.now)
  return { service: serviceView(context.state, service, ['TAGS']) }
}

function requireOthers(settings: TaskSettings, facts: RequestFacts, { state }: EcsContext): void {
  const definition = state.taskDefinitions[settings.taskDefinitionArn]?.definition ?? {}
  requireTargetGroups(settings.loadBalancers ?? [], facts.groups, definition)
  requireRegistries(settings.registries ?? [], facts.registries, definition)
}

/** The service of a name or ARN in a cluster, whatever its status. Throws ServiceNotFoundException. */
export function findService(state: EcsState, name = '', clusterName?: string): ServiceRecord {
  const service = state.services[arnInCluster('service', findCluster(state, clusterName).arn, name)]
  if (!service) throw serviceNotFound()
  return service
}

/**
 * The service that an equal request has made already: creating it again changes nothing. Throws
 * InvalidParameterException for another request of the same name, or while the old service drains.
 */
function existingOf(context: EcsContext, input: CreateServiceRequest): ServiceRecord | undefined {
  const cluster = findCluster(context.state, input.cluster)
  const existing = context.state.services[serviceArn(context, cluster.name, input.serviceName ?? '')]
  if (!existing || existing.status === 'INACTIVE') return undefined
  if (existing.status === 'DRAINING')
    throw invalidParameter('Unable to Start a service that is still Draining.')
  const comparable = ({ clientToken: _, ...request }: CreateServiceRequest) => JSON.stringify(request)
  if (comparable(existing.request) === comparable(input)) return existing
  throw invalidParameter('Creation of service was not idempotent.')
}

function newService(context: EcsContext, input: CreateServiceRequest) {
  refuseUnsupported(input)
  const name = input.serviceName ?? ''
  if (!isName(name))
    throw invalidParameter('Invalid service name. Letters, digits, hyphens and underscores only.')
  const cluster = findCluster(context.state, input.cluster)
  if (!input.taskDefinition) throw invalidParameter('TaskDefinition cannot be null or empty.')
  const definition = findTaskDefinition(context.state, input.taskDefinition)
  const service: ServiceRecord = {
    arn: serviceArn(context, cluster.name, name),
    name,
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: 'ACTIVE',
    desiredCount: parseDesiredCount(input.desiredCount),
    deployments: [],
    revisions: {},
    serviceDeployments: [],
    deploymentConfiguration: parseDeploymentConfiguration(input.deploymentConfiguration),
    events: [],
    taskArns: {},
    createdAt: context.now,
    createdBy: rootArn(context),
    request: input,
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    enableECSManagedTags: input.enableECSManagedTags ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    placementConstraints: input.placementConstraints ?? [],
    placementStrategy: input.placementStrategy ?? [],
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? 'ENABLED',
    ...graceOf(input),
    tags: parseTags(input.tags),
    tagVersion: 0,
  }
  const settings = parseTaskSettings(input, definition, cluster)
  requireAdvanced(service.deploymentConfiguration, settings.loadBalancers ?? [])
  return { service, settings }
}

/** Behind a load balancer there is always a grace period, of 0 seconds unless told. */
function graceOf(input: Pick<CreateServiceRequest, 'healthCheckGracePeriodSeconds' | 'loadBalancers'>) {
  const fallback = input.loadBalancers?.length ? 0 : undefined
  const seconds = parseGracePeriod(input.healthCheckGracePeriodSeconds, fallback)
  return seconds === undefined ? {} : { healthCheckGracePeriodSeconds: seconds }
}

/**
 * The settings of the new deployment that an update asks for, if it does (API Reference: UpdateService names, for
 * each parameter, whether it triggers one). The same definition or network given again is no change.
 */
function nextSettings(
  context: EcsContext,
  service: ServiceRecord,
  input: UpdateServiceRequest,
): TaskSettings | undefined {
  const current = service.deployments[0]
  const cluster = findCluster(context.state, input.cluster)
  const isMoved =
    input.taskDefinition !== undefined ||
    input.networkConfiguration ||
    input.platformVersion ||
    input.capacityProviderStrategy ||
    input.loadBalancers ||
    input.serviceRegistries
  if (!current || (!isMoved && !input.forceNewDeployment)) return undefined
  const definition = input.taskDefinition
    ? findTaskDefinition(context.state, input.taskDefinition)
    : context.state.taskDefinitions[current.taskDefinitionArn]
  if (!definition) return undefined
  const strategy = input.capacityProviderStrategy ?? current.capacityProviderStrategy
  const settings = parseTaskSettings(
    {
      ...(strategy ? { capacityProviderStrategy: strategy } : { launchType: current.launchType }),
      platformVersion: input.platformVersion ?? current.platformVersion,
      networkConfiguration: input.networkConfiguration ?? current.networkConfiguration,
      loadBalancers: input.loadBalancers ?? (current.loadBalancers ?? []).map(configuredOf),
      serviceRegistries: input.serviceRegistries ?? [...(current.registries ?? [])],
    },
    definition,
    cluster,
  )
  return input.forceNewDeployment || !isSame(settings, current) ? settings : undefined
}

/** Whether a deployment starts its tasks with just these settings. */
function isSame(settings: TaskSettings, current: TaskSettings): boolean {
  const comparable = (of: TaskSettings) =>
    JSON.stringify([
      of.taskDefinitionArn,
      of.launchType,
      of.capacityProviderStrategy,
      of.platformVersion,
      of.networkConfiguration,
      (of.loadBalancers ?? []).map(configuredOf),
      of.registries ?? [],
    ])
  return comparable(settings) === comparable(current)
}

/** What an update changes without a new deployment; what it does not name stays. */
function changesOf(service: ServiceRecord, input: UpdateServiceRequest): Partial<ServiceRecord> {
  const { deploymentConfiguration } = input
  return {
    desiredCount: parseDesiredCount(input.desiredCount, service.desiredCount),
    ...(deploymentConfiguration && {
      deploymentConfiguration: parseDeploymentConfiguration(
        deploymentConfiguration,
        service.deploymentConfiguration,
      ),
    }),
    enableExecuteCommand: input.enableExecuteCommand ?? service.enableExecuteCommand,
    enableECSManagedTags: input.enableECSManagedTags ?? service.enableECSManagedTags,
    propagateTags: input.propagateTags ?? service.propagateTags,
    placementConstraints: input.placementConstraints ?? service.placementConstraints,
    placementStrategy: input.placementStrategy ?? service.placementStrategy,
    availabilityZoneRebalancing: input.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing,
    ...graceOf({
      loadBalancers: input.loadBalancers ?? [],
      healthCheckGracePeriodSeconds:
        input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds,
    }),
  }
}
