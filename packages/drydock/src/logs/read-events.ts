/** GetLogEvents and FilterLogEvents: events of one stream or of many, in pages. */
import type * as client from '@aws-sdk/client-cloudwatch-logs'
import type { Handlers } from '../wire/handlers.ts'
import { invalidParameter, requireRange } from './errors.ts'
import { parseFilterPattern } from './filter-pattern.ts'
import { badToken } from './groups.ts'
import { findStream, groupOf } from './names.ts'
import type { LogEvent, LogGroupRecord, LogsOperation } from './state.ts'
import { eventsOf, sizeOf } from './store.ts'

/** A page holds at most so many events, and so many bytes of them (API Reference: FilterLogEvents). */
const MOST_EVENTS = 10_000
const MOST_PAGE_BYTES = 2 ** 20

export const readOperations = {
  GetLogEvents(input, { state, now }) {
    requireRange('limit', input.limit, 1, MOST_EVENTS)
    const group = groupOf(state, input)
    const stream = findStream(group, input.logStreamName)
    const { startTime = -Infinity, endTime = Infinity, nextToken } = input
    const inTime = eventsOf(group, stream, now).filter(({ at }) => at >= startTime && at < endTime)
    const token = nextToken === undefined ? undefined : parsePlace(nextToken)
    const isForward = token ? token.direction === 'f' : (input.startFromHead ?? false)
    const rest = token ? inTime.filter((event) => isBeyond(event, token)) : inTime
    const page = isForward
      ? takePage(rest, input.limit)
      : takePage(rest.toReversed(), input.limit).toReversed()
    const stay: Place = token ?? { at: 0, number: 0 }
    return {
      events: page.map(viewOf),
      nextForwardToken: placeText('f', page.at(-1) ?? stay),
      nextBackwardToken: placeText('b', page[0] ?? stay),
    }
  },

  FilterLogEvents(input, { state, now }) {
    requireRange('limit', input.limit, 1, MOST_EVENTS)
    if (input.logStreamNames && input.logStreamNamePrefix !== undefined)
      throw invalidParameter('logStreamNames and logStreamNamePrefix must not be specified together.')
    const matches = parseFilterPattern(input.filterPattern)
    const token = input.nextToken === undefined ? undefined : parsePlace(input.nextToken)
    const direction = token?.direction ?? (input.startFromHead === false ? 'b' : 'f')
    const found = eventsIn(groupOf(state, input), input, now)
      .filter((event) => matches(event.text) && (!token || isBeyond(event, token)))
      .sort(direction === 'f' ? inOrder : (a, b) => inOrder(b, a))
    const page = takePage(found, input.limit)
    const last = page.length < found.length ? page.at(-1) : undefined
    return {
      events: page.map(({ streamName, ...event }) => ({
        logStreamName: streamName,
        ...viewOf(event),
        eventId: String(event.number).padStart(56, '0'),
      })),
      searchedLogStreams: [],
      ...(last && { nextToken: placeText(direction, last) }),
    }
  },
} satisfies Partial<Handlers<typeof client, LogsOperation>>

/** A place between events: after or before one. */
type Place = Pick<LogEvent, 'at' | 'number'>
type Direction = 'f' | 'b'

interface Selection {
  readonly logStreamNames?: string[] | undefined
  readonly logStreamNamePrefix?: string | undefined
  readonly startTime?: number | undefined
  readonly endTime?: number | undefined
}

/** The events of a group's streams in a stretch of time; both its ends are in it. */
function eventsIn(group: LogGroupRecord, selection: Selection, now: number) {
  const { logStreamNames, logStreamNamePrefix = '', startTime = -Infinity, endTime = Infinity } = selection
  const streams = logStreamNames
    ? logStreamNames.map((name) => findStream(group, name))
    : Object.values(group.streams).filter(({ name }) => name.startsWith(logStreamNamePrefix))
  return streams.flatMap((stream) =>
    eventsOf(group, stream, now).flatMap((event) =>
      event.at >= startTime && event.at <= endTime ? [{ ...event, streamName: stream.name }] : [],
    ),
  )
}

const inOrder = (a: Place, b: Place) => a.at - b.at || a.number - b.number

function isBeyond(event: Place, { direction, ...place }: Place & { direction: Direction }): boolean {
  return direction === 'f' ? inOrder(event, place) > 0 : inOrder(event, place) < 0
}

/** The first events that fit a page; at least one, if there is any. */
function takePage<E extends LogEvent>(events: readonly E[], limit = MOST_EVENTS): E[] {
  let bytes = 0
  const end = events.findIndex((event, index) => {
    bytes += sizeOf(event)
    return index === limit || (bytes > MOST_PAGE_BYTES && index > 0)
  })
  return end < 0 ? [...events] : events.slice(0, end)
}

const viewOf = ({ at, text, ingestedAt }: LogEvent) => ({
  timestamp: at,
  message: text,
  ingestionTime: ingestedAt,
})

const placeText = (direction: Direction, { at, number }: Place) => `${direction}/${at}.${number}`

/** Throws InvalidParameterException for a token that is none of these. */
function parsePlace(token: string): Place & { direction: Direction } {
  const [, direction, at, number] = /^([fb])\/(\d{1,16})\.(\d{1,16})$/.exec(token) ?? []
  if (!direction) throw badToken()
  return { direction: direction === 'f' ? 'f' : 'b', at: Number(at), number: Number(number) }
}
