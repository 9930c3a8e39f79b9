/** One id in all lines about one event, by which they are found together, whatever handles it. */
import type { Logger } from '@aws-lambda-powertools/logger'
import type { MiddlewareObj } from '@middy/core'

/**
 * The middleware that says `correlation_id` in every line: the event's id, of a batch the ids of all its messages' events,
 * and of a sweep that of the invocation, since its event is about nothing else.
 */
export function correlation(log: Logger): MiddlewareObj {
  return {
    before: ({ context, event }) => log.setCorrelationId(correlationOf(event) ?? context.awsRequestId),
  }
}

function correlationOf(event: unknown): string | undefined {
  const { Records: records, 'detail-type': type } = propertiesOf(event)
  if (!Array.isArray(records)) return type === 'Scheduled Event' ? undefined : idOf(event)
  const ids = records.map((record) => {
    const { body, messageId } = propertiesOf(record)
    return idOf(typeof body === 'string' ? jsonOf(body) : body) ?? messageId
  })
  return ids.join(' ') || undefined
}

/** The id of an event of EventBridge; nothing of what is none. */
export function idOf(event: unknown): string | undefined {
  const { id } = propertiesOf(event)
  return typeof id === 'string' && id ? id : undefined
}

/** A body that is no JSON is the text that it is. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

const propertiesOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
