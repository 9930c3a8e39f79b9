/** Instances of a service: registered and deregistered by operations, listed, and how they are. */
import type * as client from '@aws-sdk/client-servicediscovery'
import type { Handlers } from '../wire/handlers.ts'
import { duplicateRequest, inUse, invalid, limitExceeded } from './errors.ts'
import { findInstance, findService } from './find.ts'
import { requireAttributes } from './instance-rules.ts'
import { begin, findPending } from './operations.ts'
import { requestedPage } from './paging.ts'
import { requireInstanceId, requireRequestId } from './rules.ts'
import type {
  Change,
  DiscoveryOperationContext,
  DiscoveryState,
  InstanceRecord,
  ServiceRecord,
} from './state.ts'

/** Cloud Map quotas: instances of a service. It cannot be raised. */
const MOST_INSTANCES = 1_000

export const instanceOperations = {
  RegisterInstance({ ServiceId, InstanceId, CreatorRequestId, Attributes = {} }, context) {
    const id = requireInstanceId(InstanceId)
    requireRequestId(CreatorRequestId)
    const service = findService(context.state, ServiceId)
    requireAttributes(Attributes, service)
    requireRoom(service, id, context.state)
    const instance: InstanceRecord = {
      id,
      attributes: { ...Attributes },
      creatorRequestId: CreatorRequestId ?? context.newUuid(),
      ...(service.hasCustomHealth && {
        health: Attributes.AWS_INIT_HEALTH_STATUS === 'UNHEALTHY' ? 'UNHEALTHY' : 'HEALTHY',
      }),
    }
    const change: Change = { kind: 'register', serviceId: service.id, instance }
    requireIdle(change, id, context.state)
    return begin(context, subjectOf('REGISTER_INSTANCE', service, id), change)
  },

  DeregisterInstance({ ServiceId, InstanceId }, context) {
    const service = findService(context.state, ServiceId)
    const id = requireInstanceId(InstanceId)
    const change: Change = { kind: 'deregister', serviceId: service.id, instanceId: id }
    requireIdle(change, id, context.state)
    findInstance(service, id)
    return begin(context, subjectOf('DEREGISTER_INSTANCE', service, id), change)
  },

  GetInstance({ ServiceId, InstanceId }, { state, accountId }) {
    const { id, attributes, creatorRequestId } = findInstance(findService(state, ServiceId), InstanceId)
    return {
      ResourceOwner: accountId,
      Instance: {
        Id: id,
        CreatorRequestId: creatorRequestId,
        Attributes: { ...attributes },
        CreatedByAccount: accountId,
      },
    }
  },

  ListInstances({ ServiceId, ...page }, { state, accountId }) {
    const { instances } = findService(state, ServiceId)
    const { items, nextToken } = requestedPage(Object.values(instances), ({ id }) => id, page)
    return {
      ResourceOwner: accountId,
      Instances: items.map(({ id, attributes }) => ({
        Id: id,
        Attributes: { ...attributes },
        CreatedByAccount: accountId,
      })),
      NextToken: nextToken,
    }
  },

  GetInstancesHealthStatus({ ServiceId, Instances: ids, ...page }, { state }) {
    const service = findService(state, ServiceId)
    if (ids && !ids.length) throw invalid('Instances cannot be empty.')
    const all = ids
      ? [...new Set(ids)].map((id) => findInstance(service, id))
      : Object.values(service.instances)
    const { items, nextToken } = requestedPage(all, ({ id }) => id, page)
    return {
      Status: Object.fromEntries(items.map(({ id, health }) => [id, health ?? ('UNKNOWN' as const)])),
      NextToken: nextToken,
    }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** Throws ResourceLimitExceeded where a new instance would be one too many, those included that are on their way. */
function requireRoom(
  { id: serviceId, instances }: ServiceRecord,
  id: string,
  { pending }: DiscoveryState,
): void {
  if (Object.hasOwn(instances, id)) return
  const count = Object.keys(instances).length
  if (count < MOST_INSTANCES - Object.keys(pending).length) return
  const coming = Object.values(pending).filter(
    ({ change }) =>
      change.kind === 'register' &&
      change.serviceId === serviceId &&
      !Object.hasOwn(instances, change.instance.id),
  )
  if (count + coming.length >= MOST_INSTANCES)
    throw limitExceeded(`A service can have at most ${MOST_INSTANCES} instances.`)
}

/** The same request again is a duplicate of the one under way; another one has to wait for its end. */
function requireIdle(change: Change, id: string, state: DiscoveryState): void {
  if (!('serviceId' in change)) return
  const operation = findPending(state, (each) => {
    const other = each.kind === 'register' ? each.instance.id : each.kind === 'deregister' && each.instanceId
    return other === id && 'serviceId' in each && each.serviceId === change.serviceId
  })
  if (!operation) return
  const comparable = (of: Change) =>
    JSON.stringify(of.kind === 'register' ? [of.kind, of.instance.attributes] : [of.kind])
  if (comparable(operation.change) === comparable(change)) throw duplicateRequest(operation)
  throw inUse(`The instance ${id} is being changed by operation ${operation.id}.`)
}

const subjectOf = (
  type: 'REGISTER_INSTANCE' | 'DEREGISTER_INSTANCE',
  { id, namespaceId }: ServiceRecord,
  instanceId: string,
) => ({ type, targets: { INSTANCE: instanceId, SERVICE: id }, namespaceId, serviceId: id })
