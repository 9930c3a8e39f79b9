/**
 * The alarms that Capstan recommends for a service behind an application load balancer, as PutMetricAlarm takes them.
 * Metrics and dimensions: Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer".
 */
import { createHash } from 'node:crypto'
import type { MetricAlarm, MetricDataQuery, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import { SERVICE_TAG } from '@capstan/core/alarm-ties.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey } from '@capstan/core/view.ts'

/** A target group of the service with the load balancer in front of it, as CloudWatch's dimensions name them. */
export interface Balanced {
  /** `targetgroup/web/0123456789abcdef` */
  readonly targetGroup: string
  /** `app/front/0123456789abcdef` */
  readonly loadBalancer: string
}

/** All names of alarms that Capstan makes begin so. */
export const OWN_PREFIX = 'capstan-'
/** What tells Capstan's alarms from those of others. */
export const OWNER_TAG = 'capstan:owner'

/** In percent of the requests. */
const MOST_5XX = 5
/** In percent of the targets. */
const MOST_UNHEALTHY = 50
/** In seconds, for the slowest request of a hundred. */
const MOST_LATENCY = 3
/** One bad minute may be anything; ECS's own deployment alarms are recommended with two as well. */
const PERIODS = 2
/** CloudWatch's limit (API reference: PutMetricAlarm). */
const LONGEST_NAME = 255

/**
 * The alarms of one service: three for each target group, those of the second and further groups numbered. `periodMs`
 * is the length of a period; AWS measures load balancers each minute, so a shorter one is of use on Drydock alone.
 */
export function alarmsFor(
  service: ServiceKey,
  balanced: readonly Balanced[],
  periodMs: number,
): PutMetricAlarmCommandInput[] {
  const groups = balanced.toSorted((a, b) => (a.targetGroup < b.targetGroup ? -1 : 1))
  return groups.flatMap((group, index) => {
    const end = index === 0 ? '' : `-${index + 1}`
    const seconds = Math.max(1, Math.round(periodMs / 1000))
    return [
      { ...errorShare(group, seconds), AlarmName: nameFor(service, `5xx${end}`) },
      { ...unhealthyShare(group, seconds), AlarmName: nameFor(service, `unhealthy${end}`) },
      { ...latency(group, seconds), AlarmName: nameFor(service, `latency${end}`) },
    ].map((alarm) => ({ ...alarm, ...commonTo(service) }))
  })
}

function commonTo(service: ServiceKey) {
  return {
    EvaluationPeriods: PERIODS,
    DatapointsToAlarm: PERIODS,
    ComparisonOperator: 'GreaterThanThreshold' as const,
    // No requests, no errors: silence is told from trouble by the targets' health.
    TreatMissingData: 'notBreaching',
    ActionsEnabled: true,
    Tags: [
      { Key: OWNER_TAG, Value: 'capstan' },
      { Key: SERVICE_TAG, Value: nameOf(service) },
    ],
  }
}

function errorShare(group: Balanced, period: number) {
  return {
    AlarmDescription: `More than ${MOST_5XX} % of the requests are answered 5xx. Made by Capstan.`,
    Threshold: MOST_5XX,
    Metrics: [
      { Id: 'share', Expression: '100 * FILL(errors, 0) / requests', Label: '5xx in %', ReturnData: true },
      metric('errors', 'HTTPCode_Target_5XX_Count', 'Sum', group, period),
      metric('requests', 'RequestCount', 'Sum', group, period),
    ],
  }
}

function unhealthyShare(group: Balanced, period: number) {
  return {
    AlarmDescription: `More than ${MOST_UNHEALTHY} % of the targets are unhealthy. Made by Capstan.`,
    Threshold: MOST_UNHEALTHY,
    Metrics: [
      {
        Id: 'share',
        Expression: '100 * unhealthy / (unhealthy + healthy)',
        Label: 'Unhealthy in %',
        ReturnData: true,
      },
      metric('unhealthy', 'UnHealthyHostCount', 'Maximum', group, period),
      metric('healthy', 'HealthyHostCount', 'Minimum', group, period),
    ],
  }
}

function latency(group: Balanced, period: number) {
  return {
    AlarmDescription: `The slowest of a hundred requests takes more than ${MOST_LATENCY} s. Made by Capstan.`,
    Threshold: MOST_LATENCY,
    Metrics: [{ ...metric('latency', 'TargetResponseTime', 'p99', group, period), ReturnData: true }],
  }
}

function metric(
  Id: string,
  MetricName: string,
  Stat: string,
  { loadBalancer, targetGroup }: Balanced,
  Period: number,
): MetricDataQuery {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: loadBalancer },
    { Name: 'TargetGroup', Value: targetGroup },
  ]
  const Metric = { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }
  return { Id, MetricStat: { Metric, Period, Stat }, ReturnData: false }
}

/** `capstan-<cluster>-<service>-5xx`; what would be too long is cut, and told apart by a digest. */
function nameFor({ cluster, service }: ServiceKey, what: string): string {
  const name = `${OWN_PREFIX}${cluster}-${service}-${what}`
  if (name.length <= LONGEST_NAME) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return `${name.slice(0, LONGEST_NAME - what.length - digest.length - 2)}-${digest}-${what}`
}

/** Whether the alarm is as it should be, in all that Capstan sets; tags are not shown with it. */
export function isAsWanted(alarm: MetricAlarm, wanted: PutMetricAlarmCommandInput): boolean {
  return JSON.stringify(settingsOf(alarm)) === JSON.stringify(settingsOf(wanted))
}

function settingsOf(alarm: MetricAlarm | PutMetricAlarmCommandInput) {
  const { Metrics = [] } = alarm
  return [
    alarm.AlarmDescription,
    alarm.Threshold,
    alarm.EvaluationPeriods,
    alarm.DatapointsToAlarm,
    alarm.ComparisonOperator,
    alarm.TreatMissingData,
    Metrics.map(queryOf).sort(),
  ]
}

function queryOf({ Id, Expression, Label, MetricStat, ReturnData }: MetricDataQuery): string {
  const { Metric, Period, Stat } = MetricStat ?? {}
  const dimensions = (Metric?.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`).sort()
  const parts = [Id, Expression, Label, Metric?.Namespace, Metric?.MetricName, dimensions, Period, Stat]
  return JSON.stringify([...parts, ReturnData ?? true])
}
