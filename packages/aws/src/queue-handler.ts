/**
 * Makes a Lambda handler of a queue's messages, which are worked on together and answered for one by one.
 *
 * A message that may succeed later goes back to its queue; one that cannot is kept in the dead-letter queue once and
 * reported; a bug escapes, and all of its batch comes again.
 */

import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import { parser } from '@aws-lambda-powertools/parser/middleware'
import { messageOf } from '@capstan/core/failure.ts'
import middy from '@middy/core'
import * as z from 'zod/mini'
import { correlation, idOf, jsonOf } from './correlation.ts'
import {
  answerForFailures,
  type FailureTools,
  invalidEvent,
  isBug,
  keepAndReport,
  permanentFailures,
} from './failures.ts'
import { type HandlerOptions, keepInEnvironmentsQueue } from './handler.ts'
import { createLog, createMetrics, type DoorLog } from './log.ts'
import type { Settled } from './parallel.ts'

/**
 * Works on the messages of one batch together. Resolves with what became of each, in their order; what it throws is all
 * messages' misfortune. Nothing is to be begun after `deadline` (ms since the epoch).
 */
export type BatchWork<Message> = (
  messages: readonly Message[],
  log: DoorLog,
  deadline: number,
) => Promise<readonly Settled<unknown>[]>

/** For what is left to do when work has ended: metrics, the log, and answering. */
const MARGIN_MS = 2000

const record = z.looseObject({ messageId: z.string(), body: z.string() })
const queueEvent = z.object({ Records: z.array(record) })
type QueueRecord = z.infer<typeof record>

/** Lambda's context, as far as it is looked at. */
interface TimedContext {
  getRemainingTimeInMillis(): number
}

/**
 * Wraps `run` as a handler of an SQS event source mapping that asks for ReportBatchItemFailures
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html); `schema` is that of a message's body.
 *
 * Throws `Failure` INVALID_CONFIG when the function starts without a place to keep messages. The handler rejects with
 * bugs, and with what `run` throws and a retry may help.
 */
export function defineQueueHandler<Message>(
  schema: z.ZodMiniType<Message>,
  run: BatchWork<Message>,
  options: HandlerOptions = {},
) {
  const log = createLog()
  const metrics = createMetrics()
  const tools = { log, metrics, keep: options.keep ?? keepInEnvironmentsQueue() }
  return middy()
    .use(injectLambdaContext(log, { resetKeys: true }))
    .use(correlation(log))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .use(answerForFailures(tools))
    .use(parser({ schema: queueEvent }))
    .handler(async ({ Records }: z.infer<typeof queueEvent>, context: TimedContext) => {
      const deadline = Date.now() + context.getRemainingTimeInMillis() - MARGIN_MS
      const outcomes = await workOn(Records, schema, (messages) => run(messages, log, deadline))
      const bug = outcomes.values().find((outcome) => outcome.status === 'rejected' && isBug(outcome.reason))
      if (bug?.status === 'rejected') throw bug.reason
      return answer(Records, outcomes, tools)
    })
}

/** What became of each record, by its id: those that cannot be read are not worked on. */
async function workOn<Message>(
  records: readonly QueueRecord[],
  schema: z.ZodMiniType<Message>,
  run: (messages: readonly Message[]) => Promise<readonly Settled<unknown>[]>,
): Promise<ReadonlyMap<string, Settled<unknown>>> {
  const read = records.map(({ messageId, body }) => [messageId, readBody(body, schema)] as const)
  const messages = read.flatMap(([, one]) => (one.status === 'fulfilled' ? [one.value] : []))
  const outcomes = (messages.length ? await run(messages) : []).values()
  return new Map(
    read.map(([id, one]) => [id, one.status === 'rejected' ? one : (outcomes.next().value ?? one)]),
  )
}

function readBody<Message>(body: string, schema: z.ZodMiniType<Message>): Settled<Message> {
  const parsed = schema.safeParse(jsonOf(body))
  if (parsed.success) return { status: 'fulfilled', value: parsed.data }
  return { status: 'rejected', reason: invalidEvent(parsed.error.issues, parsed.error) }
}

/** Powertools' answer for the batch: the ids of the records that are to come again. */
function answer(
  records: readonly QueueRecord[],
  outcomes: ReadonlyMap<string, Settled<unknown>>,
  tools: FailureTools,
): Promise<unknown> {
  const settle = async ({ messageId, body }: QueueRecord) => {
    const outcome = outcomes.get(messageId)
    if (outcome?.status === 'rejected') await answerForOne({ messageId, body }, outcome.reason, tools)
  }
  const processor = new BatchProcessor(EventType.SQS)
  return processPartialResponse({ Records: [...records] }, settle, processor, {
    throwOnFullBatchFailure: false,
  })
}

/** Keeps a message that no retry can help; throws the reason of any other, which sends it back. */
async function answerForOne(record: QueueRecord, reason: unknown, tools: FailureTools): Promise<void> {
  const message = jsonOf(record.body)
  const fields = { correlation_id: idOf(message) ?? record.messageId }
  const failures = permanentFailures(reason)
  if (failures) return keepAndReport(message, failures, tools, fields)
  tools.log.warn(`A message goes back to its queue: ${messageOf(reason)}`, { event: message, ...fields })
  throw reason
}
