/** Takes in events of this account's services, and what came of deliveries. */

import type { EventsReport } from './effects.ts'
import { envelope } from './envelope.ts'
import { publish } from './publish.ts'
import { putAnswer } from './put-events.ts'
import { nextRetry } from './retry.ts'
import type { Delivery, EventsContext, ExhaustedCondition, Outcomes } from './state.ts'

/** Takes in one report. */
export function receive(report: EventsReport, context: EventsContext): void {
  if (report.kind === 'event') publish('default', envelope(report.event, context), context)
  else if (report.kind === 'forwarded') publish(report.busName, report.event, context, true)
  else if (report.kind === 'put') publish(report.busName, report.event, context)
  else if (report.kind === 'put-answered')
    context.settle(report.request, { value: putAnswer(report.results) })
  else if (report.kind === 'host-restarted') restart(context)
  else {
    const delivery = context.state.underWay[report.delivery]
    if (!delivery) return
    delete context.state.underWay[delivery.id]
    receiveOutcome(delivery, report, context)
  }
}

/** Attempts that were under way are made again: at least once. */
function restart({ state }: EventsContext): void {
  Object.assign(state.deliveries, state.underWay)
  state.underWay = {}
}

type Outcome = Extract<EventsReport, { delivery: string }>

function receiveOutcome(delivery: Delivery, report: Outcome, context: EventsContext): void {
  if (report.kind === 'delivered') finish(delivery, 'delivered', context)
  else if (report.kind === 'dead-lettered') finish(delivery, 'deadLettered', context)
  else if (report.kind === 'dead-letter-failed') finish(delivery, 'dropped', context)
  else fail(delivery, report, context)
}

/** What retrying cannot help is given up at once: EventBridge User Guide, "Retry policy and dead-letter queues". */
function fail(
  delivery: Delivery,
  { code, message, retry }: Extract<Outcome, { kind: 'delivery-failed' }>,
  context: EventsContext,
): void {
  const failed = { ...delivery, error: { code, message } }
  const next = retry ? nextRetry(failed, context.now, jitterOf(context)) : undefined
  if (next && 'at' in next) context.state.deliveries[delivery.id] = { ...failed, at: next.at }
  else giveUp(failed, next?.exhausted, context)
}

/** From 0 to 1, out of an id: the same for the same seed. */
const jitterOf = ({ newId }: EventsContext) => Number.parseInt(newId(4), 16) / 0xffff

function giveUp(delivery: Delivery, condition: ExhaustedCondition | undefined, context: EventsContext): void {
  const givenUp = condition ? { condition } : {}
  if (!delivery.target.DeadLetterConfig?.Arn) finish(delivery, 'dropped', context)
  else context.state.deliveries[delivery.id] = { ...delivery, givenUp, at: context.now }
}

function finish({ ruleArn }: Delivery, outcome: keyof Outcomes, { state }: EventsContext): void {
  const before = state.outcomes[ruleArn] ?? { delivered: 0, deadLettered: 0, dropped: 0 }
  state.outcomes[ruleArn] = { ...before, [outcome]: before[outcome] + 1 }
}
