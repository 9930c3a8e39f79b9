/** How the load balancer finds the tasks of a service's primary deployment: one count for each target group. */

import type { ObservedTargets } from '@capstan/core/health.ts'
import type { ElbApi } from '../clients.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { TargetDescription } from '../wire/services.ts'
import { noneIfGone } from './none-if-gone.ts'
import { type FoundService, targetGroupsOf } from './services.ts'
import type { Place, Tasks } from './tasks.ts'

/**
 * The targets of the service's target groups that are tasks of its primary deployment, by their health. Targets that
 * are leaving, or that no listener uses, count for nothing. A group that has been deleted has no targets.
 */
export async function observeTargets(
  elb: ElbApi,
  found: FoundService,
  tasks: Tasks,
): Promise<ObservedTargets[]> {
  const groups = targetGroupsOf(found)
  if (!groups.length) return []
  const described = await settleEach(groups, (group) => describeTargets(elb, group))
  const targets = valuesOf(described)
  const places = await tasks.placesOfPrimary(found)
  return groups.map((group, index) => countTargets(group, targets[index] ?? [], places))
}

/** The targets of a group with their health; none where the group is gone. */
export async function describeTargets(elb: ElbApi, TargetGroupArn: string): Promise<TargetDescription[]> {
  return noneIfGone(
    elb
      .call('DescribeTargetHealth', { TargetGroupArn })
      .then((answer) => answer.TargetHealthDescriptions ?? []),
  )
}

/** Counts the targets at `places`; all of them where `places` is undefined: then the primary deployment is alone. */
export function countTargets(
  targetGroup: string,
  targets: readonly TargetDescription[],
  places: readonly Place[] | undefined,
): ObservedTargets {
  const counted = places ? targets.filter((target) => places.some((place) => isAt(target, place))) : targets
  const inState = (state: string) => counted.filter(({ TargetHealth }) => TargetHealth?.State === state)
  const unhealthy = inState('unhealthy')
  return {
    targetGroup,
    healthy: inState('healthy').length,
    unhealthy: unhealthy.length,
    initial: inState('initial').length,
    reasons: [...new Set(unhealthy.map(reasonOf))],
  }
}

/** A task's own address, or a port that it has on the instance it runs on (which target that is, is not told apart). */
function isAt({ Target }: TargetDescription, { address, hostPorts }: Place): boolean {
  if (Target?.Id?.startsWith('i-')) return Target.Port !== undefined && hostPorts.includes(Target.Port)
  return address !== undefined && Target?.Id === address
}

/** `Target.ResponseCodeMismatch: Health checks failed with these codes: [500]` (API reference: TargetHealth). */
function reasonOf({ TargetHealth }: TargetDescription): string {
  return [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean).join(': ')
}
