/** SQS by its JavaScript client, which itself verifies the digests of what it sends and receives. */
import { SQS } from '@aws-sdk/client-sqs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let drydock: Awaited<ReturnType<typeof testEngine>>
let sqs: SQS

beforeAll(async () => {
  drydock = await testEngine()
  sqs = new SQS(drydock.config)
})
beforeEach(() => drydock.reset())
afterAll(async () => {
  expect(drydock.faults).toEqual([])
  await drydock.close()
})

const make = async (QueueName: string, Attributes = {}) => {
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes })
  return QueueUrl ?? ''
}
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    ({ name }) => name,
  )

test('a queue is found by its name and answers with its attributes', async () => {
  const QueueUrl = await make('orders', { VisibilityTimeout: '60' })
  expect(QueueUrl).toBe(`${drydock.endpoint}/123456789012/orders`)
  expect(await sqs.getQueueUrl({ QueueName: 'orders' })).toMatchObject({ QueueUrl })
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
  expect(Attributes).toEqual({
    QueueArn: 'arn:aws:sqs:us-east-1:123456789012:orders',
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    CreatedTimestamp: '1767225600',
    LastModifiedTimestamp: '1767225600',
    DelaySeconds: '0',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
    VisibilityTimeout: '60',
  })
})

test('making a queue again answers with the same one, unless an attribute differs', async () => {
  const QueueUrl = await make('q', { DelaySeconds: '5' })
  expect(await make('q')).toBe(QueueUrl)
  expect(await make('q', { DelaySeconds: '5' })).toBe(QueueUrl)
  expect(await codeOf(make('q', { DelaySeconds: '6' }))).toBe('QueueNameExists')
})

test('queues are listed by prefix, in pages if asked', async () => {
  for (const name of ['a1', 'a2', 'a3', 'b1']) await make(name)
  const names = (urls: string[] = []) => urls.map((url) => url.split('/').at(-1))
  expect(names((await sqs.listQueues({ QueueNamePrefix: 'a' })).QueueUrls)).toEqual(['a1', 'a2', 'a3'])
  const first = await sqs.listQueues({ MaxResults: 3 })
  const second = await sqs.listQueues({ MaxResults: 3, NextToken: first.NextToken })
  expect([names(first.QueueUrls), names(second.QueueUrls)]).toEqual([['a1', 'a2', 'a3'], ['b1']])
  expect(second.NextToken).toBeUndefined()
})

test('a message arrives with its body, attributes and trace header as they were sent', async () => {
  const QueueUrl = await make('q')
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'Grüße' },
    count: { DataType: 'Number.int', StringValue: '42' },
    bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 1, 255]) },
  }
  const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' }
  const sent = await sqs.sendMessage({
    QueueUrl,
    MessageBody: '{"line":"one\\ntwo"} ✓',
    MessageAttributes,
    MessageSystemAttributes: { AWSTraceHeader },
  })
  const { Messages } = await sqs.receiveMessage({
    QueueUrl,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['AWSTraceHeader', 'ApproximateReceiveCount'],
  })
  expect(Messages).toHaveLength(1)
  expect(Messages?.[0]).toMatchObject({
    MessageId: sent.MessageId,
    Body: '{"line":"one\\ntwo"} ✓',
    MessageAttributes,
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    Attributes: { AWSTraceHeader: AWSTraceHeader.StringValue, ApproximateReceiveCount: '1' },
  })
})

test('a receiver gets only the attributes that it asks for', async () => {
  const QueueUrl = await make('q', { VisibilityTimeout: '0' })
  const text = { DataType: 'String', StringValue: 'x' }
  await sqs.sendMessage({
    QueueUrl,
    MessageBody: 'a',
    MessageAttributes: { 'a.b': text, 'a.c': text, d: text },
  })
  const namesFor = async (MessageAttributeNames: string[]) => {
    const { Messages } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames })
    return Object.keys(Messages?.[0]?.MessageAttributes ?? {})
  }
  expect(await namesFor([])).toEqual([])
  expect(await namesFor(['d', 'e'])).toEqual(['d'])
  expect(await namesFor(['a.*'])).toEqual(['a.b', 'a.c'])
  expect(await namesFor(['.*'])).toEqual(['a.b', 'a.c', 'd'])
})

test('batches do each entry by itself', async () => {
  const QueueUrl = await make('q')
  const sent = await sqs.sendMessageBatch({
    QueueUrl,
    Entries: [
      { Id: 'good', MessageBody: 'a' },
      { Id: 'bad', MessageBody: 'b', DelaySeconds: 901 },
    ],
  })
  expect(sent.Successful).toMatchObject([{ Id: 'good' }])
  expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }])
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
  const [{ ReceiptHandle } = {}] = Messages
  const changed = await sqs.changeMessageVisibilityBatch({
    QueueUrl,
    Entries: [{ Id: '1', ReceiptHandle, VisibilityTimeout: 5 }],
  })
  expect(changed.Successful).toEqual([{ Id: '1' }])
  const deleted = await sqs.deleteMessageBatch({
    QueueUrl,
    Entries: [
      { Id: '1', ReceiptHandle },
      { Id: '2', ReceiptHandle: 'rubbish' },
    ],
  })
  expect(deleted).toMatchObject({
    Successful: [{ Id: '1' }],
    Failed: [{ Id: '2', Code: 'ReceiptHandleIsInvalid' }],
  })
})

test('tags are kept', async () => {
  const QueueUrl = await make('q')
  await sqs.tagQueue({ QueueUrl, Tags: { team: 'shop', stage: 'dev' } })
  await sqs.untagQueue({ QueueUrl, TagKeys: ['stage'] })
  expect((await sqs.listQueueTags({ QueueUrl })).Tags).toEqual({ team: 'shop' })
})

