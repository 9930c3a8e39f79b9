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
export function answerForFailures({ log, metrics, keep }: FailureTools): MiddlewareObj {
  const arrived = new WeakMap<object, unknown>()
  return {
    before: (request) => void arrived.set(request, request.event),
    after: () => void metrics.addMetric(METRIC, MetricUnit.Count, 0),
    async onError(request) {
      const failures = permanentFailures(request.error) ?? []
      // Always a number, so that an alarm on it has data: none means that the function does not run.
      metrics.addMetric(METRIC, MetricUnit.Count, failures.length)
      if (!failures.length) return
      await keep(arrived.get(request), joined(failures))
      for (const failure of failures) {
        log.error(failure.message, { code: failure.code, event: arrived.get(request) })
        // The form that consoles on top of CloudWatch Logs take for an error; the structured line is not seen as one.
        console.error(failure)
      }
      // Any response but undefined tells middy that the error has been answered for.
      request.response = null
    },
  }
}

/** The failures in `error` if no retry can help any of them; `undefined` if one may, or if it is a bug. */
export function permanentFailures(error: unknown): Failure[] | undefined {
  const errors = error instanceof AggregateError ? error.errors : [error]
  const permanent = errors.map(asFailure).flatMap((failure) => (failure && !failure.retry ? [failure] : []))
  return permanent.length === errors.length ? permanent : undefined
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
  return error instanceof ParseError ? invalidEvent(error) : undefined
}

function invalidEvent(error: ParseError): Failure {
  const issues = z.array(z.object({ message: z.string(), path: z.optional(z.array(z.unknown())) }))
  const { data = [] } = issues.safeParse(error.cause)
  const wrong = data.map(({ path = [], message }) => `${path.map(String).join('.') || 'event'}: ${message}`)
  const what = `The event is not of the expected form (${wrong.join('; ')}).`
  return new Failure('INVALID_EVENT', `${what} It is kept in the dead-letter queue.`, { cause: error })
}
