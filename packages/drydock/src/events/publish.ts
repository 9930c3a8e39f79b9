/** An event on a bus: matched with every rule, and one delivery queued for each target of those that match. */
import { flattenEvent, matchesPattern } from '../event-pattern/match.ts'
import { compilePattern, type Pattern } from '../event-pattern/pattern.ts'
import type { Delivery, Envelope, EventsContext, Rule } from './state.ts'
import { targetInput } from './target-input.ts'

/** Rules are replaced, never changed, so what was compiled for one stays right for as long as it lives. */
const compiled = new WeakMap<Rule, Pattern>()

/**
 * Puts the event on a bus, `isForwarded` where it comes from another one. On a bus that does not exist it is lost, as
 * EventBridge loses it.
 */
export function publish(busName: string, event: Envelope, context: EventsContext, isForwarded = false): void {
  const rules = Object.values(context.state.buses[busName]?.rules ?? {})
  const candidates = rules.filter((rule) => rule.state !== 'DISABLED' && rule.pattern !== undefined)
  if (!candidates.length) return
  const flat = flattenEvent(event)
  for (const rule of candidates)
    if (matchesPattern(patternOf(rule), flat)) queueDeliveries(rule, event, context, isForwarded)
}

/** One delivery for each of the rule's targets, due at once. */
export function queueDeliveries(
  rule: Rule,
  event: Envelope,
  context: EventsContext,
  isForwarded = false,
): void {
  const { now, state, newUuid } = context
  for (const target of Object.values(rule.targets)) {
    const delivery: Delivery = {
      id: newUuid(),
      ruleArn: rule.arn,
      target,
      event: JSON.stringify(event),
      input: targetInput(target, event, rule, now),
      acceptedAt: now,
      attempts: 0,
      at: now,
      ...(isForwarded && { isForwarded }),
    }
    state.deliveries[delivery.id] = delivery
  }
}

function patternOf(rule: Rule): Pattern {
  const pattern = compiled.get(rule) ?? compilePattern(rule.pattern ?? '{}')
  compiled.set(rule, pattern)
  return pattern
}
