/** Small looks into the state, for those beside the service: the data plane, ECS's host side, metrics. */
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2'
import { describeHealth, notRegistered } from './health.ts'
import type { ElbState, ListenerRecord, LoadBalancerRecord, TargetGroupRecord } from './state.ts'

/** How many of a group's targets are in which state, as DescribeTargetHealth says it. */
export interface HealthCounts {
  readonly healthy: number
  readonly unhealthy: number
  readonly initial: number
  readonly draining: number
  readonly unused: number
}

export function countHealth(group: TargetGroupRecord): HealthCounts {
  const counts = { healthy: 0, unhealthy: 0, initial: 0, draining: 0, unused: 0 }
  for (const target of Object.values(group.targets)) {
    const state = describeHealth(target, group).State
    if (state !== undefined && Object.hasOwn(counts, state)) counts[state as keyof HealthCounts]++
  }
  return counts
}

/** The health of a target (`id:port`), as DescribeTargetHealth says it: `unused` where group or target are gone. */
export function healthOf(state: ElbState, targetGroupArn: string, key: string): TargetHealth {
  const group = state.targetGroups[targetGroupArn]
  const target = group?.targets[key]
  return group && target ? describeHealth(target, group) : notRegistered
}

/** The load balancer of that DNS name, whatever its case. */
export function loadBalancerByDnsName(state: ElbState, dnsName: string): LoadBalancerRecord | undefined {
  const wanted = dnsName.toLowerCase()
  return Object.values(state.loadBalancers).find((balancer) => balancer.dnsName === wanted)
}

/**
 * The listener that a request for a load balancer means which came by another port than a listener's: the one of
 * `port` if there is one, else that of port 80, else the lowest.
 */
export function listenerFor(
  state: ElbState,
  balancer: LoadBalancerRecord,
  port: number,
): ListenerRecord | undefined {
  const own = Object.values(state.listeners)
    .filter(({ loadBalancerArn }) => loadBalancerArn === balancer.arn)
    .sort((a, b) => a.port - b.port)
  const of = (wanted: number) => own.find((listener) => listener.port === wanted)
  return of(port) ?? of(80) ?? own[0]
}
