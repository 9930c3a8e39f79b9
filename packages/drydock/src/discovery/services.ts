/** Discovery services: made and deleted at once, changed by an operation. */
import type * as client from '@aws-sdk/client-servicediscovery'
import { arnOf } from '../arn.ts'
import { emptyRecord } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { duplicateRequest, inUse, invalid, namespaceNotFound, serviceExists } from './errors.ts'
import { type Facets, filtered } from './filters.ts'
import { findNamespace, findService, isLeaving, servicesOf } from './find.ts'
import { begin, findPending } from './operations.ts'
import { requestedPage } from './paging.ts'
import { idOf, requireDescription, requireRequestId, requireServiceName } from './rules.ts'
import { changedDns, parseDns } from './service-rules.ts'
import type { DiscoveryOperationContext, DiscoveryState, NamespaceRecord, ServiceRecord } from './state.ts'
import { parseTags } from './tags.ts'

const FACETS: Facets<ServiceRecord> = {
  NAMESPACE_ID: { conditions: ['EQ'], of: ({ namespaceId }) => namespaceId },
  RESOURCE_OWNER: { conditions: ['EQ'], of: () => 'SELF' },
}

export const serviceOperations = {
  CreateService(input, context) {
    const { state } = context
    const name = requireServiceName(input.Name)
    requireDescription(input.Description)
    requireRequestId(input.CreatorRequestId)
    const tags = parseTags(name, input.Tags)
    const namespace = namespaceOf(input, state)
    const dns = parseDns(input, namespace)
    requireFree(name, namespace, state)
    const id = `srv-${context.newId(16)}`
    const service: ServiceRecord = {
      id,
      arn: arnOf('servicediscovery', context, `service/${id}`),
      name,
      namespaceId: namespace.id,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(dns && { dns }),
      hasCustomHealth: input.HealthCheckCustomConfig !== undefined,
      creatorRequestId: input.CreatorRequestId ?? context.newUuid(),
      createdAt: context.now,
      tags,
      attributes: {},
      revision: 1,
      instances: emptyRecord(),
    }
    state.services[id] = service
    return { Service: fullView(service, context) }
  },

  GetService({ Id }, context) {
    return { Service: fullView(findService(context.state, Id), context) }
  },

  ListServices({ Filters, ...page }, context) {
    const byId = Filters?.map((filter) =>
      filter.Name === 'NAMESPACE_ID' ? { ...filter, Values: filter.Values?.map(idOf) } : filter,
    )
    const found = filtered(Object.values(context.state.services), byId, FACETS)
    const { items, nextToken } = requestedPage(found, ({ id }) => id, page)
    return { Services: items.map((each) => view(each, context)), NextToken: nextToken }
  },

  UpdateService({ Id, Service: change }, context) {
    const service = findService(context.state, Id)
    const { id, namespaceId } = service
    if (!change) throw invalid('Service is required.')
    requireDescription(change.Description)
    const dns = changedDns(service, change)
    const operation = findPending(
      context.state,
      (each) => each.kind === 'update-service' && each.serviceId === id,
    )
    if (operation) throw duplicateRequest(operation)
    const subject = { type: 'UPDATE_SERVICE', targets: { SERVICE: id }, namespaceId, serviceId: id } as const
    return begin(context, subject, {
      kind: 'update-service',
      serviceId: id,
      ...(change.Description !== undefined && { description: change.Description }),
      ...(dns && { dns }),
    })
  },

  DeleteService({ Id }, { state }) {
    const { id, instances } = findService(state, Id)
    const isBusy = findPending(state, (change) => 'serviceId' in change && change.serviceId === id)
    if (Object.keys(instances).length || isBusy)
      throw inUse(
        'The service contains registered instances; delete the instances before deleting the service.',
      )
    delete state.services[id]
    return {}
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** Throws NamespaceNotFound, and InvalidInput where the request names none, or two. */
function namespaceOf(
  { NamespaceId, DnsConfig: dns }: client.CreateServiceRequest,
  state: DiscoveryState,
): NamespaceRecord {
  const id = NamespaceId ?? dns?.NamespaceId
  if (id === undefined) throw invalid('NamespaceId is required.')
  if (NamespaceId && dns?.NamespaceId && idOf(NamespaceId) !== idOf(dns.NamespaceId))
    throw invalid('NamespaceId and the NamespaceId of DnsConfig differ.')
  const namespace = findNamespace(state, id)
  if (isLeaving(state, namespace.id)) throw namespaceNotFound(id)
  return namespace
}

/** Names that differ only by case are the same in DNS. Throws ServiceAlreadyExists. */
function requireFree(name: string, { id, type }: NamespaceRecord, state: DiscoveryState): void {
  const canonical = (text: string) => (type === 'HTTP' ? text : text.toLowerCase())
  const same = servicesOf(state, id).find((each) => canonical(each.name) === canonical(name))
  if (same) throw serviceExists(same)
}

const fullView = (service: ServiceRecord, context: DiscoveryOperationContext) => ({
  ...view(service, context),
  NamespaceId: service.namespaceId,
  CreatorRequestId: service.creatorRequestId,
})

function view(service: ServiceRecord, { accountId }: DiscoveryOperationContext) {
  const { id, arn, name, description, dns, hasCustomHealth, createdAt, instances, namespaceId } = service
  return {
    Id: id,
    Arn: arn,
    ResourceOwner: accountId,
    CreatedByAccount: accountId,
    Name: name,
    Type: dns ? ('DNS_HTTP' as const) : ('HTTP' as const),
    ...(description !== undefined && { Description: description }),
    InstanceCount: Object.keys(instances).length,
    ...(dns && {
      DnsConfig: {
        NamespaceId: namespaceId,
        RoutingPolicy: dns.routingPolicy,
        DnsRecords: dns.records.map(({ type, ttl }) => ({ Type: type, TTL: ttl })),
      },
    }),
    ...(hasCustomHealth && { HealthCheckCustomConfig: { FailureThreshold: 1 } }),
    CreateDate: new Date(createdAt),
  }
}
