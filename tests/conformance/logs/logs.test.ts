/** CloudWatch Logs through the SDK's client: groups, streams, events in pages, patterns, retention, tags, bad input. */
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'

const DAY = 86_400_000
const app = { logGroupName: '/ecs/app', logStreamName: 'web/1' }

/** An engine with one group and one stream, and `put`, which writes lines a second apart. */
async function setUp() {
  const drydock = await testEngine()
  const logs = new CloudWatchLogs(drydock.config)
  await logs.createLogGroup({ logGroupName: app.logGroupName })
  await logs.createLogStream(app)
  const now = () => drydock.engine.clock.now()
  const put = (lines: string[], stream: object = app) => {
    const logEvents = lines.map((message, index) => ({ timestamp: now() + index * 1000, message }))
    return logs.putLogEvents({ ...app, ...stream, logEvents })
  }
  const dispose = async () => {
    expect(drydock.faults).toEqual([])
    await drydock.close()
  }
  return { drydock, logs, now, put, [Symbol.asyncDispose]: dispose }
}

const textsOf = (events: { message?: string | undefined }[] = []) => events.map(({ message }) => message)

test('groups are listed by prefix and pattern, in pages, with their size', async () => {
  await using stage = await setUp()
  const { logs } = stage
  await stage.put(['hello'])
  for (const logGroupName of ['/ecs/api', '/lambda/x']) await logs.createLogGroup({ logGroupName })
  const names = async (input: object) =>
    (await logs.describeLogGroups(input)).logGroups?.map(({ logGroupName }) => logGroupName)
  expect(await names({})).toEqual(['/ecs/api', '/ecs/app', '/lambda/x'])
  expect(await names({ logGroupNamePrefix: '/ecs/' })).toEqual(['/ecs/api', '/ecs/app'])
  expect(await names({ logGroupNamePattern: 'amb' })).toEqual(['/lambda/x'])
  const { nextToken } = await logs.describeLogGroups({ limit: 2 })
  expect(await names({ nextToken })).toEqual(['/lambda/x'])
  const { logGroups } = await logs.describeLogGroups({ logGroupNamePrefix: '/ecs/app' })
  const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app'
  expect(logGroups).toEqual([
    {
      logGroupName: '/ecs/app',
      creationTime: stage.now(),
      metricFilterCount: 0,
      arn: `${logGroupArn}:*`,
      logGroupArn,
      storedBytes: 31,
      logGroupClass: 'STANDARD',
      deletionProtectionEnabled: false,
    },
  ])
  await logs.deleteLogGroup({ logGroupName: '/ecs/app' })
  expect(await names({})).toEqual(['/ecs/api', '/lambda/x'])
})

test('streams are listed by name or by their last event', async () => {
  await using stage = await setUp()
  const { logs } = stage
  for (const logStreamName of ['a', 'b']) await logs.createLogStream({ ...app, logStreamName })
  await stage.put(['x', 'y'], { logStreamName: 'a' })
  await stage.put(['x'], { logStreamName: 'b' })
  const { logStreams } = await logs.describeLogStreams({
    logGroupName: app.logGroupName,
    orderBy: 'LastEventTime',
    descending: true,
  })
  expect(logStreams).toMatchObject([
    {
      logStreamName: 'a',
      firstEventTimestamp: stage.now(),
      lastEventTimestamp: stage.now() + 1000,
      arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app:log-stream:a',
    },
    { logStreamName: 'b' },
    { logStreamName: 'web/1' },
  ])
  await logs.deleteLogStream({ ...app, logStreamName: 'a' })
  const left = await logs.describeLogStreams({
    logGroupIdentifier: app.logGroupName,
    logStreamNamePrefix: 'a',
  })
  expect(left.logStreams).toEqual([])
})

