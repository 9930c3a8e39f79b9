/** Which alarms Capstan is to own, for all that was seen: those of services whose guard is `auto`. */
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import { dimensionOf } from '@capstan/core/alarm-ties.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView } from '@capstan/core/view.ts'
import type { LoadBalancers } from '../observe/load-balancers.ts'
import type { Observation } from '../observe/observe.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { WantedAlarms } from './own-alarms.ts'
import { alarmsFor, type Balanced } from './recommended-alarms.ts'

/** What is wanted, by what load balancers are in front of the services' target groups. */
export async function wantedAlarms(
  observations: readonly Observation[],
  loadBalancers: LoadBalancers,
): Promise<WantedAlarms> {
  const alarms: PutMetricAlarmCommandInput[] = []
  const seen = observations.filter((each) => each.kind === 'seen')
  for (const { targetGroups, view } of seen.filter(({ view }) => isAutomatic(view))) {
    const balanced = await settleEach(targetGroups, (arn) => balancedBy(arn, loadBalancers))
    alarms.push(...alarmsFor(view.service, valuesOf(balanced).flat(), view.settings.guard.periodMs))
  }
  const failed = observations.filter((each) => each.kind === 'failed')
  return { alarms, unseen: failed.map(({ service }) => nameOf(service)) }
}

const isAutomatic = ({ settings }: DeliveryView): boolean =>
  settings.enrolled && settings.problems.length === 0 && settings.guard.mode === 'auto'

/** The target group with the application load balancer in front of it, if there is one. */
async function balancedBy(arn: string, loadBalancers: LoadBalancers): Promise<Balanced[]> {
  const targetGroup = dimensionOf(arn)
  const loadBalancer = dimensionOf((await loadBalancers.inFrontOf(arn)) ?? '')
  return targetGroup && loadBalancer?.startsWith('app/') ? [{ targetGroup, loadBalancer }] : []
}
