/** Takes in what came of changes in hosted zones. What is said of an operation that is gone changes nothing. */
import { complete, fail } from './complete.ts'
import type { DiscoveryReport } from './effects.ts'
import type { DiscoveryContext } from './state.ts'

/** Takes in one report. */
export function receive(report: DiscoveryReport, context: DiscoveryContext): void {
  const { pending } = context.state
  if (report.kind === 'host-restarted') {
    askAgain(context)
    return
  }
  if (report.kind === 'zone-refused') {
    const operation = pending[report.operationId]
    if (operation) fail(operation, report.error, context)
    return
  }
  for (const id of report.operationIds) {
    const operation = pending[id]
    if (operation) complete(operation, context, report.hostedZoneId)
  }
}

/** What was asked may have been done or not: asking again is right in both cases. */
function askAgain({ state, ask }: DiscoveryContext): void {
  for (const operation of Object.values(state.pending)) delete operation.isAsked
  for (const { id: serviceId, namespaceId, dns, instances } of Object.values(state.services))
    if (dns && state.namespaces[namespaceId]?.hostedZoneId !== undefined && Object.keys(instances).length)
      ask({ kind: 'refresh-records', namespaceId, serviceId })
}