test('a stream is read forwards and backwards; at its end the token stays the same', async () => {
  await using stage = await setUp()
  const { logs } = stage
  await stage.put(['1', '2', '3', '4', '5'])
  const read = (input: object) => logs.getLogEvents({ ...app, limit: 2, ...input })
  const first = await read({ startFromHead: true })
  expect(textsOf(first.events)).toEqual(['1', '2'])
  const second = await read({ nextToken: first.nextForwardToken, startFromHead: true })
  expect(textsOf(second.events)).toEqual(['3', '4'])
  const last = await read({ nextToken: second.nextForwardToken, startFromHead: true })
  expect(textsOf(last.events)).toEqual(['5'])
  const end = await read({ nextToken: last.nextForwardToken, startFromHead: true })
  expect(end).toMatchObject({ events: [], nextForwardToken: last.nextForwardToken })
  await stage.put(['6'], {})
  const newest = await read({})
  expect(textsOf(newest.events)).toHaveLength(2)
  const back = await read({ nextToken: second.nextBackwardToken })
  expect(textsOf(back.events)).toContain('2')
  const { events } = await logs.getLogEvents({
    ...app,
    startTime: stage.now() + 2000,
    endTime: stage.now() + 3000,
  })
  expect(textsOf(events)).toEqual(['3'])
})

test('events of many streams are found by pattern, in order, in pages without loss or repetition', async () => {
  await using stage = await setUp()
  const { logs } = stage
  await logs.createLogStream({ ...app, logStreamName: 'web/2' })
  for (let round = 0; round < 10; round++) {
    await stage.put([`ERROR ${round} a`, 'INFO b'])
    await stage.put([`ERROR ${round} c`], { logStreamName: 'web/2' })
  }
  const ids: (string | undefined)[] = []
  const texts: (string | undefined)[] = []
  for (let nextToken: string | undefined, page = 0; page === 0 || nextToken; page++) {
    const found = await logs.filterLogEvents({
      logGroupName: app.logGroupName,
      filterPattern: 'ERROR',
      limit: 7,
      ...(nextToken && { nextToken }),
    })
    nextToken = found.nextToken
    ids.push(...(found.events ?? []).map(({ eventId }) => eventId))
    texts.push(...textsOf(found.events))
  }
  expect(new Set(ids).size).toBe(20)
  expect(texts).toEqual(Array.from({ length: 10 }, (_, i) => [`ERROR ${i} a`, `ERROR ${i} c`]).flat())
  const newest = await logs.filterLogEvents({
    logGroupName: app.logGroupName,
    startFromHead: false,
    limit: 1,
  })
  expect(textsOf(newest.events)).toEqual(['INFO b'])
  const one = await logs.filterLogEvents({
    logGroupName: app.logGroupName,
    logStreamNames: ['web/2'],
    limit: 1,
  })
  expect(one.events).toMatchObject([{ logStreamName: 'web/2', message: 'ERROR 0 c' }])
})

test('events that are too old, too new or expired are rejected, the others taken', async () => {
  await using stage = await setUp()
  const { logs, now } = stage
  await logs.putRetentionPolicy({ logGroupName: app.logGroupName, retentionInDays: 7 })
  const put = (...days: number[]) =>
    logs.putLogEvents({
      ...app,
      logEvents: days.map((day) => ({ timestamp: now() + day * DAY, message: `${day}` })),
    })
  expect(await put(-15)).toMatchObject({
    rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1, expiredLogEventEndIndex: 1 },
  })
  expect(await put(0, 0.5)).toMatchObject({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: 1 } })
  expect((await put(-7.5, -6.9)).rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 })
  expect(textsOf((await logs.getLogEvents(app)).events)).toEqual(['-6.9', '0'])
  await stage.drydock.engine.advance('24h')
  expect(textsOf((await logs.getLogEvents(app)).events)).toEqual(['0'])
  await logs.deleteRetentionPolicy({ logGroupName: app.logGroupName })
  expect((await logs.describeLogGroups({})).logGroups?.[0]).not.toHaveProperty('retentionInDays')
})

