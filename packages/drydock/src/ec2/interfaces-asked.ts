/** Requests that need to know which interfaces there are: they wait for the host's answer. */
import type { InterfaceRequest } from './effects.ts'
import type { Ec2OperationContext } from './state.ts'

/** Asks for the interfaces of these ids, or all, and answers with what `receive` makes of the request then. */
export function whenInterfacesAreKnown<T>(
  request: InterfaceRequest,
  context: Ec2OperationContext,
  ids?: readonly string[],
): Promise<T> {
  const token = context.newUuid()
  context.ask({ kind: 'find-interfaces', token, request, ...(ids?.length && { ids }) })
  return context.defer<T>(token)
}
