/** Makes and changes event source mappings, once their queue has been seen, and answers who asked for it. */
import { arnOf } from '../arn.ts'
import type { LambdaReport } from './effects.ts'
import { conflict, inUse, refused } from './errors.ts'
import { stopPolling, TRANSITION_MS } from './event-source-steps.ts'
import { mappingView } from './event-source-view.ts'
import type { EventSourceMapping, LambdaContext, LambdaState, PendingMapping } from './state.ts'

type Seen = Extract<LambdaReport, { kind: 'queue-seen' }>
type Missing = Extract<LambdaReport, { kind: 'queue-missing' }>
type Denied = Extract<LambdaReport, { kind: 'queue-denied' }>

/** Throws ResourceConflictException if another mapping joins the same function and queue. */
export function requireFree({ id, queueArn, settings }: PendingMapping, { mappings }: LambdaState): void {
  const { functionName } = settings
  const other = Object.values(mappings).find(
    (each) => each.id !== id && each.queueArn === queueArn && each.settings.functionName === functionName,
  )
  if (!other) return
  throw conflict(
    `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${functionName} ") already exists. Please update or delete the existing mapping with UUID ${other.id}`,
  )
}

/** The queue is there: the mapping is made or changed, if it still can be, and the request is answered. */
export function finishMapping({ request, visibilitySeconds }: Seen, context: LambdaContext): void {
  const pending = takePending(request, context)
  if (!pending) return
  try {
    requireVisibility(pending, visibilitySeconds, context)
    requireFree(pending, context.state)
    const mapping = pending.tags ? make(pending, pending.tags, context) : change(pending, context)
    context.settle(request, { value: mappingView(mapping, context) })
  } catch (error) {
    context.settle(request, { error })
  }
}

/** There is no such queue: whoever asked is told what SQS said. */
export function refuseMapping({ request, code, message }: Missing, context: LambdaContext): void {
  if (!takePending(request, context)) return
  const reason = `Error occurred while ReceiveMessage. SQS Error Code: ${code}. SQS Error Message: ${message}`
  context.settle(request, { error: refused(reason) })
}

/** The function's role may not read from the queue (Developer Guide: using Lambda with Amazon SQS, execution role permissions). */
export function denyMapping({ request, operation }: Denied, context: LambdaContext): void {
  if (!takePending(request, context)) return
  const reason = `The provided execution role does not have permissions to call ${operation} on SQS`
  context.settle(request, { error: refused(reason) })
}

function takePending(request: string, { state }: LambdaContext): PendingMapping | undefined {
  const pending = state.pending[request]
  delete state.pending[request]
  return pending
}

function requireVisibility({ settings }: PendingMapping, seconds: number, { state }: LambdaContext): void {
  const timeout = state.functions[settings.functionName]?.settings.timeoutSeconds ?? 0
  if (seconds >= timeout) return
  throw refused(
    `Queue visibility timeout: ${seconds} seconds is less than Function timeout: ${timeout} seconds`,
  )
}

function make(
  { id, queueArn, settings }: PendingMapping,
  tags: Record<string, string>,
  context: LambdaContext,
): EventSourceMapping {
  const mapping: EventSourceMapping = {
    id,
    arn: arnOf('lambda', context, `event-source-mapping:${id}`),
    queueArn,
    settings,
    state: 'Creating',
    settlesAt: context.now + TRANSITION_MS,
    lastModified: context.now,
    tags,
    batches: {},
  }
  context.state.mappings[id] = mapping
  return mapping
}

/** Between the request and the look somebody may have deleted the mapping: then the request changes nothing. */
function change({ id, settings }: PendingMapping, context: LambdaContext): EventSourceMapping {
  const mapping = context.state.mappings[id]
  if (!mapping || mapping.state === 'Deleting')
    throw inUse('Cannot update the event source mapping because it is in use.')
  const { enabled } = mapping.settings
  mapping.settings = settings
  if (enabled && !settings.enabled) stopPolling(mapping, 'Disabling', context)
  else {
    mapping.state = settings.enabled && !enabled ? 'Enabling' : 'Updating'
    mapping.settlesAt = context.now + TRANSITION_MS
    mapping.lastModified = context.now
  }
  return mapping
}
