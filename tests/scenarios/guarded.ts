/** What scenarios of the guard need: a service whose bake is short, and alarms that are set by hand. */
import {
  CloudWatchClient,
  type Dimension,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type OwnEvent, ownEvent } from '@capstan/core/own-events.ts'
import { Fleet } from './fleet.ts'

export type Guarded = Awaited<ReturnType<typeof Fleet.withWeb>>

/** The service `web` with a bake of 30 s, seen and verified with its image 1.0.0. */
export async function guardedWeb(
  tags: Readonly<Record<string, string>> = {},
  circuitBreaker = false,
): Promise<Guarded> {
  const fleet = await Fleet.withWeb({ tags: { 'capstan:bake': '30s', ...tags }, circuitBreaker })
  await fleet.settle()
  return fleet
}

/** Dimensions by which an alarm is about a service. */
export const about = (service: string): Dimension[] => [
  { Name: 'ClusterName', Value: 'default' },
  { Name: 'ServiceName', Value: service },
]

export interface AlarmOptions {
  readonly tags?: Readonly<Record<string, string>>
  readonly namespace?: string
  readonly metric?: string
}

/** Makes an alarm that keeps the state it is given, and gives it the state OK. */
export async function putAlarm(
  fleet: Fleet,
  name: string,
  dimensions: Dimension[],
  { tags = {}, namespace = 'Web', metric = 'Errors' }: AlarmOptions = {},
): Promise<void> {
  const cloudwatch = new CloudWatchClient(fleet.engine.config)
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: dimensions,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
      ...(Object.keys(tags).length && {
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    }),
  )
  await setAlarm(fleet, name, 'OK')
}

/** Puts an alarm into a state, as an operator's test or a metric would. */
export async function setAlarm(fleet: Fleet, AlarmName: string, StateValue: StateValue): Promise<void> {
  const cloudwatch = new CloudWatchClient(fleet.engine.config)
  const StateReason = `It is ${StateValue} now.`
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason }))
  await fleet.engine.engine.settle()
}

/** Collects Capstan's own events from now on; `take` gives those that came since it was last called. */
export async function listen(fleet: Fleet) {
  const sqs = new SQSClient(fleet.engine.config)
  const events = new EventBridgeClient(fleet.engine.config)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'own-events' }))
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  )
  await events.send(new PutRuleCommand({ Name: 'own', EventPattern: '{"source":["capstan"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'own', Targets: [{ Id: 'q', Arn: Attributes?.QueueArn }] }))
  const take = async () => {
    await fleet.engine.engine.settle()
    const all: OwnEvent[] = []
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      )
      if (!Messages.length) return all
      for (const { Body = '{}', ReceiptHandle } of Messages) {
        all.push(ownEvent.parse(JSON.parse(Body)))
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      }
    }
  }
  return { take, types: async () => (await take()).map((event) => event['detail-type']) }
}
