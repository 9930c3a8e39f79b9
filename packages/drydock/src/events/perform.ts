/** Does what `schedule` says is due: attempts deliveries, fires rules. */
import { envelope } from './envelope.ts'
import { queueDeliveries } from './publish.ts'
import type { EventsAction } from './schedule.ts'
import { compileSchedule } from './schedule-expression.ts'
import type { Delivery, EventsContext } from './state.ts'

export function perform(action: EventsAction, context: EventsContext): void {
  if (action.kind === 'fire-rule') fire(action.busName, action.rule, context)
  else attempt(action.delivery, context)
}

function attempt(id: string, context: EventsContext): void {
  const delivery = context.state.deliveries[id]
  if (!delivery) return
  const attempts = delivery.attempts + (delivery.givenUp ? 0 : 1)
  context.state.deliveries[id] = { ...delivery, attempts, underWay: true }
  if (delivery.givenUp) askDeadLetter(delivery, context)
  else askDelivery(delivery, context)
}

function askDelivery({ id, target, input }: Delivery, context: EventsContext): void {
  const group = target.SqsParameters?.MessageGroupId
  context.ask({
    kind: 'deliver-event',
    delivery: id,
    targetArn: target.Arn ?? '',
    input,
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

/** A scheduled event goes to the rule's own targets; times that passed while the engine was not running are skipped. */
function fire(busName: string, name: string, context: EventsContext): void {
  const bus = context.state.buses[busName]
  const rule = bus?.rules[name]
  if (!bus || !rule?.schedule || rule.nextFireAt === undefined) return
  const { nextFireAt, ...rest } = rule
  const event = envelope(
    {
      source: 'aws.events',
      detailType: 'Scheduled Event',
      resources: [rule.arn],
      detail: {},
      time: nextFireAt,
    },
    context,
  )
  queueDeliveries(rule, event, context)
  const next = compileSchedule(rule.schedule)
  let at = next?.(nextFireAt)
  if (at !== undefined && at <= context.now) at = next?.(context.now)
  bus.rules[name] = { ...rest, ...(at !== undefined && { nextFireAt: at }) }
}
