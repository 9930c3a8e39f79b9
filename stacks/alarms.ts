/** Alarms on Capstan's own health. Those of the services that it watches are not here. */
import { componentOf, type Door } from './doors.ts'
import type { Queues } from './queues.ts'

/** What an alarm says besides its name, actions and defaults. */
type Alarm = Pick<
  aws.cloudwatch.MetricAlarmArgs,
  'namespace' | 'metricName' | 'dimensions' | 'statistic' | 'period' | 'threshold' | 'alarmDescription'
> &
  Partial<aws.cloudwatch.MetricAlarmArgs>

const FIVE_MINUTES = 300

/** Makes the alarms, and the topic that they are told to: subscribe to it to be told. */
export function createAlarms(doors: readonly Door[], queues: Queues): aws.sns.Topic {
  const { create, topic } = alarmsOfStage()
  create('DeadLettersAlarm', 'dead-letters', deadLetters(queues.deadLetters.nodes.queue.name))
  create('DiscoveryAgeAlarm', 'discovery-queue-age', discoveryAge(queues))
  for (const door of doors) {
    const component = componentOf(door.rule)
    create(`${component}ErrorsAlarm`, `${door.rule.door}-errors`, errors(door))
    create(`${component}ThrottlesAlarm`, `${door.rule.door}-throttles`, throttles(door))
    if ('schedule' in door.rule)
      create(`${component}MissingAlarm`, `${door.rule.door}-missing`, missing(door))
  }
  return topic
}

/** Makes the alarms of a spoke: on the rule that forwards events, and on what it could not forward. */
export function createSpokeAlarms(rule: $util.Input<string>, queue: $util.Input<string>): aws.sns.Topic {
  const { create, topic } = alarmsOfStage()
  create('DeadLettersAlarm', 'dead-letters', deadLetters(queue))
  create('ForwardAlarm', 'forwarding-fails', failures(rule))
  return topic
}

function alarmsOfStage() {
  const topic = new aws.sns.Topic('Alarms', { name: `${$app.name}-${$app.stage}-alarms` })
  const create = (component: string, name: string, alarm: Alarm) =>
    new aws.cloudwatch.MetricAlarm(component, {
      // Not `capstan-…`: alarms that begin so are those that the sweep makes for services, and reads each minute.
      name: `${$app.name}/${$app.stage}/${name}`,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      evaluationPeriods: 1,
      treatMissingData: 'notBreaching',
      ...alarm,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
    })
  return { create, topic }
}

const deadLetters = (queue: $util.Input<string>): Alarm => ({
  alarmDescription: 'An event could not be handled. It is in the dead-letter queue, with the reason.',
  namespace: 'AWS/SQS',
  metricName: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName: queue },
  statistic: 'Maximum',
  period: 60,
  threshold: 1,
})

const discoveryAge = (queues: Queues): Alarm => ({
  alarmDescription: 'Tasks are found by name late: the oldest event of tasks that waits is minutes old.',
  namespace: 'AWS/SQS',
  metricName: 'ApproximateAgeOfOldestMessage',
  dimensions: { QueueName: queues.discovery.nodes.queue.name },
  statistic: 'Maximum',
  period: 60,
  evaluationPeriods: 3,
  threshold: FIVE_MINUTES,
})

/** Tries that failed for good (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html). */
const failures = (rule: $util.Input<string>): Alarm => ({
  alarmDescription: "Events do not reach home's bus: home is not there, or does not know this place.",
  namespace: 'AWS/Events',
  metricName: 'FailedInvocations',
  dimensions: { RuleName: rule },
  statistic: 'Sum',
  period: FIVE_MINUTES,
  threshold: 1,
})

/** Of the function behind a door, in five minutes together. */
const ofFunction = ({ function: { name } }: Door) =>
  ({
    namespace: 'AWS/Lambda',
    dimensions: { FunctionName: name },
    statistic: 'Sum',
    period: FIVE_MINUTES,
  }) as const

/** One that a retry mends is no reason to wake anyone. */
const errors = (door: Door): Alarm => ({
  ...ofFunction(door),
  alarmDescription: `${door.rule.door} fails again and again. Its log group says why.`,
  metricName: 'Errors',
  threshold: 3,
})

const throttles = (door: Door): Alarm => ({
  ...ofFunction(door),
  alarmDescription: `${door.rule.door} is not let run: all concurrency of the account is in use.`,
  metricName: 'Throttles',
  threshold: 3,
})

/** No data is the very thing that it looks for. */
const missing = (door: Door): Alarm => ({
  ...ofFunction(door),
  alarmDescription: `${door.rule.door} has not run for five minutes: what events miss is not made up for.`,
  metricName: 'Invocations',
  comparisonOperator: 'LessThanThreshold',
  threshold: 1,
  treatMissingData: 'breaching',
})
