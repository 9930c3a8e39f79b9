/** PutEvents: custom events, up to ten at a time, each accepted or refused by itself. */

import type * as client from '@aws-sdk/client-eventbridge'
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../arn.ts'
import { parseRecord } from '../json.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireLength } from '../wire/violation.ts'
import { busArn, busNameOf } from './buses.ts'
import type { PutElsewhere } from './effects.ts'
import { type Content, envelope } from './envelope.ts'
import { invalid } from './errors.ts'
import { publish } from './publish.ts'
import type { EventsOperationContext } from './state.ts'

/** API Reference, PutEvents: entries, and bytes in all of them together (256 KB until January 2026). */
const MOST_ENTRIES = 10
const LARGEST_REQUEST = 1024 * 1024

export const putEventsOperations = {
  PutEvents({ Entries = [], EndpointId }, context) {
    if (EndpointId) throw invalid('Global endpoints are not supported by this engine.')
    requireLength('entries', Entries.length, 1, MOST_ENTRIES)
    const size = Entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
    if (size > LARGEST_REQUEST) throw invalid('Total size of the entries in the request is over the limit.')
    const entries = Entries.map((entry) => put(entry, context))
    const results = entries.flatMap((entry) => ('busArn' in entry ? [] : [entry]))
    if (results.length === entries.length) return putAnswer(results)
    const request = context.newUuid()
    context.ask({ kind: 'put-elsewhere', request, entries, ...(context.role && { role: context.role }) })
    return context.defer<client.PutEventsResponse>(request)
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

/** The answer to a request, of what became of each of its entries. */
export const putAnswer = (results: readonly PutEventsResultEntry[]) => ({
  FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length,
  Entries: [...results],
})

/** What is for this account is put at once; what is for another one is handed on. */
function put(
  entry: PutEventsRequestEntry,
  context: EventsOperationContext,
): PutEventsResultEntry | PutElsewhere {
  const busName = busNameOf(entry.EventBusName)
  const arn = parseArn(entry.EventBusName ?? '')
  if (arn && arn.region !== context.region) {
    const ErrorMessage = 'Parameter EventBusName is not valid. Reason: the event bus is of another region.'
    return { ErrorCode: 'InvalidArgument', ErrorMessage }
  }
  const content = contentOf(entry)
  if ('ErrorCode' in content) return content
  const event = envelope(content, context)
  if (arn && arn.accountId !== context.accountId) return { busArn: busArn(busName, arn), event }
  publish(busName, event, context)
  return { EventId: event.id }
}

function contentOf(entry: PutEventsRequestEntry): Content | { ErrorCode: string; ErrorMessage: string } {
  const { Source, DetailType, Detail, Resources = [], Time } = entry
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value)?.[0]
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`
    return { ErrorCode: 'InvalidArgument', ErrorMessage }
  }
  if (/^aws\./i.test(Source ?? '')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' }
  }
  const detail = parseRecord(Detail ?? '')
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
  return {
    source: Source ?? '',
    detailType: DetailType ?? '',
    resources: Resources,
    detail,
    ...(Time && { time: Time.getTime() }),
  }
}

/**
 * In bytes: 14 for a time, and the text of all the rest.
 * Source: EventBridge User Guide, "Calculating PutEvents event entry size".
 */
function sizeOf({
  Time,
  Source = '',
  DetailType = '',
  Detail = '',
  Resources = [],
}: PutEventsRequestEntry): number {
  return (Time ? 14 : 0) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(''))
}