test.each<[string, string, () => Promise<unknown>]>([
  ['a name with a space', 'InvalidParameterValue', () => make('a b')],
  ['a FIFO queue without its suffix', 'InvalidParameterValue', () => make('q', { FifoQueue: 'true' })],
  ['an unknown attribute', 'InvalidAttributeName', () => make('q', { Colour: 'red' })],
  ['a value out of range', 'InvalidAttributeValue', () => make('q', { VisibilityTimeout: '43201' })],
  [
    'a FIFO attribute of a standard queue',
    'InvalidAttributeName',
    () => make('q', { ContentBasedDeduplication: 'true' }),
  ],
  [
    'a dead-letter queue that is not there',
    'InvalidParameterValue',
    () =>
      make('q', {
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:no","maxReceiveCount":1}',
      }),
  ],
  ['a queue that is not there', 'QueueDoesNotExist', () => sqs.getQueueUrl({ QueueName: 'no' })],
  [
    'the URL of a queue that is not there',
    'QueueDoesNotExist',
    () => sqs.purgeQueue({ QueueUrl: `${drydock.endpoint}/123456789012/no` }),
  ],
  ['no URL of a queue', 'InvalidAddress', () => sqs.purgeQueue({ QueueUrl: 'q' })],
  [
    'more than ten messages',
    'InvalidParameterValue',
    async () => sqs.receiveMessage({ QueueUrl: await make('q'), MaxNumberOfMessages: 11 }),
  ],
  [
    'a wait of a minute',
    'InvalidParameterValue',
    async () => sqs.receiveMessage({ QueueUrl: await make('q'), WaitTimeSeconds: 60 }),
  ],
  [
    'an empty body',
    'MissingParameter',
    async () => sqs.sendMessage({ QueueUrl: await make('q'), MessageBody: '' }),
  ],
  [
    'a control character',
    'InvalidMessageContents',
    async () => sqs.sendMessage({ QueueUrl: await make('q'), MessageBody: 'a\u0001' }),
  ],
  [
    'too long a message',
    'InvalidParameterValue',
    async () =>
      sqs.sendMessage({
        QueueUrl: await make('q', { MaximumMessageSize: '1024' }),
        MessageBody: 'a'.repeat(1025),
      }),
  ],
  [
    'a message of no group for a FIFO queue',
    'MissingParameter',
    async () => sqs.sendMessage({ QueueUrl: await make('q.fifo', { FifoQueue: 'true' }), MessageBody: 'a' }),
  ],
  [
    'a deduplication id for a standard queue',
    'InvalidParameterValue',
    async () => sqs.sendMessage({ QueueUrl: await make('q'), MessageBody: 'a', MessageDeduplicationId: 'd' }),
  ],
  [
    'no receipt',
    'ReceiptHandleIsInvalid',
    async () => sqs.deleteMessage({ QueueUrl: await make('q'), ReceiptHandle: 'x' }),
  ],
  [
    'an empty batch',
    'EmptyBatchRequest',
    async () => sqs.sendMessageBatch({ QueueUrl: await make('q'), Entries: [] }),
  ],
  [
    'a batch with an id twice',
    'BatchEntryIdsNotDistinct',
    async () =>
      sqs.sendMessageBatch({
        QueueUrl: await make('q'),
        Entries: [
          { Id: 'a', MessageBody: 'a' },
          { Id: 'a', MessageBody: 'b' },
        ],
      }),
  ],
  [
    'a batch of eleven',
    'TooManyEntriesInBatchRequest',
    async () =>
      sqs.sendMessageBatch({
        QueueUrl: await make('q'),
        Entries: Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'a' })),
      }),
  ],
])('%s is refused with %s', async (_, code, attempt) => {
  expect(await codeOf(attempt())).toBe(code)
})

test('names that objects have anyway are names like any other', async () => {
  expect(await codeOf(make('constructor', { toString: '1' }))).toBe('InvalidAttributeName')
  const QueueUrl = await make('constructor.fifo', { FifoQueue: 'true' })
  const message = { MessageBody: 'a', MessageGroupId: '__proto__', MessageDeduplicationId: 'constructor' }
  await sqs.sendMessage({ QueueUrl, ...message })
  await sqs.sendMessage({ QueueUrl, ...message, MessageDeduplicationId: '__proto__' })
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
  expect(Messages).toHaveLength(2)
})

test('the query protocol of older clients does the same', async () => {
  const call = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ Version: '2012-11-05', ...form })
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request' }
    const response = await fetch(drydock.endpoint, { method: 'POST', body, headers })
    return [response.status, await response.text()] as const
  }
  const textOf = (xml: string, tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1]
  const [status, made] = await call({
    Action: 'CreateQueue',
    QueueName: 'old',
    'Attribute.1.Name': 'DelaySeconds',
    'Attribute.1.Value': '0',
  })
  expect(status).toBe(200)
  const QueueUrl = textOf(made, 'QueueUrl') ?? ''
  const [, sent] = await call({ Action: 'SendMessage', QueueUrl, MessageBody: 'hello' })
  expect(textOf(sent, 'MD5OfMessageBody')).toBe('5d41402abc4b2a76b9719d911017c592')
  const [, received] = await call({ Action: 'ReceiveMessage', QueueUrl })
  expect(textOf(received, 'Body')).toBe('hello')
  const [missing, fault] = await call({ Action: 'GetQueueUrl', QueueName: 'no' })
  expect([missing, textOf(fault, 'Code')]).toEqual([400, 'AWS.SimpleQueueService.NonExistentQueue'])
})
