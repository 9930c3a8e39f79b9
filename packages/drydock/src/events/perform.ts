/** Does what `schedule` says is due: attempts deliveries, fires rules. */
import { envelope } from './envelope.ts'
import { queueDeliveries } from './publish.ts'
import type { EventsAction } from './schedule.ts'
import { compileSchedule } from './schedule-expression.ts'
import type { Delivery, Envelope, EventsContext, Rule } from './state.ts'

/** A running engine is never as late as the shortest schedule is long. */
const MISSED_AFTER_MS = 60_000

/** Performs one due action. */
export function perform(action: EventsAction, context: EventsContext): void {
  if (action.kind === 'fire-rule') fire(action.busName, action.rule, context)
  else attempt(action.delivery, context)
}

function attempt(id: string, context: EventsContext): void {
  const { deliveries, underWay } = context.state
  const delivery = deliveries[id]
  if (!delivery) return
  delete deliveries[id]
  underWay[id] = { ...delivery, attempts: delivery.attempts + (delivery.givenUp ? 0 : 1) }
  if (delivery.givenUp) askDeadLetter(delivery, context)
  else askDelivery(delivery, context)
}

function askDelivery(
  { id, target, ruleArn, input, isForwarded = false }: Delivery,
  context: EventsContext,
): void {
  const { RoleArn: roleArn, SqsParameters } = target
  const group = SqsParameters?.MessageGroupId
  context.ask({
    kind: 'deliver-event',
    delivery: id,
    targetArn: target.Arn ?? '',
    ruleArn,
    ...(roleArn && { roleArn }),
    input,
    isForwarded,
    ...(group && { messageGroupId: group }),
  })
}

/** EventBridge User Guide, dead-letter queues: the message is the event, its attributes say why it is there. */
function askDeadLetter(
  { id, target, event, ruleArn, attempts, error, givenUp }: Delivery,
  context: EventsContext,
): void {
  const texts = {
    RULE_ARN: ruleArn,
    TARGET_ARN: target.Arn,
    ERROR_CODE: error?.code,
    ERROR_MESSAGE: error?.message,
    EXHAUSTED_RETRY_CONDITION: givenUp?.condition,
  }
  const given = Object.entries(texts).flatMap(([name, text]) =>
    text ? [[name, { DataType: 'String', StringValue: text }] as const] : [],
  )
  const retries = { DataType: 'Number', StringValue: String(attempts - 1) } as const
  context.ask({
    kind: 'dead-letter-event',
    delivery: id,
    queueArn: target.DeadLetterConfig?.Arn ?? '',
    body: event,
    attributes: { ...Object.fromEntries(given), RETRY_ATTEMPTS: retries },
  })
}

/** A scheduled event goes to the rule's own targets. What was missed while the engine was not running stays missed. */
function fire(busName: string, name: string, context: EventsContext): void {
  const bus = context.state.buses[busName]
  const rule = bus?.rules[name]
  if (!bus || !rule?.schedule || rule.nextFireAt === undefined) return
  const { nextFireAt, ...rest } = rule
  if (context.now - nextFireAt < MISSED_AFTER_MS) {
    queueDeliveries(rule, scheduledEvent(rule, nextFireAt, context), context)
  }
  const next = fireAfter(rule.schedule, nextFireAt, context.now)
  bus.rules[name] = { ...rest, ...(next !== undefined && { nextFireAt: next }) }
}

function scheduledEvent({ arn }: Rule, time: number, context: EventsContext): Envelope {
  const content = { source: 'aws.events', detailType: 'Scheduled Event', resources: [arn], detail: {}, time }
  return envelope(content, context)
}

/** The time after the one that was due, or after now if that has passed too. */
function fireAfter(expression: string, due: number, now: number): number | undefined {
  const next = compileSchedule(expression)
  const at = next?.(due)
  return at !== undefined && at <= now ? next?.(now) : at
}
