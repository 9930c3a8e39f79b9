/** What wakes the doors: a rule on the default bus for each, straight to its function or by way of its queue; more for other places. */
import type { Place } from '@capstan/core/places.ts'
import { componentOf, type Door } from './doors.ts'
import type { Hub } from './hub.ts'
import type { Queues } from './queues.ts'

/**
 * How long EventBridge tries to hand over what Lambda or SQS does not take, before it is a dead letter: an hour for an event,
 * a minute for a schedule, which comes again by itself (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html).
 */
export const RETRY = {
  event: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
  schedule: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 },
}

/** A rule that wakes a door, with what tells its resources from those of the door's other rules. */
interface Trigger {
  readonly door: Door
  readonly component: string
  readonly rule: aws.cloudwatch.EventRule
  /** Its bus, where it is not the default one. */
  readonly eventBusName?: $util.Output<string>
  /** The place that each target is about; none where the event itself says it, or it is home. */
  readonly places: readonly (Place | undefined)[]
}

/** EventBridge quotas: targets of a rule. */
const MOST_TARGETS = 5

/** Makes the rules with their targets, and lets exactly these use the functions and queues. */
export function createTriggers(doors: readonly Door[], queues: Queues, hub: Hub | undefined): void {
  const triggers = doors.flatMap((door) => [
    triggerAtHome(door),
    ...(hub ? triggersElsewhere(door, hub) : []),
  ])
  allowEvents(
    'DeadLettersPolicy',
    queues.deadLetters,
    triggers.map(({ rule }) => rule.arn),
  )
  const waiting = triggers.filter(hasQueue)
  const policy = allowEvents(
    'DiscoveryPolicy',
    queues.discovery,
    waiting.map(({ rule }) => rule.arn),
  )
  for (const trigger of waiting) createTargets(trigger, queues.discovery.arn, queues, policy)
  for (const door of new Set(waiting.map((trigger) => trigger.door))) readFromQueue(door, queues)
  for (const trigger of triggers) if (!hasQueue(trigger)) invoke(trigger, queues)
}

const hasQueue = ({ door: { rule } }: Trigger): boolean => 'pattern' in rule && rule.queue !== undefined

function triggerAtHome(door: Door): Trigger {
  const { description } = door.rule
  const component = componentOf(door.rule)
  const rule = new aws.cloudwatch.EventRule(`${component}Rule`, {
    name: door.name,
    description,
    ...whenOf(door),
  })
  return { door, component, rule, places: [undefined] }
}

/** The events of other places come on the hub's bus; a schedule says the place that it is for, so that none waits for another. */
function triggersElsewhere(door: Door, { bus, places }: Hub): Trigger[] {
  const { description } = door.rule
  if (!('schedule' in door.rule)) {
    const component = `Hub${componentOf(door.rule)}`
    const rule = new aws.cloudwatch.EventRule(`${component}Rule`, {
      name: door.name,
      description,
      eventBusName: bus.name,
      ...whenOf(door),
    })
    return [{ door, component, rule, eventBusName: bus.name, places: [undefined] }]
  }
  return inGroups(places, MOST_TARGETS).map((group, index) => {
    const component = `${componentOf(door.rule)}Elsewhere${index + 1}`
    const name = `${door.name}-elsewhere-${index + 1}`
    const rule = new aws.cloudwatch.EventRule(`${component}Rule`, { name, description, ...whenOf(door) })
    return { door, component, rule, places: group }
  })
}

function whenOf({ rule }: Door) {
  return 'schedule' in rule
    ? { scheduleExpression: rule.schedule }
    : { eventPattern: JSON.stringify(rule.pattern) }
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

function invoke(trigger: Trigger, queues: Queues): void {
  const { component, door, rule } = trigger
  const permission = new aws.lambda.Permission(`${component}Permission`, {
    action: 'lambda:InvokeFunction',
    function: door.function.name,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  })
  createTargets(trigger, door.function.arn, queues, permission)
}

function readFromQueue(door: Door, { discovery, settings }: Queues): void {
  new aws.lambda.EventSourceMapping(`${componentOf(door.rule)}EventSourceMapping`, {
    eventSourceArn: discovery.arn,
    functionName: door.function.name,
    batchSize: settings.batchSize,
    maximumBatchingWindowInSeconds: settings.windowSeconds,
    scalingConfig: { maximumConcurrency: settings.maximumConcurrency },
    functionResponseTypes: ['ReportBatchItemFailures'],
  })
}

function createTargets(
  { component, door, eventBusName, rule, places }: Trigger,
  arn: $util.Input<string>,
  { deadLetters }: Queues,
  allowed: $util.Resource,
): void {
  for (const place of places)
    new aws.cloudwatch.EventTarget(
      place ? `${component}Target-${place.name}` : `${component}Target`,
      {
        rule: rule.name,
        ...(eventBusName && { eventBusName }),
        targetId: place?.name ?? door.rule.door,
        arn,
        ...(place && { input: JSON.stringify({ place: place.name }) }),
        deadLetterConfig: { arn: deadLetters.arn },
        retryPolicy: 'schedule' in door.rule ? RETRY.schedule : RETRY.event,
      },
      { dependsOn: [allowed] },
    )
}

/** A queue that rules put events into. */
interface EventQueue {
  readonly arn: $util.Output<string>
  readonly url: $util.Output<string>
}

/** Lets these rules, and none of another account, put events into the queue. */
export function allowEvents(
  name: string,
  queue: EventQueue,
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
