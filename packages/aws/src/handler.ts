/**
 * Makes a Lambda handler of one event's work. The one question it answers: what becomes of a failure?
 *
 * A failure that may succeed later escapes, because only an escaped error makes Lambda retry and then dead-letter.
 * A permanent one is reported once and its event kept; nothing is ever logged and forgotten.
 */

import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware'
import { parser } from '@aws-lambda-powertools/parser/middleware'
import middy from '@middy/core'
import type * as z from 'zod/mini'
import { createQueueClient } from './clients.ts'
import { correlation } from './correlation.ts'
import { type Keep, keepInQueue } from './dead-letter.ts'
import { readEnvironment } from './environment.ts'
import { answerForFailures } from './failures.ts'
import { createLog, createMetrics, type DoorLog } from './log.ts'

export interface HandlerOptions {
  /** Where events that cannot be handled are kept; the queue that the environment names unless told. */
  readonly keep?: Keep
}

/**
 * Wraps `run` as a handler of events that match `schema`.
 *
 * Throws `Failure` INVALID_CONFIG when the function starts without a place to keep events. The handler rejects with
 * what may succeed later, with what is no `Failure` (a bug), and with what hinders an event from being kept.
 */
export function defineHandler<Event>(
  schema: z.ZodMiniType<Event>,
  run: (event: Event, log: DoorLog) => Promise<unknown>,
  options: HandlerOptions = {},
) {
  const log = createLog()
  const metrics = createMetrics()
  return middy()
    .use(injectLambdaContext(log, { resetKeys: true }))
    .use(correlation(log))
    .use(logMetrics(metrics, { captureColdStartMetric: true }))
    .use(answerForFailures({ log, metrics, keep: options.keep ?? keepInEnvironmentsQueue() }))
    .use(parser({ schema }))
    .handler(async (event: Event): Promise<void> => {
      await run(event, log)
    })
}

/** Keeps events in the dead-letter queue that the environment names. Throws `Failure` INVALID_CONFIG where it names none. */
export function keepInEnvironmentsQueue(): Keep {
  const environment = readEnvironment()
  const { deadLetterQueueUrl, functionName } = environment
  return keepInQueue(createQueueClient(environment), deadLetterQueueUrl, functionName)
}
