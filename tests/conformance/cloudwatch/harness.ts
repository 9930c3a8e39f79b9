/** An engine with a clock of its own, CloudWatch, and a queue that gets all events of alarms. */
import { CloudWatch, type PutMetricAlarmCommandInput, type StandardUnit } from '@aws-sdk/client-cloudwatch'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { SQS } from '@aws-sdk/client-sqs'
import { testEngine } from '@capstan/drydock/testing.ts'

export const SCOPE = { accountId: '123456789012', region: 'us-east-1' }
export const ALARM_ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm'
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:123456789012:alarms'

/** An event as a rule's target gets it. */
export interface AlarmEvent {
  readonly 'detail-type': string
  readonly resources: string[]
  readonly time: string
  // biome-ignore lint/suspicious/noExplicitAny: what is inside is what the tests are about
  readonly detail: any
}

/** Starts the engine with the rule and the queue. */
export async function startWorld() {
  const drydock = await testEngine()
  const cloudwatch = new CloudWatch(drydock.config)
  const [events, sqs] = [new EventBridge(drydock.config), new SQS(drydock.config)]
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'alarms' })
  await events.putRule({ Name: 'alarms', EventPattern: '{"source":["aws.cloudwatch"]}' })
  await events.putTargets({ Rule: 'alarms', Targets: [{ Id: '1', Arn: QUEUE_ARN }] })

  /** The events since the last time, in order. */
  async function received(): Promise<AlarmEvent[]> {
    await drydock.engine.settle()
    const found: AlarmEvent[] = []
    for (;;) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
      if (!Messages.length) return found
      for (const { Body = '', ReceiptHandle } of Messages) {
        found.push(JSON.parse(Body))
        await sqs.deleteMessage({ QueueUrl, ReceiptHandle })
      }
    }
  }

  return {
    drydock,
    cloudwatch,
    advance: (duration: string) => drydock.engine.advance(duration),
    now: () => new Date(drydock.engine.clock.now()),
    received,
    /** The alarms' new states since the last time: `a: OK -> ALARM`. */
    async transitions(): Promise<string[]> {
      const all = await received()
      return all
        .filter((event) => event['detail-type'] === 'CloudWatch Alarm State Change')
        .map(({ detail }) => `${detail.alarmName}: ${detail.previousState.value} -> ${detail.state.value}`)
    },
    /** Puts a value with a resolution of a second. */
    put: (MetricName: string, Value: number, more: { Unit?: StandardUnit; Timestamp?: Date } = {}) =>
      cloudwatch.putMetricData({
        Namespace: 'shop',
        MetricData: [{ MetricName, Value, StorageResolution: 1, ...more }],
      }),
    /** An alarm on the sum of a metric, in periods of ten seconds unless told. */
    putAlarm: (AlarmName: string, more: Partial<PutMetricAlarmCommandInput> = {}) =>
      cloudwatch.putMetricAlarm({
        AlarmName,
        ...(!more.Metrics && { Namespace: 'shop', MetricName: 'Errors', Statistic: 'Sum', Period: 10 }),
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
        ...more,
      }),
    async stateOf(name: string): Promise<string | undefined> {
      const types = ['MetricAlarm', 'CompositeAlarm'] as const
      const found = await cloudwatch.describeAlarms({ AlarmNames: [name], AlarmTypes: [...types] })
      return (found.MetricAlarms?.[0] ?? found.CompositeAlarms?.[0])?.StateValue
    },
    [Symbol.asyncDispose]: () => drydock.close(),
  }
}

/** The code of the error that a call fails with. */
export const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    ({ name }: Error) => name,
  )
