/** Takes in the ends of invocations: answers whoever waits, and decides what becomes of asynchronous ones. */
import type { InvocationResponse } from '@aws-sdk/client-lambda'
import type { LambdaReport } from './effects.ts'
import { denyMapping, finishMapping, refuseMapping } from './event-source-changes.ts'
import { endBatch, forgetPolls, takeMessages } from './event-source-steps.ts'
import { failed, succeeded } from './records.ts'
import { retryAt } from './schedule.ts'
import type { LambdaContext, QueuedEvent } from './state.ts'

/** API Reference, Invoke: LogResult is "the last 4 KB of the execution log". */
const LOG_TAIL_BYTES = 4096

type Ended = Extract<LambdaReport, { kind: 'function-ended' }>

/** Takes in one report. */
export function receive(report: LambdaReport, context: LambdaContext): void {
  if (report.kind === 'host-restarted') forgetRunning(context)
  else if (report.kind === 'messages-received') takeMessages(report, context)
  else if (report.kind === 'queue-seen') finishMapping(report, context)
  else if (report.kind === 'queue-missing') refuseMapping(report, context)
  else if (report.kind === 'queue-denied') denyMapping(report, context)
  else endInvocation(report, context)
}

function endInvocation(report: Ended, context: LambdaContext): void {
  const running = context.state.running[report.requestId]
  delete context.state.running[report.requestId]
  const event = context.state.queue[report.requestId]
  if (event) endEvent(event, report, context)
  else if (running?.mapping !== undefined) endBatch(running.mapping, report, context)
  else context.settle(report.requestId, { value: answerOf(report, running?.tail === true) })
}

function answerOf({ payload, failed, log }: Ended, tail: boolean): InvocationResponse {
  const LogResult = Buffer.from(log).subarray(-LOG_TAIL_BYTES).toString('base64')
  return {
    StatusCode: 200,
    ...(failed ? { FunctionError: 'Unhandled' } : {}),
    ...(tail ? { LogResult } : {}),
    Payload: Buffer.from(payload),
    ExecutedVersion: '$LATEST',
  }
}

function endEvent(event: QueuedEvent, report: Ended, context: LambdaContext): void {
  const fn = context.state.functions[event.functionName]
  event.last = { payload: report.payload, failed: report.failed }
  const again = fn && report.failed ? retryAt(event, fn, context.now) : undefined
  if (again !== undefined) {
    event.dueAt = again
    return
  }
  delete context.state.queue[event.requestId]
  if (!fn) return
  if (report.failed) failed(event, fn, 'RetriesExhausted', context)
  else succeeded(event, fn, context)
}

/** Events that ran are tried again: Lambda too delivers at least once. */
function forgetRunning(context: LambdaContext): void {
  context.state.running = {}
  forgetPolls(context)
  for (const event of Object.values(context.state.queue)) event.dueAt ??= context.now
}
