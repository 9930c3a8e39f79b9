/** Who is there: the questions that clients ask all the time (DiscoverInstances). */
import type * as client from '@aws-sdk/client-servicediscovery'
import { HealthStatusFilter } from '@aws-sdk/client-servicediscovery'
import type { Handlers } from '../wire/handlers.ts'
import { namespaceNotFound, serviceNotFound } from './errors.ts'
import { servicesOf } from './find.ts'
import { requireSize } from './paging.ts'
import { requireOneOf } from './rules.ts'
import type { DiscoveryOperationContext, DiscoveryState, InstanceRecord, ServiceRecord } from './state.ts'

const USUAL_COUNT = 100
const LARGEST_COUNT = 1_000

export const discoverOperations = {
  DiscoverInstances(input, { state }) {
    const { NamespaceName, ServiceName, MaxResults = USUAL_COUNT, HealthStatus } = input
    requireSize(MaxResults, LARGEST_COUNT)
    const filter = requireOneOf('HealthStatus', HealthStatus, HealthStatusFilter) ?? 'ALL'
    const service = serviceNamed(state, NamespaceName, ServiceName)
    const healthy = byHealth(Object.values(service.instances), service, filter)
    const found = byAttributes(healthy, input.QueryParameters, input.OptionalParameters)
    return {
      Instances: found.slice(0, MaxResults).map(({ id, attributes, health }) => ({
        InstanceId: id,
        NamespaceName: NamespaceName ?? '',
        ServiceName: service.name,
        HealthStatus: health ?? ('UNKNOWN' as const),
        Attributes: { ...attributes },
      })),
      InstancesRevision: service.revision,
    }
  },

  DiscoverInstancesRevision({ NamespaceName, ServiceName }, { state }) {
    return { InstancesRevision: serviceNamed(state, NamespaceName, ServiceName).revision }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** Throws NamespaceNotFound and ServiceNotFound. */
function serviceNamed(state: DiscoveryState, httpName = '', serviceName = ''): ServiceRecord {
  const namespace = Object.values(state.namespaces).find((each) => each.httpName === httpName)
  if (!namespace) throw namespaceNotFound(httpName)
  const service = servicesOf(state, namespace.id).find(({ name }) => name === serviceName)
  if (!service) throw serviceNotFound(serviceName)
  return service
}

/** Where a service has no health check, all its instances are meant. */
function byHealth(
  instances: readonly InstanceRecord[],
  { hasCustomHealth }: ServiceRecord,
  filter: HealthStatusFilter,
): readonly InstanceRecord[] {
  if (!hasCustomHealth || filter === 'ALL') return instances
  const wanted = filter === 'UNHEALTHY' ? 'UNHEALTHY' : 'HEALTHY'
  const found = instances.filter(({ health }) => health === wanted)
  return filter === 'HEALTHY_OR_ELSE_ALL' && !found.length ? instances : found
}

type Wanted = Readonly<Record<string, string>> | undefined

/** Those with all the attributes that are asked for, and of these, if there are any, those with the optional ones. */
function byAttributes(
  instances: readonly InstanceRecord[],
  required: Wanted,
  optional: Wanted,
): readonly InstanceRecord[] {
  const having = (all: readonly InstanceRecord[], wanted: Wanted = {}) =>
    all.filter(({ attributes }) => Object.entries(wanted).every(([key, value]) => attributes[key] === value))
  const found = having(instances, required)
  const better = having(found, optional)
  return better.length ? better : found
}
