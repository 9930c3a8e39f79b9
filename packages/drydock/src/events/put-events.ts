/** PutEvents: custom events, up to ten at a time, each accepted or refused by itself. */

import type * as client from '@aws-sdk/client-eventbridge'
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import { parseRecord } from '../json.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireLength } from '../wire/violation.ts'
import { busArn, busNameOf } from './buses.ts'
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
    const results = Entries.map((entry) => put(entry, context))
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results }
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

function put(entry: PutEventsRequestEntry, context: EventsOperationContext): PutEventsResultEntry {
  const busName = busNameOf(entry.EventBusName)
  if (entry.EventBusName?.startsWith('arn:') && entry.EventBusName !== busArn(busName, context)) {
    // A bus of another account gives no permission here, and one of another region is not reached.
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage:
        'Parameter EventBusName is not valid. Reason: the event bus is of another account or region.',
    }
  }
  const content = contentOf(entry)
  if ('ErrorCode' in content) return content
  const event = envelope(content, context)
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
