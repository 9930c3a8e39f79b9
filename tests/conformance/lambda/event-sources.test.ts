/** Event source mappings as an API: what they show, and what is refused, as Lambda words it. */
import { SQS } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { testLambda } from './harness.ts'
import { arnOfQueue } from './queue-harness.ts'

async function setup() {
  const lambda = await testLambda()
  const sqs = new SQS(lambda.drydock.config)
  await sqs.createQueue({ QueueName: 'jobs' })
  await sqs.createQueue({ QueueName: 'other' })
  await sqs.createQueue({ QueueName: 'jobs.fifo', Attributes: { FifoQueue: 'true' } })
  sqs.destroy()
  await lambda.make('worker', 'export const handler = async () => {}')
  return lambda
}

const jobs = { EventSourceArn: arnOfQueue('jobs'), FunctionName: 'worker' }

test('a mapping is shown with all its settings', async () => {
  await using lambda = await setup()
  const made = await lambda.client.createEventSourceMapping({
    ...jobs,
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 5,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
    FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
    Tags: { team: 'shop' },
  })
  const { UUID = '', EventSourceMappingArn = '' } = made
  const arn = 'arn:aws:lambda:us-east-1:123456789012'
  expect(made).toMatchObject({
    $metadata: { httpStatusCode: 202 },
    UUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    EventSourceMappingArn: `${arn}:event-source-mapping:${UUID}`,
    EventSourceArn: arnOfQueue('jobs'),
    FunctionArn: `${arn}:function:worker`,
    State: 'Creating',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: new Date('2026-01-01T00:00:00Z'),
  })
  await lambda.drydock.engine.advance('1s')
  const { $metadata: _, ...changed } = await lambda.client.updateEventSourceMapping({
    UUID,
    ScalingConfig: {},
    BatchSize: 7,
  })
  expect(changed).toEqual({
    UUID,
    EventSourceMappingArn,
    EventSourceArn: arnOfQueue('jobs'),
    FunctionArn: `${arn}:function:worker`,
    BatchSize: 7,
    MaximumBatchingWindowInSeconds: 5,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
    State: 'Updating',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: new Date('2026-01-01T00:00:01Z'),
  })
  expect((await lambda.client.listTags({ Resource: EventSourceMappingArn })).Tags).toEqual({ team: 'shop' })
})

test('mappings are listed by function, by queue and in pages', async () => {
  await using lambda = await setup()
  const { client } = lambda
  await lambda.make('second', 'export const handler = async () => {}')
  const made = [
    await client.createEventSourceMapping(jobs),
    await client.createEventSourceMapping({ ...jobs, EventSourceArn: arnOfQueue('other') }),
    await client.createEventSourceMapping({ ...jobs, FunctionName: 'second' }),
  ]
  const list = async (input: object) => {
    const { EventSourceMappings = [], NextMarker } = await client.listEventSourceMappings(input)
    return { ids: EventSourceMappings.map(({ UUID }) => UUID), NextMarker }
  }
  expect((await list({ FunctionName: 'second' })).ids).toEqual([made[2]?.UUID])
  expect((await list({ EventSourceArn: arnOfQueue('other') })).ids).toEqual([made[1]?.UUID])
  const first = await list({ MaxItems: 2 })
  const second = await list({ MaxItems: 2, Marker: first.NextMarker })
  expect([...first.ids, ...second.ids].sort()).toEqual(made.map(({ UUID }) => UUID).sort())
})

test.each([
  ['no source', { EventSourceArn: undefined }, /^Unrecognized event source, must be/],
  [
    'another source',
    { EventSourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' },
    /SQS queues only/,
  ],
  [
    'a queue that is not there',
    { EventSourceArn: arnOfQueue('none') },
    /^Error occurred while ReceiveMessage\./,
  ],
  [
    'a large batch without a window',
    { BatchSize: 11 },
    /^Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10$/,
  ],
  [
    'a window at a FIFO queue',
    { EventSourceArn: arnOfQueue('jobs.fifo'), MaximumBatchingWindowInSeconds: 1 },
    /^Batching window is not supported for FIFO queues$/,
  ],
  [
    'a filter that is none',
    { FilterCriteria: { Filters: [{ Pattern: '{"body":"a"}' }] } },
    /^Invalid filter pattern definition\.$/,
  ],
  ['a stream setting', { ParallelizationFactor: 2 }, /^ParallelizationFactor is not supported for SQS/],
  [
    'a stream position',
    { StartingPosition: 'LATEST' as const },
    /^StartingPosition is not supported for SQS/,
  ],
])('%s is refused', async (_, change, message) => {
  await using lambda = await setup()
  const making = lambda.client.createEventSourceMapping({ ...jobs, ...change })
  await expect(making).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringMatching(message),
  })
  expect((await lambda.client.listEventSourceMappings({})).EventSourceMappings).toEqual([])
})

test.each([
  ['a batch of none', { BatchSize: 0 }],
  ['a batch of too many', { BatchSize: 10_001 }],
  ['a window too long', { MaximumBatchingWindowInSeconds: 301 }],
  ['a concurrency of one', { ScalingConfig: { MaximumConcurrency: 1 } }],
  ['a concurrency too high', { ScalingConfig: { MaximumConcurrency: 1001 } }],
])('%s is out of range', async (_, change) => {
  await using lambda = await setup()
  await expect(lambda.client.createEventSourceMapping({ ...jobs, ...change })).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(/failed to satisfy constraint: Member must have value/),
  })
})

test('a queue whose messages come back before the function can have ended is refused', async () => {
  await using lambda = await setup()
  await lambda.client.updateFunctionConfiguration({ FunctionName: 'worker', Timeout: 31 })
  await expect(lambda.client.createEventSourceMapping(jobs)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds',
  })
})

test('a function and a queue are joined once', async () => {
  await using lambda = await setup()
  const { UUID } = await lambda.client.createEventSourceMapping(jobs)
  await expect(lambda.client.createEventSourceMapping(jobs)).rejects.toMatchObject({
    name: 'ResourceConflictException',
    message: `An event source mapping with SQS arn (" ${arnOfQueue('jobs')} ") and function (" worker ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  })
  await expect(lambda.client.updateEventSourceMapping({ UUID, BatchSize: 1 })).rejects.toMatchObject({
    name: 'ResourceInUseException',
    message: 'Cannot update the event source mapping because it is in use.',
  })
  await expect(
    lambda.client.createEventSourceMapping({ ...jobs, FunctionName: 'nobody' }),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