test('tags are kept by ARN', async () => {
  await using stage = await setUp()
  const resourceArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app'
  await stage.logs.tagResource({ resourceArn, tags: { team: 'blue', tier: '1' } })
  await stage.logs.untagResource({ resourceArn, tagKeys: ['tier'] })
  expect((await stage.logs.listTagsForResource({ resourceArn })).tags).toEqual({ team: 'blue' })
})

type Call = (logs: CloudWatchLogs, now: number) => Promise<unknown>

test.each<[string, string, string, Call]>([
  [
    'a group twice',
    'ResourceAlreadyExistsException',
    'log group already exists',
    (l) => l.createLogGroup(app),
  ],
  [
    'a stream twice',
    'ResourceAlreadyExistsException',
    'log stream already exists',
    (l) => l.createLogStream(app),
  ],
  [
    'a stream of no group',
    'ResourceNotFoundException',
    'The specified log group does not exist.',
    (l) => l.createLogStream({ ...app, logGroupName: 'constructor' }),
  ],
  [
    'events of no stream',
    'ResourceNotFoundException',
    'The specified log stream does not exist.',
    (l) => l.getLogEvents({ ...app, logStreamName: 'none' }),
  ],
  [
    'a bad group name',
    'InvalidParameterException',
    'pattern',
    (l) => l.createLogGroup({ logGroupName: 'a b' }),
  ],
  [
    'a reserved name',
    'InvalidParameterException',
    'reserved',
    (l) => l.createLogGroup({ logGroupName: 'aws/x' }),
  ],
  [
    'a bad stream name',
    'InvalidParameterException',
    'pattern',
    (l) => l.createLogStream({ ...app, logStreamName: 'a:b' }),
  ],
  [
    'a retention that is no choice',
    'InvalidParameterException',
    'enum value set',
    (l) => l.putRetentionPolicy({ logGroupName: app.logGroupName, retentionInDays: 2 }),
  ],
  ['no events', 'InvalidParameterException', 'length', (l) => l.putLogEvents({ ...app, logEvents: [] })],
  [
    'events out of order',
    'InvalidParameterException',
    'chronological order',
    (l, now) =>
      l.putLogEvents({ ...app, logEvents: [1, 0].map((s) => ({ timestamp: now + s, message: 'x' })) }),
  ],
  [
    'a batch of more than a day',
    'InvalidParameterException',
    '24 hours',
    (l, now) =>
      l.putLogEvents({ ...app, logEvents: [-2, 0].map((d) => ({ timestamp: now + d * DAY, message: 'x' })) }),
  ],
  [
    'a batch that is too large',
    'InvalidParameterException',
    'exceeds limit of 1048576',
    (l, now) => l.putLogEvents({ ...app, logEvents: [{ timestamp: now, message: 'x'.repeat(2 ** 20) }] }),
  ],
  [
    'a token of nobody',
    'InvalidParameterException',
    'nextToken is invalid',
    (l) => l.getLogEvents({ ...app, nextToken: 'x' }),
  ],
  ['a limit of 0', 'InvalidParameterException', 'limit', (l) => l.getLogEvents({ ...app, limit: 0 })],
  [
    'a group named twice',
    'InvalidParameterException',
    'Either logGroupName or logGroupIdentifier',
    (l) => l.filterLogEvents({ logGroupName: app.logGroupName, logGroupIdentifier: app.logGroupName }),
  ],
  [
    'a JSON pattern',
    'InvalidParameterException',
    'not supported by this engine',
    (l) => l.filterLogEvents({ logGroupName: app.logGroupName, filterPattern: '{ $.a = 1 }' }),
  ],
  [
    'a query',
    'NotImplementedException',
    'StartQuery',
    (l) => l.startQuery({ queryString: 'fields @message', startTime: 0, endTime: 1 }),
  ],
])('%s: %s', async (_, name, message, call) => {
  await using stage = await setUp()
  await expect(call(stage.logs, stage.now())).rejects.toMatchObject({
    name,
    message: expect.stringContaining(message),
  })
})
