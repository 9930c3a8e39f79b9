/** Functions that read from queues, with real code, on a virtual clock. */
import { expect, test } from 'vitest'
import { arnOfQueue, testQueue } from './queue-harness.ts'

const jobs = (count: number) => Array.from({ length: count }, (_, index) => `job-${index}`)

test('a message is given to the function as Lambda gives it, and deleted when that succeeded', async () => {
  await using t = await testQueue()
  await t.sqs.sendMessage({
    QueueUrl: t.url,
    MessageBody: '{"n":1}',
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'order' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    },
  })
  await t.lambda.drydock.engine.settle()
  expect(t.records()).toEqual([
    {
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: '{"n":1}',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1767225601000',
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: '1767225601000',
      },
      messageAttributes: {
        kind: { stringValue: 'order', stringListValues: [], binaryListValues: [], dataType: 'String' },
        raw: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: t.arn,
      awsRegion: 'us-east-1',
    },
  ])
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
  expect(t.lambda.drydock.faults).toEqual([])
})

test('a batch that fails comes back after the visibility timeout, and ends in the dead-letter queue', async () => {
  await using t = await testQueue({ work: 'throw new Error("no")', queue: { VisibilityTimeout: '30' } })
  const { QueueUrl } = await t.sqs.createQueue({ QueueName: 'dead' })
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOfQueue('dead'), maxReceiveCount: 2 })
  await t.sqs.setQueueAttributes({ QueueUrl: t.url, Attributes: { RedrivePolicy } })
  await t.send('a', 'b')
  expect(t.batches()).toEqual([['a', 'b']])
  expect(await t.counts()).toEqual({ visible: 0, hidden: 2 })
  await t.lambda.drydock.engine.advance('29s')
  expect(t.batches()).toHaveLength(1)
  await t.lambda.drydock.engine.advance('1s')
  expect(t.records().map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual([
    '1',
    '1',
    '2',
    '2',
  ])
  await t.lambda.drydock.engine.advance('30s')
  expect(t.batches()).toHaveLength(2)
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
  const { Messages = [] } = await t.sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
  expect(Messages.map(({ Body }) => Body)).toEqual(['a', 'b'])
})

test('a function that reports item failures gets only those again', async () => {
  await using t = await testQueue({
    work: `if (batch === 1) return { batchItemFailures: [{ itemIdentifier: event.Records[1].messageId }] }`,
    mapping: { FunctionResponseTypes: ['ReportBatchItemFailures'] },
  })
  await t.send('a', 'b', 'c')
  expect(await t.counts()).toEqual({ visible: 0, hidden: 1 })
  await t.lambda.drydock.engine.advance('30s')
  expect(t.batches()).toEqual([['a', 'b', 'c'], ['b']])
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
})

test('without ReportBatchItemFailures the same answer is a success of all', async () => {
  const work = 'return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] }'
  await using t = await testQueue({ work })
  await t.send('a', 'b')
  await t.lambda.drydock.engine.advance('2m')
  expect(t.batches()).toEqual([['a', 'b']])
})

test('a batch is gathered until it is full or its window is over', async () => {
  await using t = await testQueue({ mapping: { BatchSize: 25, MaximumBatchingWindowInSeconds: 10 } })
  await t.send(...jobs(12))
  await t.lambda.drydock.engine.advance('9s')
  expect(t.batches()).toEqual([])
  await t.lambda.drydock.engine.advance('1s')
  expect(t.batches().map((batch) => batch.length)).toEqual([12])
  await t.send(...jobs(60))
  expect(t.batches().map((batch) => batch.length)).toEqual([12, 25, 25])
  await t.lambda.drydock.engine.advance('10s')
  expect(t.batches().map((batch) => batch.length)).toEqual([12, 25, 25, 10])
})

test('a payload is never larger than 6 MB', async () => {
  await using t = await testQueue({
    work: 'if (JSON.stringify(event).length > 6 * 1024 * 1024) throw new Error("too large")',
    mapping: { Enabled: false },
  })
  for (let n = 0; n < 10; n++) await t.send(`${n}${'"'.repeat(700_000)}`)
  await t.lambda.client.updateEventSourceMapping({ UUID: t.uuid, Enabled: true })
  await t.lambda.drydock.engine.advance('1s')
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
})

