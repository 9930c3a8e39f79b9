/** What an alarm's state rests on, and why it may not mean what it says: muted, no data, or no requests to judge by. */

import type { GetMetricDataCommandOutput, Metric } from '@aws-sdk/client-cloudwatch'
import * as z from 'zod/mini'
import type { CloudWatchApi } from '../clients.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { pagesOf } from '../wire/pages.ts'
import { type SeenAlarm, transitionOf } from './alarms.ts'

/** What was found out about alarms in ALARM, by name and ARN. */
export interface AlarmEvidence {
  /** By name: the mute rule that is active for it. */
  readonly muteRules: ReadonlyMap<string, string>
  /** By ARN: the requests in its window. */
  readonly requests: ReadonlyMap<string, number>
}

/** What can be found out about `ringing` alarms; nothing is asked where there are none. */
export async function evidenceOf(
  ringing: readonly SeenAlarm[],
  isMuting: () => Promise<boolean>,
  cloudwatch: CloudWatchApi,
): Promise<AlarmEvidence> {
  const [muteRules, requests] = await Promise.all([
    ringing.length && (await isMuting()) ? muteRulesOf(cloudwatch, ringing) : new Map<string, string>(),
    requestsOf(cloudwatch, ringing),
  ])
  return { muteRules, requests }
}

/** One alarm as core sees it, but for what ties it to a service. */
export function observedAlarm(alarm: SeenAlarm, { muteRules, requests }: AlarmEvidence) {
  const { AlarmArn: arn = '', AlarmName: name = '', StateReason: reason = '', StateValue: state } = alarm
  const muted = suppressionOf(alarm) ?? muteRules.get(name)
  const counted = requests.get(arn)
  return {
    arn,
    name,
    state: state ?? 'INSUFFICIENT_DATA',
    transitionedAt: transitionOf(alarm),
    reason,
    ...(muted !== undefined && { muted }),
    missingData: isMissingData(alarm),
    ...(counted !== undefined && { requests: counted }),
  }
}

/**
 * Who or what keeps an alarm's actions back, where DescribeAlarms says so. Disabled actions are a person's word that the
 * alarm is to lead to nothing.
 */
function suppressionOf(alarm: SeenAlarm): string | undefined {
  const { ActionsEnabled, ActionsSuppressedBy, ActionsSuppressor } = alarm
  if (ActionsSuppressedBy) return `its suppressor ${ActionsSuppressor ?? ActionsSuppressedBy}`
  return ActionsEnabled === false ? 'DisableAlarmActions' : undefined
}

/** Whether any mute rule is active: seldom, and then no alarm has to be asked about. */
export async function isAnyMuteActive(cloudwatch: CloudWatchApi): Promise<boolean> {
  const { AlarmMuteRuleSummaries = [], NextToken } = await cloudwatch.call('ListAlarmMuteRules', {
    Statuses: ['ACTIVE'],
    MaxRecords: 1,
  })
  return AlarmMuteRuleSummaries.length > 0 || NextToken !== undefined
}

/** The mute rules that are active for each of `alarms`, by name; CloudWatch must be asked for each alarm alone. */
async function muteRulesOf(
  cloudwatch: CloudWatchApi,
  alarms: readonly SeenAlarm[],
): Promise<Map<string, string>> {
  const found = await settleEach(alarms, async ({ AlarmName = '' }) => {
    const [rule] =
      (await cloudwatch.call('ListAlarmMuteRules', { AlarmName, Statuses: ['ACTIVE'] }))
        .AlarmMuteRuleSummaries ?? []
    const arn = rule?.AlarmMuteRuleArn ?? ''
    return rule ? [[AlarmName, `the mute rule ${arn.slice(arn.lastIndexOf(':') + 1)}`] as const] : []
  })
  return new Map(valuesOf(found).flat())
}

const reasonData = z.object({
  recentDatapoints: z.optional(z.array(z.unknown())),
  evaluatedDatapoints: z.optional(z.array(z.object({ value: z.optional(z.number()) }))),
})

/**
 * Whether the alarm is in its state because it had no data at all: CloudWatch then lists no recent data point, and no
 * evaluated one has a value (User Guide: "Configuring how CloudWatch alarms treat missing data").
 */
