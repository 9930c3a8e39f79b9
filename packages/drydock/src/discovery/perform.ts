/** Does what is due: makes an operation's change or has it made in the zone first, lets a status count. */
import { complete } from './complete.ts'
import { settleHealth } from './custom-health.ts'
import type { DiscoveryAction } from './schedule.ts'
import type { DiscoveryContext } from './state.ts'
import { zoneToChange } from './zone-changes.ts'

/** Performs one action. */
export function perform(action: DiscoveryAction, context: DiscoveryContext): void {
  if (action.kind === 'believe') {
    settleHealth(action, context)
    return
  }
  const operation = context.state.pending[action.operationId]
  if (!operation) return
  const namespaceId = zoneToChange(operation.change, context.state)
  if (namespaceId === undefined) {
    complete(operation, context)
    return
  }
  operation.isAsked = true
  context.ask({ kind: 'change-zone', namespaceId, operationId: operation.id })
}
