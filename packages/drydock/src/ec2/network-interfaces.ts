/** DescribeNetworkInterfaces: the interfaces of ECS's tasks, which are all that there are. */
import type * as client from '@aws-sdk/client-ec2'
import type { Handlers } from '../wire/handlers.ts'
import type { TaskInterface } from './effects.ts'
import { filtered, requireFilters } from './filters.ts'
import { notFound, requireForm } from './ids.ts'
import { INTERFACE_FILTERS } from './interface-filters.ts'
import { interfaceView } from './interface-view.ts'
import { whenInterfacesAreKnown } from './interfaces-asked.ts'
import { paged, requirePaging } from './paging.ts'
import type { Ec2Context, Ec2OperationContext } from './state.ts'

export const interfaceOperations = {
  DescribeNetworkInterfaces(input, context) {
    const { NetworkInterfaceIds: ids } = input
    requirePaging(input, ids, 'networkInterfaceIdSet')
    requireFilters(input.Filters, INTERFACE_FILTERS)
    for (const id of ids ?? []) requireForm('interface', id)
    return whenInterfacesAreKnown<client.DescribeNetworkInterfacesResult>(
      { operation: 'DescribeNetworkInterfaces', input },
      context,
      ids,
    )
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** The answer, once the interfaces that were asked for are known. Throws InvalidNetworkInterfaceID.NotFound. */
export function describeInterfaces(
  input: client.DescribeNetworkInterfacesRequest,
  interfaces: readonly TaskInterface[],
  context: Ec2Context,
): client.DescribeNetworkInterfacesResult {
  const missing = input.NetworkInterfaceIds?.filter((id) => !interfaces.some((each) => each.id === id)) ?? []
  if (missing.length) throw notFound('interface', missing)
  const views = interfaces.map((each) => interfaceView(each, context))
  const found = filtered(views, input.Filters, INTERFACE_FILTERS, ({ TagSet }) => TagSet)
  const { items, nextToken } = paged(found, ({ NetworkInterfaceId }) => NetworkInterfaceId, input)
  return { NetworkInterfaces: items, NextToken: nextToken }
}
