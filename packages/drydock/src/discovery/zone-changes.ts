/** Which changes concern a hosted zone: those are made only once the zone is changed. Pure. */
import type { Change, DiscoveryState } from './state.ts'

/** The namespace whose zone has to be changed first; undefined where there is none, or nothing in it changes. */
export function zoneToChange(change: Change, { namespaces, services }: DiscoveryState): string | undefined {
  switch (change.kind) {
    case 'create-namespace':
      return change.namespace.type === 'HTTP' ? undefined : change.namespace.id
    case 'update-namespace':
      return change.soaTtl === undefined ? undefined : withZone(change.namespaceId, namespaces)
    case 'delete-namespace':
      return withZone(change.namespaceId, namespaces)
    case 'update-service':
      return change.dns && withZone(services[change.serviceId]?.namespaceId, namespaces)
    case 'register':
    case 'deregister': {
      const service = services[change.serviceId]
      return service?.dns && withZone(service.namespaceId, namespaces)
    }
  }
}

const withZone = (id: string | undefined, namespaces: DiscoveryState['namespaces']): string | undefined =>
  id !== undefined && namespaces[id]?.hostedZoneId !== undefined ? id : undefined
