/** What becomes of a failure in a handler: escape and be retried, or be reported once and its event kept. */
import '@capstan/core/english.ts'
import type { Logger } from '@aws-lambda-powertools/logger'
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { ParseError } from '@aws-lambda-powertools/parser/errors'
import { Failure } from '@capstan/core/failure.ts'
import type { MiddlewareObj } from '@middy/core'
import * as z from 'zod/mini'
import type { Keep } from './dead-letter.ts'

const METRIC = 'PermanentFailures'

export interface FailureTools {
  readonly log: Logger
  readonly metrics: Metrics
  readonly keep: Keep
}

/**
 * The middleware that answers for failures: it must be used before the parser, so that it keeps the event as it came.
 * Several failures arrive as one `AggregateError`; if a retry may help any of them, all of it escapes.
 */
export function answerForFailures(tools: FailureTools): MiddlewareObj {
  const { metrics } = tools
  const arrived = new WeakMap<object, unknown>()
  return {
    before: (request) => void arrived.set(request, request.event),
    // Always a number, so that an alarm on it has data: none means that the function does not run.
    after: () => void metrics.addMetric(METRIC, MetricUnit.Count, 0),
    async onError(request) {
      const failures = permanentFailures(request.error)
      if (!failures) return void metrics.addMetric(METRIC, MetricUnit.Count, 0)
      await keepAndReport(arrived.get(request), failures, tools)
      // Any response but undefined tells middy that the error has been answered for.
      request.response = null
    },
  }
}

/**
 * Keeps `event` because of `failures`, and reports each of them: counted, in the log, where `fields` are told of it, and as
 * consoles know an error.
 */
export async function keepAndReport(
  event: unknown,
  failures: readonly Failure[],
  { keep, log, metrics }: FailureTools,
  fields: Record<string, unknown> = {},
): Promise<void> {
  metrics.addMetric(METRIC, MetricUnit.Count, failures.length)
  await keep(event, joined(failures))
  for (const failure of failures) {
    log.error(failure.message, { code: failure.code, event, ...fields })
    // The form that consoles on top of CloudWatch Logs take for an error; the structured line is not seen as one.
    console.error(failure)
  }
}

/** The failures in `error` if no retry can help any of them; `undefined` if one may, or if it is a bug. */
export function permanentFailures(error: unknown): Failure[] | undefined {
  const errors = error instanceof AggregateError ? error.errors : [error]
  const permanent = errors.map(asFailure).flatMap((failure) => (failure && !failure.retry ? [failure] : []))
  return permanent.length === errors.length ? permanent : undefined
}

/** Whether it is anything but foreseen failures: a bug, which nobody answers for. */
export function isBug(error: unknown): boolean {
  const errors = error instanceof AggregateError ? error.errors : [error]
  return errors.some((one) => asFailure(one) === undefined)
}

/** One failure with the reasons of all: an event is kept once. */
function joined(failures: readonly Failure[]): Failure {
  const [first] = failures
  if (first && failures.length === 1) return first
  const reasons = failures.map((failure) => failure.message).join(' ')
  return new Failure(first?.code ?? 'INVALID_EVENT', reasons, {
    cause: new AggregateError(failures, reasons),
  })
}

function asFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error
  return error instanceof ParseError ? invalidEvent(error.cause, error) : undefined
}

const schemaErrors = z.array(z.object({ message: z.string(), path: z.optional(z.array(z.unknown())) }))

/** What is wrong with an event, by the issues that its schema has found. */
export function invalidEvent(issues: unknown, cause?: unknown): Failure {
  const { data = [] } = schemaErrors.safeParse(issues)
  const wrong = data.map(({ path = [], message }) => `${path.map(String).join('.') || 'event'}: ${message}`)
  const what = `The event is not of the expected form (${wrong.join('; ')}).`
  return new Failure('INVALID_EVENT', `${what} It is kept in the dead-letter queue.`, { cause })
}
