/** Does what is due: makes an operation's change, lets a status count. */
import { settleHealth } from './custom-health.ts'
import { end } from './operations.ts'
import type { DiscoveryAction } from './schedule.ts'
import type { Change, DiscoveryContext } from './state.ts'

/** Performs one action. */
export function perform(action: DiscoveryAction, context: DiscoveryContext): void {
  if (action.kind === 'believe') {
    settleHealth(action, context)
    return
  }
  const operation = context.state.pending[action.operationId]
  if (!operation) return
  make(operation.change, context)
  end(context, operation)
}

function make(change: Change, context: DiscoveryContext): void {
  const { namespaces } = context.state
  switch (change.kind) {
    case 'create-namespace':
      namespaces[change.namespace.id] = change.namespace
      break
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
