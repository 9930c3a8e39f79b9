/** What EventBridge hears, as users hear it: a rule with a queue. */
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { SQS } from '@aws-sdk/client-sqs'
import type { TestEngine } from '@capstan/drydock/testing.ts'

/** An event as a rule's target receives it. */
export interface HeardEvent {
  readonly 'detail-type': string
  readonly source: string
  readonly resources: string[]
  readonly detail: Record<string, unknown>
}

/** Sends the events of `source` to a queue. Returns a function that takes what has come since, oldest first. */
export async function listen(
  { drydock }: { readonly drydock: TestEngine },
  source: string,
): Promise<() => Promise<HeardEvent[]>> {
  const [events, sqs] = [new EventBridge(drydock.config), new SQS(drydock.config)]
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'heard' })
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['QueueArn'] })
  await events.putRule({ Name: 'hear', EventPattern: JSON.stringify({ source: [source] }) })
  await events.putTargets({ Rule: 'hear', Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] })
  return async () => {
    const heard: HeardEvent[] = []
    await drydock.engine.settle()
    for (;;) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
      if (!Messages.length) return heard
      heard.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '')))
    }
  }
}
