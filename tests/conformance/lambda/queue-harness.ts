/** A queue, a function that reads from it, and what the function was given: for tests of event source mappings. */
import type { CreateEventSourceMappingCommandInput } from '@aws-sdk/client-lambda'
import { SQS } from '@aws-sdk/client-sqs'
import { type TestLambda, testLambda } from './harness.ts'

/** A function's record of a message, as far as tests look at it. */
export interface SeenRecord {
  readonly messageId: string
  readonly receiptHandle: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  readonly messageAttributes: Readonly<Record<string, unknown>>
}

export interface TestQueue extends AsyncDisposable {
  readonly lambda: TestLambda
  readonly sqs: SQS
  readonly url: string
  readonly arn: string
  readonly uuid: string
  /** Sends one message for each body, ten at a time, and waits for what that causes. */
  send(...bodies: string[]): Promise<void>
  /** The bodies of each batch that the function was given so far, in order. */
  batches(): string[][]
  records(): SeenRecord[]
  /** How many messages the queue has: those to be received, and those in flight. */
  counts(): Promise<{ visible: number; hidden: number }>
}

export interface TestQueueOptions {
  /** The body of `async (event, batch) => { … }` in the function; `batch` counts from 1. */
  readonly work?: string
  readonly queue?: Record<string, string>
  readonly mapping?: Partial<CreateEventSourceMappingCommandInput>
}

export const arnOfQueue = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`

const source = (work: string) => `
let batch = 0
const work = async (event, batch) => { ${work} }
export const handler = async (event) => {
  console.log('GOT ' + JSON.stringify(event.Records))
  return await work(event, ++batch)
}`

/** An engine with a queue `jobs` (`jobs.fifo` with the attribute FifoQueue) that the function `worker` reads from. */
export async function testQueue({
  work = '',
  queue = {},
  mapping = {},
}: TestQueueOptions = {}): Promise<TestQueue> {
  const lambda = await testLambda()
  const sqs = new SQS(lambda.drydock.config)
  const { engine } = lambda.drydock
  const QueueName = queue.FifoQueue ? 'jobs.fifo' : 'jobs'
  const { QueueUrl: url = '' } = await sqs.createQueue({ QueueName, Attributes: queue })
  await lambda.make('worker', source(work))
  const EventSourceArn = arnOfQueue(QueueName)
  const made = await lambda.client.createEventSourceMapping({
    EventSourceArn,
    FunctionName: 'worker',
    ...mapping,
  })
  await engine.advance('1s')
  const records = () =>
    lambda.drydock
      .functionLogs('arn:aws:lambda:us-east-1:123456789012:function:worker')
      .flatMap(({ text }) => batchOf(text))
  return {
    lambda,
    sqs,
    url,
    arn: EventSourceArn,
    uuid: made.UUID ?? '',
    async send(...bodies) {
      for (let at = 0; at < bodies.length; at += 10) {
        const Entries = bodies
          .slice(at, at + 10)
          .map((MessageBody, index) => ({ Id: String(index), MessageBody }))
        await sqs.sendMessageBatch({ QueueUrl: url, Entries })
      }
      await engine.settle()
    },
    batches: () => records().map((batch) => batch.map(({ body }) => body)),
    records: () => records().flat(),
    async counts() {
      const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] })
      const visible = Number(Attributes?.ApproximateNumberOfMessages)
      return { visible, hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible) }
    },
    async [Symbol.asyncDispose]() {
      sqs.destroy()
      await lambda[Symbol.asyncDispose]()
    },
  }
}

function batchOf(text: string): SeenRecord[][] {
  const [, json] = /GOT (\[.*\])/.exec(text) ?? []
  return json === undefined ? [] : [JSON.parse(json) as SeenRecord[]]
}
