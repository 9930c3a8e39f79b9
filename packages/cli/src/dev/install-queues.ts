/** The queues of an installation: the dead-letter queue, and those between a rule and its door. All may exist already. */
import {
  CreateEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { QueueSettings } from '../../../../functions/rules.ts'
import type { SdkConfig } from '../sdk.ts'

const DEAD_LETTER_QUEUE = 'capstan-dead-letters'

export interface Queue {
  readonly url: string
  readonly arn: string
}

/** Where events are kept that cannot be handled. */
export function createDeadLetterQueue(sdk: SdkConfig): Promise<Queue> {
  return createQueue(new SQSClient(sdk), DEAD_LETTER_QUEUE)
}

/** A queue before a door, with its settings; what was received too often goes to `deadLetters`. */
export async function createDoorQueue(
  sdk: SdkConfig,
  name: string,
  settings: QueueSettings,
  deadLetters: Queue,
): Promise<Queue> {
  const sqs = new SQSClient(sdk)
  const queue = await createQueue(sqs, name)
  const redrive = { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: settings.maxReceives }
  const Attributes = {
    VisibilityTimeout: `${settings.visibilityTimeoutSeconds}`,
    MessageRetentionPeriod: `${settings.retentionSeconds}`,
    RedrivePolicy: JSON.stringify(redrive),
  }
  // Afterwards, since CreateQueue refuses a queue that is there with other attributes.
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }))
  return queue
}

/** Lets the function read from the queue, in batches of which it answers for each message. */
export async function readFrom(
  sdk: SdkConfig,
  { arn }: Queue,
  FunctionName: string,
  settings: QueueSettings,
): Promise<void> {
  const lambda = new LambdaClient(sdk)
  const how = {
    FunctionName,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    ScalingConfig: { MaximumConcurrency: settings.maximumConcurrency },
    FunctionResponseTypes: ['ReportBatchItemFailures' as const],
  }
  const created = await unlessExists('ResourceConflictException', () =>
    lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn: arn, ...how })),
  )
  if (created) return
  const existing = new ListEventSourceMappingsCommand({ EventSourceArn: arn, FunctionName })
  const { EventSourceMappings = [] } = await lambda.send(existing)
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: EventSourceMappings[0]?.UUID, ...how }))
}

async function createQueue(sqs: SQSClient, QueueName: string): Promise<Queue> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName }))
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  )
  return { url, arn: Attributes?.QueueArn ?? '' }
}

/** Runs `create`; nothing if what it creates is there already, which AWS says by the error named `exists`. */
export async function unlessExists<T>(exists: string, create: () => Promise<T>): Promise<T | undefined> {
  try {
    return await create()
  } catch (error) {
    if ((error as Error).name === exists) return undefined
    throw error
  }
}
