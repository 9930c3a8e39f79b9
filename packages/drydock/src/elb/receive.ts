/** Takes in what the host reports. What is said of targets and load balancers that are gone changes nothing. */
import { keyOf, slowStartShare } from './balance.ts'
import type { ElbReport } from './effects.ts'
import { healthAfter } from './health.ts'
import type { ElbContext, TargetGroupRecord, TargetRecord } from './state.ts'

export function receive(report: ElbReport, context: ElbContext): void {
  if (report.kind === 'target-answered') answered(report, context)
  else if (report.kind === 'listening') listening(report, context)
  else restart(context)
}

function answered(
  report: Extract<ElbReport, { kind: 'target-answered' }>,
  { state, now, ask }: ElbContext,
): void {
  const group = state.targetGroups[report.targetGroupArn]
  const target = group?.targets[report.target]
  if (!group || target?.registration !== report.registration || target.drainedAt !== undefined) return
  const { state: before } = target.health
  target.health = healthAfter(target.health, report.answer, group.healthCheck)
  if (target.health.state === 'unhealthy') delete target.slowSince
  if (target.health.state === 'healthy' && before !== 'healthy' && startsSlowly(group, target, now))
    target.slowSince = now
  if (target.health.state !== before)
    ask({ kind: 'target-changed', targetGroupArn: group.arn, target: report.target })
}

/** ALB User Guide, slow start: only where there is a healthy target that is warm already. */
function startsSlowly(group: TargetGroupRecord, target: TargetRecord, now: number): boolean {
  return Object.values(group.targets).some(
    (other) =>
      keyOf(other) !== keyOf(target) &&
      other.drainedAt === undefined &&
      other.health.state === 'healthy' &&
      slowStartShare(group, other, now) >= 1,
  )
}

function listening(report: Extract<ElbReport, { kind: 'listening' }>, { state }: ElbContext): void {
  const balancer = state.loadBalancers[report.loadBalancerArn]
  if (!balancer) return
  balancer.state = 'active'
  balancer.closedPorts = { ...report.closedPorts }
  if (report.address === undefined) delete balancer.address
  else balancer.address = report.address
}

/** Nothing listens any more, and answers that were awaited do not come: both are asked for again. */
function restart({ state, now, ask }: ElbContext): void {
  for (const arn of Object.keys(state.loadBalancers)) ask({ kind: 'listen', loadBalancerArn: arn })
  for (const group of Object.values(state.targetGroups))
    for (const target of Object.values(group.targets)) target.probeAt = now
}
