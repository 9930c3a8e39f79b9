/** Event rules: what they match or when they fire, and whether they do. */

import type * as client from '@aws-sdk/client-eventbridge'
import { InvalidEventPatternException } from '@aws-sdk/client-eventbridge'
import { arnOf } from '../arn.ts'
import { InvalidPattern } from '../event-pattern/invalid-pattern.ts'
import { flattenEvent, matchesPattern } from '../event-pattern/match.ts'
import { compilePattern, type Pattern } from '../event-pattern/pattern.ts'
import { parseRecord } from '../json.ts'
import { emptyRecord, type Scope } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { violation } from '../wire/violation.ts'
import { findBus } from './buses.ts'
import { invalid, limitExceeded, notFound } from './errors.ts'
import { requestedPage } from './page.ts'
import { compileSchedule } from './schedule-expression.ts'
import type { Bus, EventsOperationContext, Rule, RuleState } from './state.ts'

/** EventBridge quotas: rules on a bus. */
const MOST_RULES = 300
const NAME = /^[.\-_A-Za-z0-9]{1,64}$/
/** API Reference, PutRule: characters of an event pattern. */
const LONGEST_PATTERN = 4096
const STATES: readonly RuleState[] = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']

export const ruleOperations = {
  PutRule(input, context) {
    const {
      Name: name = '',
      EventPattern: pattern,
      ScheduleExpression: schedule,
      State: state = 'ENABLED',
    } = input
    if (!NAME.test(name))
      throw violation('name', name, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+')
    if (!STATES.includes(state))
      throw violation('state', state, `Member must satisfy enum value set: [${STATES.join(', ')}]`)
    const bus = findBus(input.EventBusName, context)
    requireTrigger(pattern, schedule, bus)
    const before = bus.rules[name]
    if (!before && Object.keys(bus.rules).length >= MOST_RULES) throw limitExceeded()
    // API Reference, PutRule: arguments that are left out are removed; targets stay, and tags only come with a new rule.
    bus.rules[name] = withNextFire(
      {
        name,
        arn: ruleArn(context, bus, name),
        busName: bus.name,
        state,
        targets: before?.targets ?? emptyRecord(),
        tags: before?.tags ?? input.Tags ?? [],
        ...(pattern && { pattern }),
        ...(schedule && { schedule }),
        ...(input.Description && { description: input.Description }),
        ...(input.RoleArn && { roleArn: input.RoleArn }),
      },
      context.now,
    )
    return { RuleArn: ruleArn(context, bus, name) }
  },

  DescribeRule({ Name, EventBusName }, context) {
    const { rule } = findRule(Name, EventBusName, context)
    return { ...describe(rule), CreatedBy: context.accountId }
  },

  ListRules({ NamePrefix = '', EventBusName, Limit, NextToken }, context) {
    const rules = Object.values(findBus(EventBusName, context).rules)
    const found = rules.filter(({ name }) => name.startsWith(NamePrefix))
    const { items, nextToken } = requestedPage(found, ({ name }) => name, { Limit, NextToken })
    return { Rules: items.map(describe), NextToken: nextToken }
  },

  EnableRule({ Name, EventBusName }, context) {
    const { bus, rule } = findRule(Name, EventBusName, context)
    bus.rules[rule.name] = withNextFire({ ...rule, state: 'ENABLED' }, context.now)
  },

  DisableRule({ Name, EventBusName }, context) {
    const { bus, rule } = findRule(Name, EventBusName, context)
    bus.rules[rule.name] = withNextFire({ ...rule, state: 'DISABLED' }, context.now)
  },

  DeleteRule({ Name = '', EventBusName }, context) {
    const bus = findBus(EventBusName, context)
    const rule = bus.rules[Name]
    if (rule && Object.keys(rule.targets).length) throw invalid("Rule can't be deleted since it has targets.")
    delete bus.rules[Name]
  },

  TestEventPattern({ EventPattern = '', Event = '' }) {
    const pattern = patternOf(EventPattern)
    return { Result: matchesPattern(pattern, flattenEvent(eventOf(Event))) }
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

/** A rule and its bus. Throws ResourceNotFoundException. */
export function findRule(
  name = '',
  busName: string | undefined,
  context: EventsOperationContext,
): { bus: Bus; rule: Rule } {
  const bus = findBus(busName, context)
  const rule = bus.rules[name]
  if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus.name}.`)
  return { bus, rule }
}

function requireTrigger(pattern: string | undefined, schedule: string | undefined, bus: Bus): void {
  if (!pattern && !schedule) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.')
  }
  if (pattern) patternOf(pattern)
  if (!schedule) return
  if (bus.name !== 'default') throw invalid('ScheduleExpression is supported only on the default event bus.')
  if (!compileSchedule(schedule)) throw invalid('Parameter ScheduleExpression is not valid.')
}

function patternOf(text: string): Pattern {
  if (text.length > LONGEST_PATTERN) {
    throw violation('eventPattern', text, `Member must have length less than or equal to ${LONGEST_PATTERN}`)
  }
  try {
    return compilePattern(text)
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error
    throw new InvalidEventPatternException({ message: error.message, $metadata: {} })
  }
}

/** API Reference, TestEventPattern: the fields that an event must have. */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

function eventOf(text: string): object {
  const event = parseRecord(text)
  if (!event) throw invalid('Parameter Event is not valid. Reason: Event is not a JSON object.')
  const missing = REQUIRED.find((name) => !(name in event))
  if (missing)
    throw invalid(`Parameter Event is not valid. Reason: Event is missing the required field ${missing}.`)
  return event
}

/** A schedule counts from when its rule was put or enabled; a disabled one does not fire. */
function withNextFire({ nextFireAt: _, ...rule }: Rule, now: number): Rule {
  const next = rule.schedule && rule.state !== 'DISABLED' ? compileSchedule(rule.schedule)?.(now) : undefined
  return { ...rule, ...(next !== undefined && { nextFireAt: next }) }
}

/** A rule of a custom bus has the bus in its ARN (Service Authorization Reference: Amazon EventBridge). */
const ruleArn = (scope: Scope, bus: Bus, name: string) =>
  arnOf('events', scope, bus.name === 'default' ? `rule/${name}` : `rule/${bus.name}/${name}`)

function describe({ name, arn, busName, pattern, schedule, state, description, roleArn }: Rule) {
  return {
    Name: name,
    Arn: arn,
    EventBusName: busName,
    State: state,
    ...(pattern && { EventPattern: pattern }),
    ...(schedule && { ScheduleExpression: schedule }),
    ...(description && { Description: description }),
    ...(roleArn && { RoleArn: roleArn }),
  }
}
