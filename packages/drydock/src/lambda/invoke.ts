/** Invoke: checks, and the start of an invocation that the host performs and reports back. */
import type * as client from '@aws-sdk/client-lambda'
import { parseJson } from '../json.ts'
import type { Handlers } from '../wire/handlers.ts'
import { violation } from '../wire/violation.ts'
import { hasRoom } from './concurrency.ts'
import { payloadTooLarge, payloadUnreadable, throttled } from './errors.ts'
import { findFunction } from './names.ts'
import { specOf } from './settings.ts'
import type { FunctionState, LambdaOperationContext } from './state.ts'

/** API Reference, Invoke: 6 MB for synchronous, 1 MB for asynchronous invocations. */
const LARGEST_PAYLOAD_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 }

export const invokeOperations = {
  Invoke(input, context) {
    const fn = findFunction(input.FunctionName, input.Qualifier, context)
    const type = input.InvocationType ?? 'RequestResponse'
    if (type === 'DryRun') return { StatusCode: 204 }
    if (type !== 'Event' && type !== 'RequestResponse') {
      throw violation(
        'invocationType',
        type,
        'Member must satisfy enum value set: [Event, RequestResponse, DryRun]',
      )
    }
    const payload = readPayload(input.Payload, type)
    return type === 'Event' ? accept(fn, payload, context) : invokeNow(fn, payload, input, context)
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

function readPayload(bytes: Uint8Array | undefined, type: 'Event' | 'RequestResponse'): string {
  const size = bytes?.byteLength ?? 0
  const limit = LARGEST_PAYLOAD_BYTES[type]
  if (size > limit) {
    throw payloadTooLarge(
      `${size} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
    )
  }
  // No payload is an empty event.
  const text = size ? Buffer.from(bytes ?? []).toString() : '{}'
  try {
    JSON.parse(text)
  } catch (error) {
    throw payloadUnreadable(`Could not parse request body into json: ${(error as Error).message}`)
  }
  return text
}

function accept(fn: FunctionState, payload: string, context: LambdaOperationContext): { StatusCode: number } {
  const requestId = freeRequestId(context)
  context.state.queue[requestId] = {
    requestId,
    functionName: fn.name,
    payload,
    acceptedAt: context.now,
    dueAt: context.now,
    invocations: 0,
    throttles: 0,
  }
  return { StatusCode: 202 }
}

function invokeNow(
  fn: FunctionState,
  payload: string,
  input: { readonly ClientContext?: string | undefined; readonly LogType?: string | undefined },
  context: LambdaOperationContext,
): Promise<client.InvocationResponse & { Payload?: Uint8Array }> {
  if (!hasRoom(fn, context.state)) throw throttled(reasonToThrottle(fn))
  const requestId = freeRequestId(context)
  const clientContext = readClientContext(input.ClientContext)
  context.state.running[requestId] = { functionName: fn.name, tail: input.LogType === 'Tail' }
  context.ask({
    kind: 'invoke-function',
    requestId,
    spec: specOf(fn),
    payload,
    isAsynchronous: false,
    ...clientContext,
  })
  return context.defer(requestId)
}

/** The request's own id, as in AWS, unless one caller uses the same for two. */
function freeRequestId({ requestId, state, newUuid }: LambdaOperationContext): string {
  const used =
    requestId === '' || state.running[requestId] !== undefined || state.queue[requestId] !== undefined
  return used ? newUuid() : requestId
}

function readClientContext(base64: string | undefined): { clientContext?: string } {
  if (base64 === undefined) return {}
  const clientContext = Buffer.from(base64, 'base64').toString()
  if (parseJson(clientContext) === undefined)
    throw payloadUnreadable('Client context must be a valid Base64-encoded JSON object.')
  return { clientContext }
}

const reasonToThrottle = ({ reservedConcurrency }: FunctionState): client.ThrottleReason =>
  reservedConcurrency === undefined
    ? 'ConcurrentInvocationLimitExceeded'
    : 'ReservedFunctionConcurrentInvocationLimitExceeded'
