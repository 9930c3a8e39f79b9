/** Health that others tell: what counts is what was told last and not taken back for thirty seconds. */
import type * as client from '@aws-sdk/client-servicediscovery'
import { CustomHealthStatus } from '@aws-sdk/client-servicediscovery'
import type { Handlers } from '../wire/handlers.ts'
import { customHealthNotFound, invalid } from './errors.ts'
import { findInstance, findService } from './find.ts'
import { requireOneOf } from './rules.ts'
import type { DiscoveryContext, DiscoveryOperationContext } from './state.ts'

/** Cloud Map waits this long before a status counts (API Reference: HealthCheckCustomConfig). */
const BELIEVED_AFTER_MS = 30_000

export const healthOperations = {
  UpdateInstanceCustomHealthStatus({ ServiceId, InstanceId, Status }, context) {
    const service = findService(context.state, ServiceId)
    const instance = findInstance(service, InstanceId)
    const status = requireOneOf('Status', Status, CustomHealthStatus)
    if (!status) throw invalid('Status is required.')
    if (!service.hasCustomHealth) throw customHealthNotFound(instance.id)
    const key = `${service.id}/${instance.id}`
    if (instance.health === status) {
      delete instance.told
      delete context.state.tellings[key]
    } else if (instance.told?.status !== status) {
      // Telling it again does not make it count sooner.
      const at = context.now + BELIEVED_AFTER_MS
      instance.told = { status, at }
      context.state.tellings[key] = { serviceId: service.id, instanceId: instance.id, at }
    }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** A status that was told counts from now on, in DNS too. */
export function settleHealth(
  { serviceId, instanceId }: { readonly serviceId: string; readonly instanceId: string },
  { state, ask }: DiscoveryContext,
): void {
  delete state.tellings[`${serviceId}/${instanceId}`]
  const service = state.services[serviceId]
  const instance = service?.instances[instanceId]
  if (!service || !instance?.told) return
  instance.health = instance.told.status
  delete instance.told
  const { dns, namespaceId } = service
  if (dns && state.namespaces[namespaceId]?.hostedZoneId !== undefined)
    ask({ kind: 'refresh-records', namespaceId, serviceId, instanceId })
}
