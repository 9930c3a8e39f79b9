/** The end of an operation: its change is made, or nothing is and it says why. */
import type { OperationError } from './effects.ts'
import { end } from './operations.ts'
import type { Change, DiscoveryContext, PendingOperation } from './state.ts'

/** Makes the change. `hostedZoneId` is that of a namespace that is made. */
export function complete(
  operation: PendingOperation,
  context: DiscoveryContext,
  hostedZoneId?: string,
): void {
  make(operation.change, context, hostedZoneId)
  end(context, operation)
}

/** Makes nothing. */
export function fail(operation: PendingOperation, error: OperationError, context: DiscoveryContext): void {
  end(context, operation, error)
  const { change } = operation
  if (change.kind !== 'register' && change.kind !== 'deregister') return
  const service = context.state.services[change.serviceId]
  if (!service) return
  const instanceId = change.kind === 'register' ? change.instance.id : change.instanceId
  context.ask({ kind: 'instance-failed', serviceArn: service.arn, instanceId, reason: error.message })
}

function make(change: Change, context: DiscoveryContext, hostedZoneId: string | undefined): void {
  const { namespaces } = context.state
  switch (change.kind) {
    case 'create-namespace': {
      const { namespace } = change
      namespaces[namespace.id] = { ...namespace, ...(hostedZoneId !== undefined && { hostedZoneId }) }
      break
    }
    case 'update-namespace': {
      const { kind: _, namespaceId, ...settings } = change
      const namespace = namespaces[namespaceId]
      if (namespace) Object.assign(namespace, settings)
      break
    }
    case 'delete-namespace':
      delete namespaces[change.namespaceId]
      break
    case 'update-service':
      updateService(change, context)
      break
    case 'register':
    case 'deregister':
      changeInstance(change, context)
      break
  }
}

function updateService(
  change: Extract<Change, { kind: 'update-service' }>,
  { state }: DiscoveryContext,
): void {
  const service = state.services[change.serviceId]
  if (!service) return
  if (change.description !== undefined) service.description = change.description
  if (change.dns) service.dns = change.dns
}

function changeInstance(
  change: Extract<Change, { kind: 'register' | 'deregister' }>,
  context: DiscoveryContext,
): void {
  const service = context.state.services[change.serviceId]
  if (!service) return
  const isRegistered = change.kind === 'register'
  const instanceId = isRegistered ? change.instance.id : change.instanceId
  delete context.state.tellings[`${service.id}/${instanceId}`]
  if (isRegistered) service.instances[instanceId] = change.instance
  else delete service.instances[instanceId]
  service.revision += 1
  context.ask({ kind: 'instance-changed', serviceArn: service.arn, instanceId, isRegistered })
}
