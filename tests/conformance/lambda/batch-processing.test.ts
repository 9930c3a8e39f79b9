/** Powertools' batch processing in a real function that reads from a queue. */

import { fileURLToPath } from 'node:url'
import { SQS } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { type TestLambda, testLambda } from './harness.ts'
import { arnOfQueue } from './queue-harness.ts'

const folder = fileURLToPath(new URL('../../fixtures/batch-function', import.meta.url))

async function setup(
  lambda: TestLambda,
  QueueName: string,
  Handler: string,
  Attributes: Record<string, string>,
) {
  const sqs = new SQS(lambda.drydock.config)
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes })
  await lambda.make('worker', {}, { Handler, Code: { S3Bucket: 'hot-reload', S3Key: folder }, Timeout: 30 })
  await lambda.client.createEventSourceMapping({
    EventSourceArn: arnOfQueue(QueueName),
    FunctionName: 'worker',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  })
  await lambda.drydock.engine.advance('1s')
  return { sqs, QueueUrl }
}

const worked = (lambda: TestLambda) =>
  lambda.drydock
    .functionLogs('arn:aws:lambda:us-east-1:123456789012:function:worker')
    .flatMap(({ text }) => /WORK (.*)/.exec(text)?.[1]?.trim() ?? [])

test('a message that fails comes again alone, until it succeeds', async () => {
  await using lambda = await testLambda()
  const { sqs, QueueUrl } = await setup(lambda, 'jobs', 'index.standard', {})
  const bodies = ['{"n":1}', '{"n":2,"fails":2}', '{"n":3}']
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
  await sqs.sendMessageBatch({ QueueUrl, Entries })
  await lambda.drydock.engine.advance('2m')
  expect(worked(lambda)).toEqual([
    '{"n":1} 1',
    '{"n":2,"fails":2} 1',
    '{"n":3} 1',
    '{"n":2,"fails":2} 2',
    '{"n":2,"fails":2} 3',
  ])
  expect(
    lambda.drydock.engine.state('sqs', { accountId: '123456789012', region: 'us-east-1' }).queues,
  ).toMatchObject({ jobs: { messages: [] } })
  expect(lambda.drydock.faults).toEqual([])
})

test('in a FIFO queue all that follows a failed message waits for it', async () => {
  await using lambda = await testLambda()
  const attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
  const { sqs, QueueUrl } = await setup(lambda, 'jobs.fifo', 'index.fifo', attributes)
  const bodies = ['{"n":1}', '{"n":2,"fails":1}', '{"n":3}']
  const Entries = bodies.map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
    MessageGroupId: 'g',
  }))
  await sqs.sendMessageBatch({ QueueUrl, Entries })
  await lambda.drydock.engine.advance('1m')
  expect(worked(lambda)).toEqual(['{"n":1} 1', '{"n":2,"fails":1} 1', '{"n":2,"fails":1} 2', '{"n":3} 2'])
  expect(lambda.drydock.faults).toEqual([])
})
