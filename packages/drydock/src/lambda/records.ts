/** What is told of asynchronous invocations that ended: records to destinations, and dead letters. */
import type { FunctionState, LambdaContext, QueuedEvent } from './state.ts'

/** Developer Guide, Dead-letter queues: ErrorMessage is "the first 1 KB of the error message". */
const LONGEST_ERROR_MESSAGE = 1024

/** Sends the record of a success, if the function has a destination for it. */
export function succeeded(event: QueuedEvent, fn: FunctionState, context: LambdaContext): void {
  const queueArn = fn.eventInvoke?.onSuccess
  if (queueArn) sendRecord(queueArn, event, fn, 'Success', context)
}

/** Sends record and dead letter of an event that is given up, where the function has places for them. */
export function failed(
  event: QueuedEvent,
  fn: FunctionState,
  condition: string,
  context: LambdaContext,
): void {
  const { deadLetterArn } = fn.settings
  if (fn.eventInvoke?.onFailure) sendRecord(fn.eventInvoke.onFailure, event, fn, condition, context)
  if (!deadLetterArn) return
  const attributes = deadLetterAttributes(event, condition)
  const inNameOf = { roleArn: fn.settings.role, functionName: fn.name }
  context.ask({
    kind: 'send-to-queue',
    queueArn: deadLetterArn,
    ...inNameOf,
    body: event.payload,
    attributes,
  })
}

function sendRecord(
  queueArn: string,
  event: QueuedEvent,
  fn: FunctionState,
  condition: string,
  context: LambdaContext,
): void {
  const record = recordOf(event, fn.arn, condition, context.now)
  const inNameOf = { roleArn: fn.settings.role, functionName: fn.name }
  context.ask({ kind: 'send-to-queue', queueArn, ...inNameOf, body: JSON.stringify(record), attributes: {} })
}

/** An invocation record (Developer Guide, Capturing records of Lambda asynchronous invocations). */
export function recordOf(event: QueuedEvent, arn: string, condition: string, now: number): object {
  return {
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn: `${arn}:$LATEST`,
      condition,
      approximateInvokeCount: event.invocations,
    },
    requestPayload: JSON.parse(event.payload),
    ...(event.last ? answerOf(event.last) : {}),
  }
}

function answerOf(last: { readonly payload: string; readonly failed: boolean }): object {
  return {
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(last.failed ? { functionError: 'Unhandled' } : {}),
    },
    responsePayload: last.payload === '' ? null : JSON.parse(last.payload),
  }
}

function deadLetterAttributes(event: QueuedEvent, condition: string) {
  const answer = event.last ? (JSON.parse(event.last.payload) as { errorMessage?: unknown }) : {}
  const message = String(answer?.errorMessage ?? condition).slice(0, LONGEST_ERROR_MESSAGE)
  return {
    RequestID: { DataType: 'String', StringValue: event.requestId },
    ErrorCode: { DataType: 'Number', StringValue: event.last ? '200' : '429' },
    // An attribute of a message must not be empty.
    ErrorMessage: { DataType: 'String', StringValue: message || condition },
  } as const
}
