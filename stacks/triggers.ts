/** What wakes the doors: a rule on the default bus for each, straight to its function or by way of its queue. */
import { componentOf, type Door } from './doors.ts'
import type { Queues } from './queues.ts'

/**
 * How long EventBridge tries to hand over what Lambda or SQS does not take, before it is a dead letter: an hour for an event,
 * a minute for a schedule, which comes again by itself (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html).
 */
const RETRY = {
  event: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
  schedule: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
}

/** Makes the rules with their targets, and lets exactly these use the functions and queues. */
export function createTriggers(doors: readonly Door[], queues: Queues): void {
  const created = doors.map((door) => ({ door, rule: createRule(door) }))
  allowEvents(
    'DeadLettersPolicy',
    queues.deadLetters,
    created.map(({ rule }) => rule.arn),
  )
  for (const { door, rule } of created) {
    if ('pattern' in door.rule && door.rule.queue) readFromQueue(door, rule, queues)
    else invoke(door, rule, queues)
  }
}

function createRule(door: Door): aws.cloudwatch.EventRule {
  const { description } = door.rule
  const when =
    'schedule' in door.rule
      ? { scheduleExpression: door.rule.schedule }
      : { eventPattern: JSON.stringify(door.rule.pattern) }
  return new aws.cloudwatch.EventRule(`${componentOf(door.rule)}Rule`, {
    name: door.name,
    description,
    ...when,
  })
}

function invoke(door: Door, rule: aws.cloudwatch.EventRule, queues: Queues): void {
  const component = componentOf(door.rule)
  const permission = new aws.lambda.Permission(`${component}Permission`, {
    action: 'lambda:InvokeFunction',
    function: door.function.name,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  })
  createTarget(door, rule, door.function.arn, queues, permission)
}

function readFromQueue(door: Door, rule: aws.cloudwatch.EventRule, queues: Queues): void {
  const { discovery, settings } = queues
  const policy = allowEvents('DiscoveryPolicy', discovery, [rule.arn])
  createTarget(door, rule, discovery.arn, queues, policy)
  new aws.lambda.EventSourceMapping(`${componentOf(door.rule)}EventSourceMapping`, {
    eventSourceArn: discovery.arn,
    functionName: door.function.name,
    batchSize: settings.batchSize,
    maximumBatchingWindowInSeconds: settings.windowSeconds,
    scalingConfig: { maximumConcurrency: settings.maximumConcurrency },
    functionResponseTypes: ['ReportBatchItemFailures'],
  })
}

function createTarget(
  door: Door,
  rule: aws.cloudwatch.EventRule,
  arn: $util.Input<string>,
  { deadLetters }: Queues,
  allowed: $util.Resource,
): void {
  new aws.cloudwatch.EventTarget(
    `${componentOf(door.rule)}Target`,
    {
      rule: rule.name,
      targetId: door.rule.door,
      arn,
      deadLetterConfig: { arn: deadLetters.arn },
      retryPolicy: 'schedule' in door.rule ? RETRY.schedule : RETRY.event,
    },
    { dependsOn: [allowed] },
  )
}

/** Lets these rules, and none of another account, put events into the queue. */
function allowEvents(
  name: string,
  queue: sst.aws.Queue,
  ruleArns: $util.Input<string>[],
): aws.sqs.QueuePolicy {
  const { json: policy } = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ['sqs:SendMessage'],
        resources: [queue.arn],
        principals: [{ type: 'Service', identifiers: ['events.amazonaws.com'] }],
        conditions: [{ test: 'ArnEquals', variable: 'aws:SourceArn', values: ruleArns }],
      },
    ],
  })
  return new aws.sqs.QueuePolicy(name, { queueUrl: queue.url, policy })
}
