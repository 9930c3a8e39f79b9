/** Puts what was counted into CloudWatch, as load balancers do (ALB and NLB User Guides, CloudWatch metrics). */
import type { PublishedMetric } from '../../cloudwatch/receive.ts'
import { countHealth } from '../../elb/readers.ts'
import type { ElbState, LoadBalancerRecord, TargetGroupRecord } from '../../elb/state.ts'
import type { Engine } from '../../engine.ts'
import type { Scope } from '../../service.ts'
import type { TrafficCounts } from './metrics.ts'

/** Publishes a stretch of time that began at `at`. CloudWatch is loaded only if there is anything to say. */
export async function publish(
  engine: Engine,
  scope: Scope,
  counts: readonly TrafficCounts[],
  at: number,
): Promise<void> {
  const state = engine.state('elb', scope)
  const hosts = hostMetrics(state, at)
  const byNamespace = {
    'AWS/ApplicationELB': [...hosts.application, ...trafficMetrics(state, counts, at)],
    'AWS/NetworkELB': hosts.network,
  }
  for (const [namespace, metrics] of Object.entries(byNamespace)) {
    if (!metrics.length) continue
    await engine.load('cloudwatch')
    engine.report('cloudwatch', scope, { kind: 'metrics', namespace, metrics })
  }
}

/** HealthyHostCount and UnHealthyHostCount, by the type of the load balancer, where there are targets. */
function hostMetrics(
  { targetGroups, loadBalancers }: ElbState,
  at: number,
): Record<LoadBalancerRecord['type'], PublishedMetric[]> {
  const metrics = { application: [] as PublishedMetric[], network: [] as PublishedMetric[] }
  for (const group of Object.values(targetGroups)) {
    if (!Object.keys(group.targets).length) continue
    const { healthy, unhealthy } = countHealth(group)
    for (const arn of group.loadBalancerArns) {
      const { type } = loadBalancers[arn] ?? {}
      const common = { dimensions: dimensionsOf(arn, group.arn), at, unit: 'Count' }
      if (!type) continue
      metrics[type].push({ name: 'HealthyHostCount', ...common, samples: [{ value: healthy }] })
      metrics[type].push({ name: 'UnHealthyHostCount', ...common, samples: [{ value: unhealthy }] })
    }
  }
  return metrics
}

/**
 * What went through application load balancers: for each of them, and for each of its target groups. What was not
 * counted is not said, as AWS does not say it; a count's samples are ones, so that their sum and number are the count.
 */
function trafficMetrics(
  { targetGroups }: ElbState,
  counts: readonly TrafficCounts[],
  at: number,
): PublishedMetric[] {
  const byBalancer = Map.groupBy(counts, ({ loadBalancerArn }) => loadBalancerArn)
  return [...byBalancer].flatMap(([arn, ofBalancer]) => [
    ...metricsOf(ofBalancer, dimensionsOf(arn), at),
    ...ofBalancer.flatMap((each) => {
      if (each.targetGroupArn === undefined) return []
      const dimensions = dimensionsOf(arn, each.targetGroupArn)
      const ofGroup = metricsOf([each], dimensions, at).filter(
        ({ name }) => !name.startsWith('HTTPCode_ELB_'),
      )
      return [...ofGroup, ...perTarget(each, targetGroups[each.targetGroupArn], dimensions, at)]
    }),
  ])
}

type Dimensions = PublishedMetric['dimensions']

function metricsOf(counts: readonly TrafficCounts[], dimensions: Dimensions, at: number): PublishedMetric[] {
  const totals: Record<string, number> = {}
  const add = (name: string, count: number) => {
    totals[name] = (totals[name] ?? 0) + count
  }
  for (const { requestCount, codes } of counts) {
    add('RequestCount', requestCount)
    for (const [name, count] of Object.entries(codes)) add(name, count)
  }
  const times = counts.flatMap(({ responseTimes }) =>
    [...responseTimes].map(([value, count]) => ({ value, count })),
  )
  return [
    ...Object.entries(totals).flatMap(([name, count]) =>
      count ? [{ name, dimensions, at, unit: 'Count', samples: [{ value: 1, count }] }] : [],
    ),
    ...(times.length
      ? [{ name: 'TargetResponseTime', dimensions, at, unit: 'Seconds', samples: times }]
      : []),
  ]
}

/** Requests by healthy target; by target where none is healthy. */
function perTarget(
  { requestCount }: TrafficCounts,
  group: TargetGroupRecord | undefined,
  dimensions: Dimensions,
  at: number,
): PublishedMetric[] {
  if (!group || !requestCount) return []
  const targets = countHealth(group).healthy || Object.keys(group.targets).length
  const { TargetGroup = '' } = dimensions
  const samples = [{ value: requestCount / Math.max(targets, 1) }]
  const common = { name: 'RequestCountPerTarget', at, unit: 'Count', samples }
  return [
    { ...common, dimensions },
    { ...common, dimensions: { TargetGroup } },
  ]
}

/** `app/name/id` and `targetgroup/name/id`: the ends of the ARNs. */
function dimensionsOf(loadBalancerArn: string, targetGroupArn?: string): Dimensions {
  const LoadBalancer = loadBalancerArn.slice(loadBalancerArn.indexOf(':loadbalancer/') + 14)
  if (targetGroupArn === undefined) return { LoadBalancer }
  return { TargetGroup: targetGroupArn.slice(targetGroupArn.lastIndexOf(':') + 1), LoadBalancer }
}
