/**
 * Where events are kept: in order, in bounded memory, and no longer than their group's retention. What is too much goes
 * oldest first; AWS keeps everything.
 */
import type { LogEvent, LogGroupRecord, LogStreamRecord, LogsState } from './state.ts'

/** What AWS counts for each event besides its text (API Reference: PutLogEvents). */
const EVENT_OVERHEAD = 26
/** How much one stream keeps, and all streams of a scope together. */
export const MOST_STREAM_BYTES = 4 * 2 ** 20
export const MOST_SCOPE_BYTES = 16 * 2 ** 20
/** How often expired events are dropped; until then they are passed over. */
export const SWEEP_MS = 3_600_000
const DAY_MS = 86_400_000

/** An event that comes in. `at` in milliseconds since the epoch. */
export interface IncomingEvent {
  readonly at: number
  readonly text: string
}

/** The size of an event as AWS counts it. */
export const sizeOf = ({ text }: Pick<LogEvent, 'text'>) => Buffer.byteLength(text) + EVENT_OVERHEAD

/** Adds events to a stream. */
export function append(
  state: LogsState,
  group: LogGroupRecord,
  stream: LogStreamRecord,
  events: readonly IncomingEvent[],
  now: number,
): void {
  for (const { at, text } of events) {
    const event = { number: ++state.lastNumber, at, ingestedAt: now, text }
    insert(stream.events, event)
    stream.bytes += sizeOf(event)
  }
  stream.lastIngestedAt = now
  while (stream.bytes > MOST_STREAM_BYTES && dropQuarter(stream)) {}
  boundScope(state)
  if (group.retentionDays !== undefined) state.sweepAt ??= now + SWEEP_MS
}

function insert(events: LogEvent[], event: LogEvent): void {
  let place = events.length
  while (place > 0 && (events[place - 1]?.at ?? 0) > event.at) place--
  if (place === events.length) events.push(event)
  else events.splice(place, 0, event)
}

/** Dropping a quarter at a time makes the cost of a full stream a constant one. The last event stays, however long. */
function dropQuarter(stream: LogStreamRecord): boolean {
  const count = Math.min(Math.ceil(stream.events.length / 4), stream.events.length - 1)
  for (const event of stream.events.splice(0, count)) stream.bytes -= sizeOf(event)
  return count > 0
}

function boundScope({ groups }: LogsState): void {
  const streams = Object.values(groups).flatMap((group) => Object.values(group.streams))
  let total = streams.reduce((sum, { bytes }) => sum + bytes, 0)
  while (total > MOST_SCOPE_BYTES) {
    const largest = streams.reduce((a, b) => (a.bytes >= b.bytes ? a : b))
    const before = largest.bytes
    if (!dropQuarter(largest)) return
    total -= before - largest.bytes
  }
}

/** The first moment that a group still keeps. */
export const keptFrom = ({ retentionDays }: LogGroupRecord, now: number): number =>
  retentionDays === undefined ? -Infinity : now - retentionDays * DAY_MS

/** A stream's events that have not expired. */
export function eventsOf(group: LogGroupRecord, stream: LogStreamRecord, now: number): readonly LogEvent[] {
  const from = keptFrom(group, now)
  return (stream.events[0]?.at ?? Infinity) >= from
    ? stream.events
    : stream.events.filter(({ at }) => at >= from)
}

/** Drops expired events, and says when to do so again. */
export function sweep(state: LogsState, now: number): void {
  const expiring = Object.values(state.groups).filter(({ retentionDays }) => retentionDays !== undefined)
  for (const group of expiring) {
    for (const stream of Object.values(group.streams)) {
      stream.events = [...eventsOf(group, stream, now)]
      stream.bytes = stream.events.reduce((sum, event) => sum + sizeOf(event), 0)
    }
  }
  delete state.sweepAt
  if (expiring.length) state.sweepAt = now + SWEEP_MS
}
