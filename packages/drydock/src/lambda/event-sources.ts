/** Event source mappings of SQS queues: made, shown, listed, changed and deleted. */
import type * as client from '@aws-sdk/client-lambda'
import { arnOf } from '../arn.ts'
import { pageOf } from '../page.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireRange } from '../wire/violation.ts'
import { inUse, notFound, refused } from './errors.ts'
import { requireFree } from './event-source-changes.ts'
import { changedSourceSettings, newSourceSettings, requireSource } from './event-source-rules.ts'
import { stopPolling } from './event-source-steps.ts'
import { mappingView } from './event-source-view.ts'
import { findFunction } from './names.ts'
import type { EventSourceMapping, LambdaOperationContext, PendingMapping } from './state.ts'

/** API Reference, ListEventSourceMappings: "returns a maximum of 100 items in each response". */
const MOST_LISTED = 100

type View = client.EventSourceMappingConfiguration

export const eventSourceOperations = {
  CreateEventSourceMapping(input, context) {
    const queueArn = requireSource(input, context)
    const fn = findFunction(input.FunctionName, undefined, context)
    const settings = newSourceSettings(fn.name, input, queueArn)
    const id = context.newUuid()
    requireFree({ id, queueArn, settings }, context.state)
    return lookFirst({ id, queueArn, settings, tags: { ...input.Tags } }, context)
  },

  UpdateEventSourceMapping(input, context) {
    const { id, queueArn, settings: old, ...mapping } = findMapping(input.UUID, context)
    if (isBusy(mapping.state)) throw inUse('Cannot update the event source mapping because it is in use.')
    const fn = input.FunctionName && findFunction(input.FunctionName, undefined, context)
    const settings = changedSourceSettings(fn ? { ...old, functionName: fn.name } : old, input, queueArn)
    requireFree({ id, queueArn, settings }, context.state)
    return lookFirst({ id, queueArn, settings }, context)
  },

  GetEventSourceMapping: ({ UUID }, context) => mappingView(findMapping(UUID, context), context),

  ListEventSourceMappings({ EventSourceArn, FunctionName, MaxItems = MOST_LISTED, Marker }, context) {
    requireRange('maxItems', MaxItems, 1, 10_000)
    const fn = FunctionName === undefined ? undefined : findFunction(FunctionName, undefined, context)
    const wanted = Object.values(context.state.mappings).filter(
      ({ queueArn, settings }) =>
        (EventSourceArn === undefined || queueArn === EventSourceArn) &&
        (fn === undefined || settings.functionName === fn.name),
    )
    const { items, nextToken } = pageOf(wanted, ({ id }) => id, {
      size: Math.min(MaxItems, MOST_LISTED),
      token: Marker,
      badToken: () => refused('Invalid Marker'),
    })
    return { EventSourceMappings: items.map((each) => mappingView(each, context)), NextMarker: nextToken }
  },

  DeleteEventSourceMapping({ UUID }, context) {
    const mapping = findMapping(UUID, context)
    if (isBusy(mapping.state)) throw inUse('Cannot delete the event source mapping because it is in use.')
    stopPolling(mapping, 'Deleting', context)
    return mappingView(mapping, context)
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

const isBusy = (state: EventSourceMapping['state']) => state !== 'Enabled' && state !== 'Disabled'

/** Throws ResourceNotFoundException. */
function findMapping(
  id: string | undefined,
  { state }: Pick<LambdaOperationContext, 'state'>,
): EventSourceMapping {
  const found = id === undefined ? undefined : state.mappings[id]
  if (!found) throw notFound('The resource you requested does not exist.')
  return found
}

/** The mapping of an ARN, as the tag operations name one; `undefined` where it is an ARN of something else. */
export function mappingOfArn(
  arn: string | undefined,
  context: LambdaOperationContext,
): EventSourceMapping | undefined {
  const prefix = arnOf('lambda', context, 'event-source-mapping:')
  return arn?.startsWith(prefix) ? findMapping(arn.slice(prefix.length), context) : undefined
}

/** The request is answered when the queue has been seen: whether there is one is SQS's to say. */
function lookFirst(pending: PendingMapping, context: LambdaOperationContext): Promise<View> {
  const request = context.newUuid()
  context.state.pending[request] = pending
  const { functionName } = pending.settings
  const roleArn = context.state.functions[functionName]?.settings.role ?? ''
  context.ask({ kind: 'look-at-queue', request, queueArn: pending.queueArn, roleArn, functionName })
  return context.defer<View>(request)
}
