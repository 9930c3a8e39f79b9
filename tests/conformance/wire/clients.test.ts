/** What clients rely on besides inputs and outputs: compression, streams, presigned URLs, error codes, retries. */
import {
  CloudWatchClient,
  PutMetricDataCommand,
  type PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, StartLiveTailCommand } from '@aws-sdk/client-cloudwatch-logs'
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs'
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { QueueDoesNotExist, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsQueryProtocol } from '@aws-sdk/core/protocols'
import { testEngine } from '@capstan/drydock/testing.ts'
import { AwsError } from '@capstan/drydock/wire/errors.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadPackage } from './clients.ts'
import { send } from './raw.ts'
import { type Recorder, startRecorder } from './recorder.ts'

let recorder: Recorder
const config = () => ({
  endpoint: recorder.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  disableHostPrefix: true,
})

beforeAll(async () => {
  const names = ['cloudwatch', 'ecs', 'lambda', 'logs', 'sqs'] as const
  recorder = await startRecorder(await Promise.all(names.map(loadPackage)))
})
beforeEach(() => {
  Object.assign(recorder, { input: undefined, reply: {}, fault: undefined })
  recorder.faults.length = 0
})
afterAll(() => recorder.close())

async function* events(...all: object[]): AsyncGenerator<object> {
  yield* all
}

test('a body that the SDK compresses is read', async () => {
  const MetricData = Array.from({ length: 300 }, (_, index) => ({
    MetricName: `a-metric-with-a-name-${index}`,
    Value: index / 3,
  }))
  await new CloudWatchClient(config()).send(new PutMetricDataCommand({ Namespace: 'n', MetricData }))
  expect((recorder.input as PutMetricDataCommandInput).MetricData).toEqual(MetricData)
})

test("a function's answer is streamed event by event", async () => {
  const parts = ['one ', 'two ', 'three'].map((text) => ({ PayloadChunk: { Payload: Buffer.from(text) } }))
  recorder.reply = {
    StatusCode: 200,
    EventStream: events(...parts, { InvokeComplete: { LogResult: 'log' } }),
  }
  const command = new InvokeWithResponseStreamCommand({ FunctionName: 'f' })
  const { EventStream } = await new LambdaClient(config()).send(command)
  const got = await Array.fromAsync(EventStream ?? [])
  expect(
    got.map(({ PayloadChunk }) => PayloadChunk && Buffer.from(PayloadChunk.Payload ?? []).toString()),
  ).toEqual(['one ', 'two ', 'three', undefined])
  expect(got.at(-1)).toEqual({ InvokeComplete: { LogResult: 'log' } })
})

test('a stream of an RPC protocol begins with its initial response', async () => {
  const sessionUpdate = { sessionResults: [{ message: 'live' }] }
  recorder.reply = { responseStream: events({ sessionStart: { sessionId: 's' } }, { sessionUpdate }) }
  const command = new StartLiveTailCommand({ logGroupIdentifiers: ['g'] })
  const { responseStream } = await new CloudWatchLogsClient(config()).send(command)
  expect(await Array.fromAsync(responseStream ?? [])).toEqual([
    { sessionStart: { sessionId: 's' } },
    { sessionUpdate },
  ])
})

test('a stream that breaks ends the connection, not the server', async () => {
  recorder.reply = {
    EventStream: (async function* () {
      yield { PayloadChunk: { Payload: Buffer.from('one') } }
      throw new Error('broken')
    })(),
  }
  const { EventStream } = await new LambdaClient(config()).send(
    new InvokeWithResponseStreamCommand({ FunctionName: 'f' }),
  )
  await expect(Array.fromAsync(EventStream ?? [])).rejects.toThrow()
  recorder.reply = { clusterArns: [] }
  await new ECSClient(config()).send(new ListClustersCommand())
})

test.each([
  ['awsJson1.0', undefined],
  ['awsQuery', AwsQueryProtocol],
] as const)('the code that queues once had is told over %s', async (_label, protocol) => {
  recorder.fault = new QueueDoesNotExist({ message: 'gone', $metadata: {} })
  const client = new SQSClient({ ...config(), ...(protocol && { protocol }) })
  const command = new SendMessageCommand({ QueueUrl: `${recorder.endpoint}/1/q`, MessageBody: 'x' })
  const error: unknown = await client.send(command).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(QueueDoesNotExist)
  expect(error).toMatchObject({ message: 'gone', $metadata: { httpStatusCode: 400 } })
  const { Code, Error: inner } = error as { Code?: string; Error?: { Code?: string } }
  expect(Code ?? inner?.Code).toBe('AWS.SimpleQueueService.NonExistentQueue')
})

test('a bug of a handler is an internal failure to the caller, and told to nobody else but us', async () => {
  recorder.fault = new TypeError('secret detail')
  const call = new ECSClient({ ...config(), maxAttempts: 1 }).send(new ListClustersCommand())
  await expect(call).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.not.stringContaining('secret'),
    $metadata: { httpStatusCode: 500 },
  })
  expect(recorder.faults).toEqual([recorder.fault])
})

test('an output that cannot be written is an internal failure, too', async () => {
  const endless: unknown[] = []
  endless.push(endless)
  recorder.reply = { clusterArns: endless }
  const call = new ECSClient({ ...config(), maxAttempts: 1 }).send(new ListClustersCommand())
  await expect(call).rejects.toMatchObject({ name: 'InternalFailure' })
  expect(recorder.faults).toHaveLength(1)
})

test.each([
  [501, 1],
  [503, 3],
])('an answer of %d is tried %d times in all', async (status, attempts) => {
  recorder.fault = new AwsError('X', 'x', { status })
  const error: unknown = await new ECSClient(config())
    .send(new ListClustersCommand())
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ $metadata: { attempts, httpStatusCode: status } })
})

test('a presigned URL is answered to whoever has it', async () => {
  await using drydock = await testEngine()
  const credential = encodeURIComponent('210987654321/20260101/eu-west-1/sts/aws4_request')
  const path = `/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=${credential}&X-Amz-Signature=0`
  const { status, headers, body } = await send(drydock.endpoint, { method: 'GET', path })
  expect([status, headers['content-type']]).toEqual([200, 'text/xml'])
  expect(body).toContain('<Account>210987654321</Account>')
})
