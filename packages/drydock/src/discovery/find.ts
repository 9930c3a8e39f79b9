/** Things that requests name, by id or ARN. */
import { instanceNotFound, namespaceNotFound, serviceNotFound } from './errors.ts'
import { findPending } from './operations.ts'
import { idOf, requireInstanceId } from './rules.ts'
import type { DiscoveryState, InstanceRecord, NamespaceRecord, ServiceRecord } from './state.ts'

/** Throws NamespaceNotFound. */
export function findNamespace(state: DiscoveryState, idOrArn: string | undefined): NamespaceRecord {
  const namespace = state.namespaces[idOf(idOrArn)]
  if (!namespace) throw namespaceNotFound(idOrArn ?? '')
  return namespace
}

/** Throws ServiceNotFound. */
export function findService(state: DiscoveryState, idOrArn: string | undefined): ServiceRecord {
  const service = state.services[idOf(idOrArn)]
  if (!service) throw serviceNotFound(idOrArn ?? '')
  return service
}

/** Throws InstanceNotFound, and InvalidInput for an id that no instance can have. */
export function findInstance(service: ServiceRecord, id: string | undefined): InstanceRecord {
  const instance = service.instances[requireInstanceId(id)]
  if (!instance) throw instanceNotFound(id ?? '')
  return instance
}

export const servicesOf = ({ services }: DiscoveryState, namespaceId: string): ServiceRecord[] =>
  Object.values(services).filter((service) => service.namespaceId === namespaceId)

/** Whether the namespace is being deleted: nothing may be put into it any more. */
export const isLeaving = (state: DiscoveryState, namespaceId: string): boolean =>
  findPending(state, (change) => change.kind === 'delete-namespace' && change.namespaceId === namespaceId) !==
  undefined
