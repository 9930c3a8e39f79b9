/** What happens by itself: targets are checked, and those that were drained go. */
import { keyOf } from './balance.ts'
import type { ElbState, TargetGroupRecord } from './state.ts'

export type ElbAction =
  | { readonly kind: 'probe'; readonly at: number; readonly targetGroupArn: string; readonly target: string }
  | { readonly kind: 'remove'; readonly at: number; readonly targetGroupArn: string; readonly target: string }
  /** A stretch of the metrics is over. */
  | { readonly kind: 'publish'; readonly at: number }

/** Pure. Targets are checked while a load balancer uses their group, and not while they are draining. */
export function schedule(state: ElbState): ElbAction[] {
  const hasAny = Object.keys(state.loadBalancers).length > 0
  return [
    ...Object.values(state.targetGroups).flatMap(actionsOf),
    ...(hasAny ? [{ kind: 'publish' as const, at: state.publishAt ?? 0 }] : []),
  ]
}

function actionsOf(group: TargetGroupRecord): ElbAction[] {
  const isUsed = group.loadBalancerArns.length > 0
  return Object.values(group.targets).flatMap((target): ElbAction[] => {
    const common = { targetGroupArn: group.arn, target: keyOf(target) }
    if (target.drainedAt !== undefined) return [{ kind: 'remove', at: target.drainedAt, ...common }]
    return isUsed ? [{ kind: 'probe', at: target.probeAt, ...common }] : []
  })
}
