/** What becomes of asynchronous invocations as time passes: they are tried, tried again, or given up. */
import { hasRoom } from './concurrency.ts'
import { type EventSourceAction, performEventSource, scheduleEventSources } from './event-source-steps.ts'
import { failed } from './records.ts'
import { specOf } from './settings.ts'
import type { FunctionState, LambdaContext, LambdaState, QueuedEvent } from './state.ts'

/** API Reference, PutFunctionEventInvokeConfig: the defaults. */
const RETRY_ATTEMPTS = 2
const EVENT_AGE_SECONDS = 6 * 3600
/**
 * Developer Guide, Error handling for asynchronous invocation: a function that failed is tried again after one
 * minute, then after two; one without room after 1 second, growing exponentially to 5 minutes.
 */
const RETRY_AFTER_MS = [60_000, 120_000]
const THROTTLED_AFTER_MS = 1000
const THROTTLED_MOST_MS = 5 * 60_000

export type LambdaAction =
  | EventSourceAction
  | { readonly kind: 'try-event'; readonly requestId: string; readonly at: number }
  | { readonly kind: 'expire-event'; readonly requestId: string; readonly at: number }

/** One action for each event that waits, whichever comes first, and those of event source mappings. */
export function schedule(state: LambdaState): LambdaAction[] {
  return [...scheduleEvents(state), ...scheduleEventSources(state)]
}

function scheduleEvents(state: LambdaState): LambdaAction[] {
  return Object.values(state.queue).flatMap((event): LambdaAction[] => {
    const { requestId, dueAt } = event
    if (dueAt === undefined) return []
    const expiresAt = expiry(event, state.functions[event.functionName])
    if (expiresAt <= dueAt) return [{ kind: 'expire-event', requestId, at: expiresAt }]
    return [{ kind: 'try-event', requestId, at: dueAt }]
  })
}

/** Tries an event or gives it up, or takes a step of an event source mapping. */
export function perform(action: LambdaAction, context: LambdaContext): void {
  if (action.kind !== 'try-event' && action.kind !== 'expire-event') {
    performEventSource(action, context)
    return
  }
  const event = context.state.queue[action.requestId]
  const fn = event && context.state.functions[event.functionName]
  if (!event) return
  // A function that was deleted takes its events with it.
  if (!fn) delete context.state.queue[event.requestId]
  else if (action.kind === 'expire-event') giveUp(event, fn, 'EventAgeExceeded', context)
  else if (fn.reservedConcurrency === 0) giveUp(event, fn, 'ZeroReservedConcurrency', context)
  else tryEvent(event, fn, context)
}

function tryEvent(event: QueuedEvent, fn: FunctionState, context: LambdaContext): void {
  if (!hasRoom(fn, context.state)) {
    event.dueAt = context.now + Math.min(THROTTLED_AFTER_MS * 2 ** event.throttles, THROTTLED_MOST_MS)
    event.throttles += 1
    return
  }
  delete event.dueAt
  event.invocations += 1
  const { requestId, payload } = event
  context.state.running[requestId] = { functionName: fn.name, tail: false }
  context.ask({ kind: 'invoke-function', requestId, spec: specOf(fn), payload, isAsynchronous: true })
}

function giveUp(event: QueuedEvent, fn: FunctionState, condition: string, context: LambdaContext): void {
  delete context.state.queue[event.requestId]
  failed(event, fn, condition, context)
}

/** When to try a failed event again, or undefined if that was the last try. */
export function retryAt(event: QueuedEvent, fn: FunctionState, now: number): number | undefined {
  const attempts = fn.eventInvoke?.retryAttempts ?? RETRY_ATTEMPTS
  if (event.invocations > attempts) return undefined
  return now + (RETRY_AFTER_MS[event.invocations - 1] ?? 0)
}

function expiry(event: QueuedEvent, fn: FunctionState | undefined): number {
  return event.acceptedAt + (fn?.eventInvoke?.eventAgeSeconds ?? EVENT_AGE_SECONDS) * 1000
}