test('messages that no filter wants are deleted without the function', async () => {
  const Filters = [{ Pattern: '{"body":{"kind":["order"]}}' }, { Pattern: '{"body":["plain"]}' }]
  await using t = await testQueue({ mapping: { FilterCriteria: { Filters } } })
  await t.send('{"kind":"order","n":1}', '{"kind":"return"}', 'plain', 'other', '{"kind":["order"]}')
  expect(t.batches()).toEqual([['{"kind":"order","n":1}', 'plain', '{"kind":["order"]}']])
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
})

test('a FIFO queue gives the messages of each group in order, and a failed one holds its group back', async () => {
  await using t = await testQueue({
    work: 'if (batch === 1) throw new Error("no")',
    queue: { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
    mapping: { BatchSize: 1 },
  })
  for (const [MessageGroupId, MessageBody] of [
    ['x', 'x1'],
    ['x', 'x2'],
    ['y', 'y1'],
    ['x', 'x3'],
    ['y', 'y2'],
  ]) {
    await t.sqs.sendMessage({ QueueUrl: t.url, MessageBody, MessageGroupId })
    await t.lambda.drydock.engine.settle()
  }
  await t.lambda.drydock.engine.advance('1m')
  const given = t.batches().flat()
  expect(given.filter((body) => body.startsWith('x'))).toEqual(['x1', 'x1', 'x2', 'x3'])
  expect(given.filter((body) => body.startsWith('y'))).toEqual(['y1', 'y2'])
  expect(t.records()[0]?.attributes).toMatchObject({
    MessageGroupId: 'x',
    SequenceNumber: expect.any(String),
  })
})

test('a function without concurrency leaves its messages to the queue', async () => {
  await using t = await testQueue()
  await t.lambda.client.putFunctionConcurrency({ FunctionName: 'worker', ReservedConcurrentExecutions: 0 })
  await t.send('a')
  await t.lambda.drydock.engine.advance('1m')
  expect(t.batches()).toEqual([])
  await t.lambda.client.deleteFunctionConcurrency({ FunctionName: 'worker' })
  await t.lambda.drydock.engine.advance('1m')
  expect(t.batches()).toEqual([['a']])
  expect(Number(t.records()[0]?.attributes.ApproximateReceiveCount)).toBeGreaterThan(1)
  expect(await t.counts()).toEqual({ visible: 0, hidden: 0 })
})

test('a disabled mapping leaves messages alone until it is enabled, and a deleted one for ever', async () => {
  await using t = await testQueue({ mapping: { BatchSize: 5 } })
  const { client, drydock } = t.lambda
  const state = async () => (await client.getEventSourceMapping({ UUID: t.uuid })).State
  expect(await state()).toBe('Enabled')
  expect(await client.updateEventSourceMapping({ UUID: t.uuid, Enabled: false })).toMatchObject({
    State: 'Disabling',
    BatchSize: 5,
  })
  await expect(client.deleteEventSourceMapping({ UUID: t.uuid })).rejects.toMatchObject({
    name: 'ResourceInUseException',
  })
  await drydock.engine.advance('1s')
  expect(await state()).toBe('Disabled')
  await t.send('a')
  expect(await t.counts()).toEqual({ visible: 1, hidden: 0 })
  expect(await client.updateEventSourceMapping({ UUID: t.uuid, Enabled: true })).toMatchObject({
    State: 'Enabling',
  })
  await drydock.engine.advance('1s')
  expect(t.batches()).toEqual([['a']])
  expect(await client.deleteEventSourceMapping({ UUID: t.uuid })).toMatchObject({ State: 'Deleting' })
  await t.send('b')
  await drydock.engine.advance('1m')
  expect(await t.counts()).toEqual({ visible: 1, hidden: 0 })
  await expect(client.getEventSourceMapping({ UUID: t.uuid })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
  })
})
