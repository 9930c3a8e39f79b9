/** What is in front of target groups, and what else is behind it, by the names that CloudWatch's dimensions use. */
import {
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { dimensionOf } from '@capstan/core/alarm-ties.ts'
import { insteadIfGone } from './none-if-gone.ts'

export interface LoadBalancers {
  /** The ARN of the load balancer before the group; none while no listener forwards to it, or where it is gone. */
  inFrontOf(targetGroupArn: string): Promise<string | undefined>
  /** The target groups behind a load balancer: `targetgroup/web/0123456789abcdef`. */
  groupsBehind(loadBalancerArn: string): Promise<readonly string[]>
}

/** Load balancers as `elb` tells of them; a target group serves one, and once it does it is remembered. */
export function loadBalancersOf(elb: ElasticLoadBalancingV2Client): LoadBalancers {
  const known = new Map<string, string>()
  return {
    async inFrontOf(arn) {
      const found = known.get(arn) ?? (await describe(elb, arn))
      if (found !== undefined) known.set(arn, found)
      return found
    },
    async groupsBehind(LoadBalancerArn) {
      const groups: string[] = []
      const pages = paginateDescribeTargetGroups({ client: elb, pageSize: 400 }, { LoadBalancerArn })
      for await (const { TargetGroups = [] } of pages)
        groups.push(...TargetGroups.flatMap(({ TargetGroupArn = '' }) => dimensionOf(TargetGroupArn) ?? []))
      return groups
    },
  }
}

async function describe(elb: ElasticLoadBalancingV2Client, arn: string): Promise<string | undefined> {
  const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })
  const answer = await insteadIfGone(elb.send(command), undefined)
  return answer?.TargetGroups?.[0]?.LoadBalancerArns?.[0]
}
