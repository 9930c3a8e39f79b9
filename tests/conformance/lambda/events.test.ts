/** Asynchronous invocations on a virtual clock: accepted, tried again, given up, recorded. */
import { availableParallelism } from 'node:os'
import { SQS } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type TestLambda, testLambda } from './harness.ts'

const ok = 'export const handler = async (event) => ({ done: event })'
const bad = 'let n = 0; export const handler = async () => { throw new Error("no " + ++n) }'
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`

async function send(lambda: TestLambda, FunctionName: string, event: unknown): Promise<string | undefined> {
  const Payload = JSON.stringify(event)
  const out = await lambda.client.invoke({ FunctionName, InvocationType: 'Event', Payload })
  expect([out.StatusCode, out.Payload?.length ?? 0]).toEqual([202, 0])
  await lambda.drydock.engine.settle()
  return out.$metadata.requestId
}

async function queue(lambda: TestLambda, QueueName: string) {
  const sqs = new SQS(lambda.drydock.config)
  const { QueueUrl } = await sqs.createQueue({ QueueName })
  return async () => {
    await lambda.drydock.engine.settle()
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    })
    return Messages
  }
}

const starts = (lambda: TestLambda, name: string) =>
  lambda.drydock
    .functionLogs(`arn:aws:lambda:us-east-1:123456789012:function:${name}`)
    .filter((entry) => entry.text.startsWith('START')).length

test('an event that succeeds is recorded at its destination', async () => {
  await using lambda = await testLambda()
  const received = await queue(lambda, 'done')
  await lambda.make('fine', ok)
  await lambda.client.putFunctionEventInvokeConfig({
    FunctionName: 'fine',
    DestinationConfig: { OnSuccess: { Destination: queueArn('done') } },
  })
  const requestId = await send(lambda, 'fine', { a: 1 })
  const [message] = await received()
  expect(JSON.parse(message?.Body ?? '')).toEqual({
    version: '1.0',
    timestamp: '2026-01-01T00:00:00.000Z',
    requestContext: {
      requestId,
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:fine:$LATEST',
      condition: 'Success',
      approximateInvokeCount: 1,
    },
    requestPayload: { a: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { done: { a: 1 } },
  })
  expect(lambda.drydock.faults).toEqual([])
})

test('an event that fails is tried after one minute and two more, then recorded and dead-lettered', async () => {
  await using lambda = await testLambda()
  const failures = await queue(lambda, 'failures')
  const letters = await queue(lambda, 'letters')
  await lambda.make('bad', bad, { DeadLetterConfig: { TargetArn: queueArn('letters') } })
  await lambda.client.putFunctionEventInvokeConfig({
    FunctionName: 'bad',
    DestinationConfig: { OnFailure: { Destination: queueArn('failures') } },
  })
  const requestId = await send(lambda, 'bad', { a: 1 })
  expect(starts(lambda, 'bad')).toBe(1)
  await lambda.drydock.engine.advance('59s')
  expect(starts(lambda, 'bad')).toBe(1)
  await lambda.drydock.engine.advance('1s')
  expect(starts(lambda, 'bad')).toBe(2)
  await lambda.drydock.engine.advance('119s')
  expect([starts(lambda, 'bad'), await failures()]).toEqual([2, []])
  await lambda.drydock.engine.advance('1s')
  expect(starts(lambda, 'bad')).toBe(3)

  const [record] = await failures()
  expect(JSON.parse(record?.Body ?? '')).toMatchObject({
    requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { a: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorType: 'Error', errorMessage: 'no 3' },
  })
  const [letter] = await letters()
  expect(letter?.Body).toBe('{"a":1}')
  expect(letter?.MessageAttributes).toMatchObject({
    RequestID: { DataType: 'String', StringValue: requestId },
    ErrorCode: { DataType: 'Number', StringValue: '200' },
    ErrorMessage: { DataType: 'String', StringValue: 'no 3' },
  })
  await lambda.drydock.engine.advance('1d')
  expect(starts(lambda, 'bad')).toBe(3)
  expect(lambda.drydock.faults).toEqual([])
})

test('no retries and a short life are as configured', async () => {
  await using lambda = await testLambda()
  await lambda.make('once', bad)
  const FunctionName = 'once'
  await lambda.client.putFunctionEventInvokeConfig({ FunctionName, MaximumRetryAttempts: 0 })
  await send(lambda, FunctionName, {})
  await lambda.drydock.engine.advance('1h')
  expect(starts(lambda, FunctionName)).toBe(1)

  await lambda.client.updateFunctionEventInvokeConfig({
    FunctionName,
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 60,
  })
  await send(lambda, FunctionName, {})
  await lambda.drydock.engine.advance('1h')
  expect(starts(lambda, FunctionName)).toBe(2)
  const shown = await lambda.client.getFunctionEventInvokeConfig({ FunctionName })
  expect(shown).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 })
  await lambda.client.deleteFunctionEventInvokeConfig({ FunctionName })
  await expect(lambda.client.getFunctionEventInvokeConfig({ FunctionName })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('an event waits while its function is busy, and is run when there is room', async () => {
  await using lambda = await testLambda()
  await lambda.make('busy', 'export const handler = async () => "ok"')
  await lambda.client.putFunctionConcurrency({ FunctionName: 'busy', ReservedConcurrentExecutions: 1 })
  const invoke = () => lambda.client.invoke({ FunctionName: 'busy', InvocationType: 'Event' })
  await Promise.all([invoke(), invoke(), invoke()])
  await lambda.drydock.engine.advance('10s')
  expect(starts(lambda, 'busy')).toBe(3)
})

test('a function with no concurrency at all sends its events to the dead letters', async () => {
  await using lambda = await testLambda()
  const letters = await queue(lambda, 'letters')
  await lambda.make('off', ok, { DeadLetterConfig: { TargetArn: queueArn('letters') } })
  await lambda.client.putFunctionConcurrency({ FunctionName: 'off', ReservedConcurrentExecutions: 0 })
  await send(lambda, 'off', { a: 1 })
  expect((await letters()).map((letter) => letter.Body)).toEqual(['{"a":1}'])
  expect(starts(lambda, 'off')).toBe(0)
})

test('a function that was deleted takes its waiting events with it', async () => {
  await using lambda = await testLambda()
  await lambda.make('gone', bad)
  await send(lambda, 'gone', {})
  await lambda.client.deleteFunction({ FunctionName: 'gone' })
  await lambda.drydock.engine.advance('1h')
  await lambda.make('gone', bad)
  await lambda.drydock.engine.advance('1h')
  expect(starts(lambda, 'gone')).toBe(1)
  expect(lambda.drydock.faults).toEqual([])
})

test('a dead-letter queue that is gone loses the letter and nothing else', async () => {
  await using lambda = await testLambda()
  await lambda.make('lost', bad, { DeadLetterConfig: { TargetArn: queueArn('nowhere') } })
  await lambda.client.putFunctionEventInvokeConfig({ FunctionName: 'lost', MaximumRetryAttempts: 0 })
  await send(lambda, 'lost', {})
  expect(lambda.drydock.faults).toEqual([])
  expect((await lambda.invoke('lost')).error).toBe('Unhandled')
})

test('a reset ends invocations that run', async () => {
  await using lambda = await testLambda()
  await lambda.make('endless', 'export const handler = () => new Promise((r) => setTimeout(r, 60_000))', {
    Timeout: 90,
  })
  const started = lambda.started('endless')
  const running = lambda.invoke('endless')
  const ended = expect(running).rejects.toThrow()
  await started
  await lambda.drydock.reset()
  await ended
  await expect(lambda.invoke('endless')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('a burst of events is run by a few environments, each to its end', async () => {
  await using lambda = await testLambda()
  await lambda.make('burst', 'let n = 0; export const handler = async () => console.log("run", ++n)')
  const invoke = () => lambda.client.invoke({ FunctionName: 'burst', InvocationType: 'Event' })
  await Promise.all(Array.from({ length: 40 }, invoke))
  await lambda.drydock.engine.settle()
  const entries = lambda.drydock.functionLogs('arn:aws:lambda:us-east-1:123456789012:function:burst')
  expect(starts(lambda, 'burst')).toBe(40)
  expect(new Set(entries.map((entry) => entry.logStream)).size).toBeLessThanOrEqual(
    Math.max(4, availableParallelism()),
  )
})
