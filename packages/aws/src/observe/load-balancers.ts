/** What is in front of target groups, and what else is behind it, by the names that CloudWatch's dimensions use. */

import { dimensionOf } from '@capstan/core/alarm-ties.ts'
import type { ElbApi } from '../clients.ts'
import { pagesOf } from '../wire/pages.ts'
import { insteadIfGone } from './none-if-gone.ts'

export interface LoadBalancers {
  /** The ARN of the load balancer before the group; none while no listener forwards to it, or where it is gone. */
  inFrontOf(targetGroupArn: string): Promise<string | undefined>
  /** The target groups behind a load balancer: `targetgroup/web/0123456789abcdef`. */
  groupsBehind(loadBalancerArn: string): Promise<readonly string[]>
}

/** Load balancers as `elb` tells of them; a target group serves one, and once it does it is remembered. */
export function loadBalancersOf(elb: ElbApi): LoadBalancers {
  const known = new Map<string, string>()
  return {
    async inFrontOf(arn) {
      const found = known.get(arn) ?? (await describe(elb, arn))
      if (found !== undefined) known.set(arn, found)
      return found
    },
    async groupsBehind(LoadBalancerArn) {
      const groups: string[] = []
      const pages = pagesOf(
        (Marker) => elb.call('DescribeTargetGroups', { LoadBalancerArn, PageSize: 400, Marker }),
        (page) => page.NextMarker,
      )
      for await (const { TargetGroups = [] } of pages)
        groups.push(...TargetGroups.flatMap(({ TargetGroupArn = '' }) => dimensionOf(TargetGroupArn) ?? []))
      return groups
    },
  }
}

async function describe(elb: ElbApi, arn: string): Promise<string | undefined> {
  const answer = await insteadIfGone(elb.call('DescribeTargetGroups', { TargetGroupArns: [arn] }), undefined)
  return answer?.TargetGroups?.[0]?.LoadBalancerArns?.[0]
}
