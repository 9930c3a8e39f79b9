/** Listeners and rules as ECS changes them: through Elastic Load Balancing's own operations. */
import type {
  Action,
  DescribeListenersOutput,
  DescribeRulesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { ShiftEffect } from '../ecs/effects.ts'
import type { ListenerShift } from '../ecs/traffic.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { Performers } from './effects.ts'
import { answerOf } from './queues.ts'

type TrafficEffect = Extract<ShiftEffect, { kind: 'inspect-traffic' | 'shift-traffic' }>

/** The performers of what a deployment asks of listeners. */
export const trafficPerformers: Performers<TrafficEffect> = {
  async 'inspect-traffic'({ kind: _, arns, ...question }, scope, engine) {
    const found = await Promise.all(
      arns.map(async (arn) => [arn, await actionsOf(arn, scope, engine)] as const),
    )
    const sights = found.flatMap(([arn, actions]) => (actions ? [[arn, weightsOf(actions)] as const] : []))
    engine.report('ecs', scope, {
      kind: 'traffic-inspected',
      ...question,
      sights: Object.fromEntries(sights),
    })
  },

  async 'shift-traffic'({ kind: _, shifts, ...question }, scope, engine) {
    const problem = await problemOf(shifts, scope, engine)
    engine.report('ecs', scope, {
      kind: 'traffic-shifted',
      ...question,
      ...(problem !== undefined && { problem }),
    })
  },
}

const isRule = (arn: string) => arn.includes(':listener-rule/')

/** The actions of a rule, or of a listener's default; undefined if it is gone. */
async function actionsOf(arn: string, scope: Scope, engine: Engine): Promise<Action[] | undefined> {
  try {
    if (!isRule(arn)) {
      const input = { ListenerArns: [arn] }
      const found = (await engine.call('elb', scope, 'DescribeListeners', input)) as DescribeListenersOutput
      return found.Listeners?.[0]?.DefaultActions
    }
    const found = (await engine.call('elb', scope, 'DescribeRules', {
      RuleArns: [arn],
    })) as DescribeRulesOutput
    return found.Rules?.[0]?.Actions
  } catch (error) {
    if (!answerOf(error)) throw error
    return undefined
  }
}

function weightsOf(actions: readonly Action[]): Record<string, number> {
  const groups = actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? [])
  return Object.fromEntries(groups.map(({ TargetGroupArn: arn = '', Weight: weight = 1 }) => [arn, weight]))
}

/** Changes what can be changed; returns why something could not. */
async function problemOf(
  shifts: readonly ListenerShift[],
  scope: Scope,
  engine: Engine,
): Promise<string | undefined> {
  for (const shift of shifts) {
    const actions = await actionsOf(shift.arn, scope, engine)
    if (!actions) return 'One or more rules not found.'
    try {
      const changed = actions.map((action) => reweighted(action, shift))
      if (isRule(shift.arn))
        await engine.call('elb', scope, 'ModifyRule', { RuleArn: shift.arn, Actions: changed })
      else
        await engine.call('elb', scope, 'ModifyListener', { ListenerArn: shift.arn, DefaultActions: changed })
    } catch (error) {
      const known = answerOf(error)
      if (!known) throw error
      return known.message
    }
  }
  return undefined
}

/** A forward action with other weights; its stickiness stays. */
function reweighted(action: Action, { weights }: ListenerShift): Action {
  if (action.Type !== 'forward') return action
  const { TargetGroupArn: _, ...rest } = action
  const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }))
  return { ...rest, ForwardConfig: { ...action.ForwardConfig, TargetGroups } }
}
