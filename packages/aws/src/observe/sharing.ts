/** How many others an alarm is about as much as the service it was found for. */
import { alarmNameOf, childrenOf } from '@capstan/core/alarm-rule.ts'
import type { AlarmKeys, TiedAlarm } from '@capstan/core/alarm-ties.ts'
import type { ListedAlarm } from './alarms.ts'
import type { LoadBalancers } from './load-balancers.ts'

type Tied = TiedAlarm<ListedAlarm>

/** The service that alarms were tied to. */
export interface SharingOf {
  readonly tied: readonly Tied[]
  /** Every alarm there is. */
  readonly listed: readonly ListedAlarm[]
  readonly keys: AlarmKeys
  /** ARNs of the load balancers in front of it. */
  readonly balancers: readonly string[]
}

/**
 * By name, for each of `alarms`: for one on a load balancer as a whole the other target groups behind it, and for a
 * composite one the alarms under it that are not about the service. Any other is about the service alone.
 */
export async function sharingOf(
  alarms: readonly Tied[],
  service: SharingOf,
  loadBalancers: LoadBalancers,
): Promise<ReadonlyMap<string, number>> {
  const isWhole = ({ ties }: Tied) => ties.every((tie) => tie === 'load-balancer')
  const whole = alarms.filter(isWhole)
  const behind = whole.length
    ? (await Promise.all(service.balancers.map((arn) => loadBalancers.groupsBehind(arn)))).flat()
    : []
  const others = behind.filter((group) => !service.keys.targetGroups.includes(group)).length
  const composites = alarms.filter(({ ties }) => ties.every((tie) => tie === 'child'))
  return new Map([
    ...whole.map(({ alarm }) => [alarm.name, others] as const),
    ...composites.map(({ alarm }) => [alarm.name, strangersUnder(alarm, service)] as const),
  ])
}

/** How many alarms that the composite's rule asks for are there, and not tied to the service. */
function strangersUnder({ rule = '' }: ListedAlarm, { listed, tied }: SharingOf): number {
  const own = new Set(tied.map(({ alarm }) => alarm.name))
  const there = new Set(listed.map(({ name }) => name))
  const wanted = (childrenOf(rule) ?? []).filter(({ negated }) => !negated)
  const names = new Set(wanted.map(({ alarm }) => alarmNameOf(alarm)))
  return [...names].filter((name) => there.has(name) && !own.has(name)).length
}
