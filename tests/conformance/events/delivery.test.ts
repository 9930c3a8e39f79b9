/** Events on their way, by real clients on both ends: to queues, functions and other buses, and to dead letters. */
import { EventBridge, type Target } from '@aws-sdk/client-eventbridge'
import { Lambda } from '@aws-sdk/client-lambda'
import { SQS } from '@aws-sdk/client-sqs'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { strToU8, zipSync } from 'fflate'
import { expect, test } from 'vitest'

const ACCOUNT = 'us-east-1:123456789012'
const QUEUE = `arn:aws:sqs:${ACCOUNT}:q`

function clientsOf(drydock: TestEngine) {
  const [events, sqs] = [new EventBridge(drydock.config), new SQS(drydock.config)]
  return {
    events,
    sqs,
    async rule(target: Partial<Target>, EventBusName = 'default') {
      await events.putRule({ Name: 'r', EventPattern: '{"source":["shop"]}', EventBusName })
      await events.putTargets({ Rule: 'r', EventBusName, Targets: [{ Id: '1', Arn: QUEUE, ...target }] })
    },
    async sell(detail: object, EventBusName = 'default') {
      await events.putEvents({
        Entries: [{ Source: 'shop', DetailType: 'sold', Detail: JSON.stringify(detail), EventBusName }],
      })
      await drydock.engine.settle()
    },
    async received(name = 'q') {
      const { QueueUrl } = await sqs.getQueueUrl({ QueueName: name })
      const { Messages = [] } = await sqs.receiveMessage({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      })
      return Messages.map(({ Body = '', MessageAttributes = {} }) => ({
        body: JSON.parse(Body),
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([key, { StringValue }]) => [key, StringValue]),
        ),
      }))
    },
  }
}

test('a queue gets the event in its envelope', async () => {
  await using drydock = await testEngine()
  const { sqs, rule, sell, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'q' })
  await rule({})
  await sell({ n: 1 })
  expect((await received()).map(({ body }) => body)).toEqual([
    {
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'sold',
      source: 'shop',
      account: '123456789012',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: { n: 1 },
    },
  ])
  expect(drydock.faults).toEqual([])
})

test('a FIFO queue gets what the target makes of the event', async () => {
  await using drydock = await testEngine()
  const { sqs, rule, sell, received } = clientsOf(drydock)
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
  await sqs.createQueue({ QueueName: 'q.fifo', Attributes })
  const InputTransformer = { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"sold": <n>}' }
  await rule({ Arn: `${QUEUE}.fifo`, SqsParameters: { MessageGroupId: 'g' }, InputTransformer })
  await sell({ n: 7 })
  expect((await received('q.fifo')).map(({ body }) => body)).toEqual([{ sold: 7 }])
})

