/** Log streams. */
import type * as client from '@aws-sdk/client-cloudwatch-logs'
import type { LogStream } from '@aws-sdk/client-cloudwatch-logs'
import { pageOf } from '../page.ts'
import type { Handlers } from '../wire/handlers.ts'
import { alreadyExists, invalidParameter, requireRange, violation } from './errors.ts'
import { badToken } from './groups.ts'
import { findGroup, findStream, groupOf, requireStreamName, streamArn } from './names.ts'
import type { LogGroupRecord, LogStreamRecord, LogsOperation } from './state.ts'
import { eventsOf } from './store.ts'

const LARGEST_PAGE = 50
const ORDERS = ['LogStreamName', 'LastEventTime']

export const streamOperations = {
  CreateLogStream({ logGroupName, logStreamName = '' }, { state, now }) {
    requireStreamName(logStreamName)
    const group = findGroup(state, logGroupName)
    if (group.streams[logStreamName]) throw alreadyExists('stream')
    addStream(group, logStreamName, now)
  },

  DeleteLogStream({ logGroupName, logStreamName }, { state }) {
    const group = findGroup(state, logGroupName)
    delete group.streams[findStream(group, logStreamName).name]
  },

  DescribeLogStreams(input, context) {
    const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending, limit } = input
    if (!ORDERS.includes(orderBy))
      throw violation('orderBy', orderBy, `Member must satisfy enum value set: [${ORDERS.join(', ')}]`)
    if (prefix !== undefined && orderBy === 'LastEventTime')
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
    requireRange('limit', limit, 1, LARGEST_PAGE)
    const group = groupOf(context.state, input)
    const found = Object.values(group.streams).filter(({ name }) => name.startsWith(prefix ?? ''))
    const { items, nextToken } = pageOf(found, orderBy === 'LastEventTime' ? timeKey : nameKey, {
      size: limit ?? LARGEST_PAGE,
      token: input.nextToken,
      isDescending: descending ?? false,
      badToken,
    })
    return { logStreams: items.map((stream) => streamView(context, group, stream)), nextToken }
  },
} satisfies Partial<Handlers<typeof client, LogsOperation>>

const nameKey = ({ name }: LogStreamRecord) => name
/** Times as text of one length, so that they are in order. */
const timeKey = ({ name, events }: LogStreamRecord) =>
  `${String(events.at(-1)?.at ?? 0).padStart(16, '0')} ${name}`

/** Adds a stream, which must not be there. */
export function addStream(group: LogGroupRecord, name: string, now: number): LogStreamRecord {
  const stream = { name, createdAt: now, bytes: 0, events: [] }
  group.streams[name] = stream
  return stream
}

/** `storedBytes` of a stream is 0 since 2019 (API Reference: LogStream). */
function streamView(context: LogsOperation, group: LogGroupRecord, stream: LogStreamRecord): LogStream {
  const events = eventsOf(group, stream, context.now)
  const [first, last] = [events[0], events.at(-1)]
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    ...(first && { firstEventTimestamp: first.at }),
    ...(last && { lastEventTimestamp: last.at }),
    ...(stream.lastIngestedAt !== undefined && { lastIngestionTime: stream.lastIngestedAt }),
    arn: streamArn(context, group.name, stream.name),
    storedBytes: 0,
  }
}