function isMissingData({ StateReason = '', StateReasonData }: SeenAlarm): boolean {
  const read = reasonData.safeParse(parseJson(StateReasonData))
  const { recentDatapoints, evaluatedDatapoints = [] } = read.success ? read.data : {}
  if (evaluatedDatapoints.some(({ value }) => value !== undefined)) return false
  if (recentDatapoints) return recentDatapoints.length === 0
  return StateReason.includes('no datapoints were received')
}

function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Metrics of load balancers that say nothing about requests. */
const NOT_TRAFFIC = /HostCount$|^HealthyState|^UnhealthyState/

/** The load balancer's metric that the alarm is about, if it is about requests; the first one in metric math. */
function trafficMetricOf(alarm: SeenAlarm): Metric | undefined {
  return metricsOf(alarm).find(
    ({ Namespace, MetricName = '' }) => Namespace === 'AWS/ApplicationELB' && !NOT_TRAFFIC.test(MetricName),
  )
}

/** Every metric that an alarm looks at. */
function metricsOf({ Namespace, MetricName, Dimensions, Metrics = [] }: SeenAlarm): Metric[] {
  if (Namespace !== undefined) return [{ Namespace, MetricName, Dimensions }]
  return Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
}

/** The time that an alarm's state rests on (ms). */
interface Window {
  readonly from: number
  readonly to: number
  /** In seconds. */
  readonly period: number
}

/** The evaluation periods before the alarm came into its state, and one more: periods begin on full minutes. */
function windowOf(alarm: SeenAlarm): Window {
  const period =
    alarm.Period ??
    longest((alarm.Metrics ?? []).map(({ MetricStat, Period }) => MetricStat?.Period ?? Period))
  const to = transitionOf(alarm)
  return { from: to - ((alarm.EvaluationPeriods ?? 1) + 1) * period * 1000, to, period }
}

const longest = (periods: readonly (number | undefined)[]) =>
  Math.max(60, ...periods.flatMap((each) => each ?? []))

/** GetMetricData takes this many queries at a time (API reference). */
const QUERIES_AT_ONCE = 500

/** How many requests the load balancers of `alarms` had in each alarm's window, by ARN; one call for all alarms. */
async function requestsOf(
  cloudwatch: CloudWatchApi,
  alarms: readonly SeenAlarm[],
): Promise<ReadonlyMap<string, number>> {
  const asked = alarms.flatMap((alarm) => {
    const metric = trafficMetricOf(alarm)
    return metric ? [{ arn: alarm.AlarmArn ?? '', metric, window: windowOf(alarm) }] : []
  })
  const counts = new Map<string, number>()
  for (let from = 0; from < asked.length; from += QUERIES_AT_ONCE) {
    const batch = asked.slice(from, from + QUERIES_AT_ONCE)
    const answer = await getRequests(cloudwatch, batch)
    for (const [index, { arn, window }] of batch.entries())
      counts.set(arn, sumWithin(answer, `r${index}`, window))
  }
  return counts
}

interface Question {
  readonly metric: Metric
  readonly window: Window
}

async function getRequests(cloudwatch: CloudWatchApi, questions: readonly Question[]) {
  const results: NonNullable<GetMetricDataCommandOutput['MetricDataResults']> = []
  const MetricDataQueries = questions.map(({ metric: { Namespace, Dimensions }, window }, index) => ({
    Id: `r${index}`,
    MetricStat: {
      Metric: { Namespace, MetricName: 'RequestCount', Dimensions },
      Period: window.period,
      Stat: 'Sum',
    },
  }))
  const StartTime = new Date(Math.min(...questions.map(({ window }) => window.from)))
  const EndTime = new Date(Math.max(...questions.map(({ window }) => window.to)))
  const asked = { MetricDataQueries, StartTime, EndTime }
  const pages = pagesOf(
    (NextToken) => cloudwatch.call('GetMetricData', { ...asked, NextToken }),
    (page) => page.NextToken,
  )
  for await (const { MetricDataResults = [] } of pages) results.push(...MetricDataResults)
  return results
}

function sumWithin(
  results: NonNullable<GetMetricDataCommandOutput['MetricDataResults']>,
  id: string,
  { from, to }: Window,
): number {
  const own = results.filter(({ Id }) => Id === id)
  const counted = own.flatMap(({ Timestamps = [], Values = [] }) =>
    Values.filter((_, index) => {
      const at = Timestamps[index]?.getTime() ?? 0
      return at >= from && at <= to
    }),
  )
  return counted.reduce((sum, value) => sum + value, 0)
}
