/** Which load balancers use which target groups: those whose rules forward to them. */
import { newHealth } from './health.ts'
import type { ElbContext, ElbState, RuleRecord } from './state.ts'

/** Brings the groups' load balancers up to date with the rules. A group that comes into use is checked from anew. */
export function associate({ state, now, ask }: ElbContext): void {
  const users = usersOf(state)
  for (const group of Object.values(state.targetGroups)) {
    const wasUsed = group.loadBalancerArns.length > 0
    group.loadBalancerArns = [...(users.get(group.arn) ?? [])]
    const isUsed = group.loadBalancerArns.length > 0
    if (wasUsed === isUsed) continue
    for (const [key, target] of Object.entries(group.targets)) {
      if (isUsed) {
        target.health = newHealth
        target.probeAt = now
      }
      ask({ kind: 'target-changed', targetGroupArn: group.arn, target: key })
    }
  }
}

function usersOf(state: ElbState): Map<string, Set<string>> {
  const users = new Map<string, Set<string>>()
  for (const rule of Object.values(state.rules)) {
    const balancer = state.listeners[rule.listenerArn]?.loadBalancerArn
    if (balancer === undefined) continue
    for (const arn of groupsOf(rule)) users.set(arn, (users.get(arn) ?? new Set()).add(balancer))
  }
  return users
}

/** The target groups that a rule forwards to. */
function groupsOf({ actions }: Pick<RuleRecord, 'actions'>): string[] {
  return actions.flatMap(({ ForwardConfig: config }) =>
    (config?.TargetGroups ?? []).flatMap(({ TargetGroupArn: arn }) => arn ?? []),
  )
}
