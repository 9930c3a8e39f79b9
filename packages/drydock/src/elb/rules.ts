/** Listener rules: made, ordered, changed and deleted. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import { PriorityInUseException, TooManyRulesException } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Handlers } from '../wire/handlers.ts'
import { parseActions } from './actions.ts'
import { associate } from './associations.ts'
import { parseConditions } from './conditions.ts'
import { assertRange, notImplemented, notPermitted, ruleNotFound, validation } from './errors.ts'
import { findListener } from './listeners.ts'
import { findLoadBalancer } from './load-balancers.ts'
import { assertArn, ruleArn } from './names.ts'
import { page } from './pages.ts'
import type { ElbOperation, ElbState, ListenerRecord, RuleRecord } from './state.ts'
import { newTags } from './tags.ts'
import { showRule } from './views.ts'

/** ALB quotas: rules of a load balancer, not counting defaults. */
const MOST_RULES = 100
const LAST_PRIORITY = 50_000

export const ruleOperations = {
  CreateRule(input, context) {
    const { state } = context
    const listener = findListener(input.ListenerArn, state)
    const balancer = findLoadBalancer(listener.loadBalancerArn, state)
    if (balancer.type === 'network') throw notImplemented('Rules of network load balancers are')
    if (input.Transforms?.length) throw notImplemented('Transforms are')
    const priority = parsePriority(input.Priority)
    const conditions = parseConditions(input.Conditions ?? [])
    const actions = parseActions(input.Actions ?? [], balancer, state)
    const tags = newTags(input.Tags)
    if (rulesOf(listener, state).some((rule) => rule.priority === priority)) throw priorityInUse(priority)
    assertRoom(listener, state)
    const rule: RuleRecord = {
      arn: ruleArn(listener, context.newId(16)),
      listenerArn: listener.arn,
      priority,
      conditions,
      actions,
    }
    state.rules[rule.arn] = rule
    state.tags[rule.arn] = tags
    listener.ruleArns.push(rule.arn)
    order(listener, state)
    associate(context)
    return { Rules: [showRule(rule)] }
  },

  DescribeRules(input, { state }) {
    const { ListenerArn: listenerArn, RuleArns: arns = [] } = input
    if ((listenerArn !== undefined) === arns.length > 0)
      throw validation('You must specify either listener rule ARNs or a listener ARN')
    const found =
      listenerArn === undefined
        ? arns.map((arn) => findRule(arn, state))
        : rulesOf(findListener(listenerArn, state), state)
    const { items, ...more } = page(found, ({ arn }) => arn, input)
    return { Rules: items.map(showRule), ...more }
  },

  ModifyRule({ RuleArn, Conditions, Actions, Transforms }, context) {
    const { state } = context
    const rule = findRule(RuleArn, state)
    if (Transforms?.length) throw notImplemented('Transforms are')
    if (rule.priority === undefined && Conditions)
      throw notPermitted(`Default rule '${rule.arn}' cannot have conditions`)
    const balancer = findLoadBalancer(findListener(rule.listenerArn, state).loadBalancerArn, state)
    const conditions = Conditions && parseConditions(Conditions)
    const actions = Actions && parseActions(Actions, balancer, state)
    if (conditions) rule.conditions = conditions
    if (actions) rule.actions = actions
    associate(context)
    return { Rules: [showRule(rule)] }
  },

  DeleteRule({ RuleArn }, context) {
    const { state } = context
    const rule = findRule(RuleArn, state)
    if (rule.priority === undefined) throw notPermitted(`Default rule '${rule.arn}' cannot be deleted`)
    const listener = findListener(rule.listenerArn, state)
    listener.ruleArns = listener.ruleArns.filter((arn) => arn !== rule.arn)
    delete state.rules[rule.arn]
    delete state.tags[rule.arn]
    associate(context)
    return {}
  },

  SetRulePriorities({ RulePriorities = [] }, { state }) {
    const wanted = RulePriorities.map(({ RuleArn, Priority }) => {
      const rule = findRule(RuleArn, state)
      if (rule.priority === undefined)
        throw notPermitted(`The priority of default rule '${rule.arn}' cannot be changed`)
      return { rule, priority: parsePriority(Priority) }
    })
    if (!wanted.length) throw validation('At least one rule priority must be specified')
    assertDistinct(wanted, state)
    for (const { rule, priority } of wanted) rule.priority = priority
    const listeners = new Set(wanted.map(({ rule }) => findListener(rule.listenerArn, state)))
    for (const listener of listeners) order(listener, state)
    return { Rules: wanted.map(({ rule }) => showRule(rule)) }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

/** The rules of a listener in the order of evaluation. */
export function rulesOf({ ruleArns }: Pick<ListenerRecord, 'ruleArns'>, { rules }: ElbState): RuleRecord[] {
  // A loop, because every request through a load balancer comes by.
  const found: RuleRecord[] = []
  for (const arn of ruleArns) {
    const rule = rules[arn]
    if (rule) found.push(rule)
  }
  return found
}

function findRule(arn: string | undefined, state: ElbState): RuleRecord {
  const rule = state.rules[arn ?? '']
  if (rule) return rule
  assertArn('rule', arn)
  throw ruleNotFound()
}

function parsePriority(priority: number | undefined): number {
  if (priority === undefined) throw validation('A rule priority must be specified')
  assertRange('Rule priority', priority, 1, LAST_PRIORITY)
  return priority
}

const priorityInUse = (priority: number) =>
  new PriorityInUseException({ message: `Priority '${priority}' is currently in use`, $metadata: {} })

function assertRoom({ loadBalancerArn }: ListenerRecord, state: ElbState): void {
  const own = Object.values(state.rules).filter(
    ({ listenerArn, priority }) =>
      priority !== undefined && state.listeners[listenerArn]?.loadBalancerArn === loadBalancerArn,
  )
  if (own.length < MOST_RULES) return
  throw new TooManyRulesException({ message: "You've reached the limit on rules", $metadata: {} })
}

/** After the change no two rules of a listener may have the same priority; those changed may trade theirs. */
function assertDistinct(
  wanted: readonly { readonly rule: RuleRecord; readonly priority: number }[],
  state: ElbState,
): void {
  const after = new Map(wanted.map(({ rule, priority }) => [rule.arn, priority]))
  if (after.size < wanted.length) throw validation('A rule was specified more than once')
  for (const { rule, priority } of wanted) {
    const others = rulesOf(findListener(rule.listenerArn, state), state).filter((each) => each !== rule)
    if (others.some((each) => (after.get(each.arn) ?? each.priority) === priority))
      throw priorityInUse(priority)
  }
}

function order(listener: ListenerRecord, state: ElbState): void {
  const last = Number.POSITIVE_INFINITY
  listener.ruleArns = rulesOf(listener, state)
    .sort((a, b) => (a.priority ?? last) - (b.priority ?? last))
    .map(({ arn }) => arn)
}
