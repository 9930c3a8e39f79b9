/** PutLogEvents: what a batch may hold, and which of its events are rejected. */
import type * as client from '@aws-sdk/client-cloudwatch-logs'
import type { RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'
import type { Handlers } from '../wire/handlers.ts'
import { invalidParameter, violation } from './errors.ts'
import { findGroup, findStream } from './names.ts'
import type { LogGroupRecord, LogsOperation } from './state.ts'
import { append, type IncomingEvent, keptFrom, sizeOf } from './store.ts'

/** API Reference: PutLogEvents; so too are the next ones. */
const MOST_BATCH_BYTES = 1_048_576
const MOST_EVENTS = 10_000
const HOUR_MS = 3_600_000
const LONGEST_SPAN_MS = 24 * HOUR_MS
const FURTHEST_AHEAD_MS = 2 * HOUR_MS
const OLDEST_MS = 14 * 24 * HOUR_MS

export const putOperations = {
  PutLogEvents({ logGroupName, logStreamName, logEvents = [] }, { state, now }) {
    const events = logEvents.map(({ timestamp = 0, message = '' }) => ({ at: timestamp, text: message }))
    requireBatch(events)
    const group = findGroup(state, logGroupName)
    const stream = findStream(group, logStreamName)
    const { info, from, to } = sift(events, group, now)
    append(state, group, stream, events.slice(from, to), now)
    return {
      nextSequenceToken: String(state.lastNumber).padStart(56, '0'),
      ...(info && { rejectedLogEventsInfo: info }),
    }
  },
} satisfies Partial<Handlers<typeof client, LogsOperation>>

function requireBatch(events: readonly IncomingEvent[]): void {
  const shown = `[${events.length} items]`
  if (!events.length)
    throw violation('logEvents', shown, 'Member must have length greater than or equal to 1')
  if (events.length > MOST_EVENTS)
    throw violation('logEvents', shown, `Member must have length less than or equal to ${MOST_EVENTS}`)
  const empty = events.findIndex(({ text }) => text === '')
  if (empty >= 0)
    throw violation(
      `logEvents.${empty + 1}.member.message`,
      '',
      'Member must have length greater than or equal to 1',
    )
  const size = events.reduce((sum, event) => sum + sizeOf(event), 0)
  if (size > MOST_BATCH_BYTES)
    throw invalidParameter(`Upload too large: ${size} bytes exceeds limit of ${MOST_BATCH_BYTES}`)
  const isInOrder = events.every(({ at }, index) => index === 0 || at >= (events[index - 1]?.at ?? 0))
  if (!isInOrder)
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.')
  if ((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0) > LONGEST_SPAN_MS)
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    )
}

/** Which events are taken, from one index until before another, and what is said of the others. */
function sift(events: readonly IncomingEvent[], group: LogGroupRecord, now: number) {
  const before = (time: number) => events.filter(({ at }) => at < time).length
  const tooOld = before(now - OLDEST_MS)
  const expired = before(keptFrom(group, now))
  const to = events.filter(({ at }) => at <= now + FURTHEST_AHEAD_MS).length
  const info: RejectedLogEventsInfo = {
    ...(to < events.length && { tooNewLogEventStartIndex: to }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > 0 && { expiredLogEventEndIndex: expired }),
  }
  return { info: Object.keys(info).length ? info : undefined, from: Math.max(tooOld, expired), to }
}