test('a FIFO queue that cannot tell doubles refuses the event, which goes to the dead-letter queue', async () => {
  await using drydock = await testEngine()
  const { sqs, rule, sell, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } })
  await sqs.createQueue({ QueueName: 'dead' })
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${ACCOUNT}:dead` }
  await rule({ Arn: `${QUEUE}.fifo`, SqsParameters: { MessageGroupId: 'g' }, DeadLetterConfig })
  await sell({ n: 7 })
  expect(await received('dead')).toMatchObject([
    { body: { detail: { n: 7 } }, attributes: { ERROR_CODE: 'SDK_CLIENT_ERROR', RETRY_ATTEMPTS: '0' } },
  ])
})

test('a standard queue may have a message group too, and a function reads what the rule sends', async () => {
  await using drydock = await testEngine()
  const { events, sqs, rule, sell } = clientsOf(drydock)
  const lambda = new Lambda(drydock.config)
  await sqs.createQueue({ QueueName: 'q' })
  const source =
    'export const handler = async ({ Records: [{ body, attributes }] }) => console.log(attributes.MessageGroupId, body)'
  const { FunctionArn = '' } = await lambda.createFunction({
    FunctionName: 'f',
    Role: 'arn:aws:iam::123456789012:role/test',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: zipSync({ 'index.mjs': strToU8(source) }) },
  })
  await lambda.createEventSourceMapping({ EventSourceArn: QUEUE, FunctionName: 'f' })
  await drydock.engine.advance('1s')
  await rule({ SqsParameters: { MessageGroupId: 'shop' }, InputPath: '$.detail' })
  await sell({ n: 42 })
  expect(drydock.functionLogs(FunctionArn).map(({ text }) => text)).toContainEqual(
    expect.stringContaining('shop {"n":42}'),
  )
  const Targets = [{ Id: '1', Arn: QUEUE, SqsParameters: { MessageGroupId: 'g'.repeat(101) } }]
  await expect(events.putTargets({ Rule: 'r', Targets })).rejects.toMatchObject({
    name: 'ValidationException',
  })
  expect(drydock.faults).toEqual([])
})

test('a function is invoked with the event', async () => {
  await using drydock = await testEngine()
  const { rule, sell } = clientsOf(drydock)
  const source = "export const handler = async (event) => console.log('sold', event.detail.n)"
  const { FunctionArn = '' } = await new Lambda(drydock.config).createFunction({
    FunctionName: 'f',
    Role: 'arn:aws:iam::123456789012:role/test',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: zipSync({ 'index.mjs': strToU8(source) }) },
  })
  await rule({ Arn: FunctionArn })
  await sell({ n: 42 })
  expect(JSON.stringify(drydock.functionLogs(FunctionArn))).toContain('sold 42')
  expect(drydock.faults).toEqual([])
})

test('another bus gets the event as it came', async () => {
  await using drydock = await testEngine()
  const { events, sqs, rule, sell, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'q' })
  await events.createEventBus({ Name: 'orders' })
  await rule({}, 'orders')
  await rule({ Arn: `arn:aws:events:${ACCOUNT}:event-bus/orders` })
  await sell({ n: 1 })
  await sell({ n: 2 }, 'orders')
  expect((await received()).map(({ body }) => body.detail.n)).toEqual([1, 2])
})

test('an event goes from one bus to another once: buses in a circle come to rest', async () => {
  await using drydock = await testEngine()
  const { events, sqs, rule, sell, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'dead' })
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${ACCOUNT}:dead` }
  for (const Name of ['there', 'back']) await events.createEventBus({ Name })
  await rule({ Arn: `arn:aws:events:${ACCOUNT}:event-bus/back`, DeadLetterConfig }, 'there')
  await rule({ Arn: `arn:aws:events:${ACCOUNT}:event-bus/there`, DeadLetterConfig }, 'back')
  await sell({ n: 1 }, 'there')
  expect(await received('dead')).toMatchObject([
    {
      body: { detail: { n: 1 } },
      attributes: {
        RULE_ARN: `arn:aws:events:${ACCOUNT}:rule/back/r`,
        ERROR_CODE: 'THIRD_ACCOUNT_HOP_DETECTED',
        RETRY_ATTEMPTS: '0',
      },
    },
  ])
  expect(drydock.faults).toEqual([])
})

test.each([
  ['queue', `arn:aws:sqs:${ACCOUNT}:gone`],
  ['function', `arn:aws:lambda:${ACCOUNT}:function:gone`],
  ['event bus', `arn:aws:events:${ACCOUNT}:event-bus/gone`],
])('an event for a %s that is gone goes to the dead-letter queue', async (_, Arn) => {
  await using drydock = await testEngine()
  const { sqs, rule, sell, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'dead' })
  await rule({ Arn, DeadLetterConfig: { Arn: `arn:aws:sqs:${ACCOUNT}:dead` } })
  await sell({ n: 1 })
  expect(await received('dead')).toMatchObject([
    {
      body: { source: 'shop', detail: { n: 1 } },
      attributes: {
        RULE_ARN: `arn:aws:events:${ACCOUNT}:rule/r`,
        TARGET_ARN: Arn,
        ERROR_CODE: 'NO_RESOURCE',
        RETRY_ATTEMPTS: '0',
      },
    },
  ])
  expect(drydock.faults).toEqual([])
})

test('an event whose dead-letter queue is gone too is counted as dropped', async () => {
  await using drydock = await testEngine()
  const { rule, sell } = clientsOf(drydock)
  await rule({ DeadLetterConfig: { Arn: `arn:aws:sqs:${ACCOUNT}:dead` } })
  await sell({ n: 1 })
  const { outcomes } = drydock.engine.state('events', { accountId: '123456789012', region: 'us-east-1' })
  expect(Object.values(outcomes)).toEqual([{ delivered: 0, deadLettered: 0, dropped: 1 }])
  expect(drydock.faults).toEqual([])
})

test('a scheduled rule reaches its queue each minute', async () => {
  await using drydock = await testEngine()
  const { events, sqs, received } = clientsOf(drydock)
  await sqs.createQueue({ QueueName: 'q' })
  await events.putRule({ Name: 's', ScheduleExpression: 'cron(0/1 * * * ? *)' })
  await events.putTargets({ Rule: 's', Targets: [{ Id: '1', Arn: QUEUE, InputPath: '$.time' }] })
  await drydock.engine.advance('3m')
  expect((await received()).map(({ body }) => body)).toEqual([
    '2026-01-01T00:01:00Z',
    '2026-01-01T00:02:00Z',
    '2026-01-01T00:03:00Z',
  ])
})
