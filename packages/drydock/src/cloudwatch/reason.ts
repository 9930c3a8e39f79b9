/** The words and the data that explain an alarm's state, as CloudWatch writes them. */
import type { Verdict } from './evaluate.ts'
import type { MetricAlarm, StateValue } from './state.ts'
import { isStatistic } from './statistics.ts'
import { awsTime, longTime, shortTime } from './times.ts'

/** The state of a new alarm. */
export const UNCHECKED = 'Unchecked: Initial alarm creation'

const COMPARISONS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
}

/** From this many datapoints on, only the newest are told. */
const MANY = 5

/** Why a metric alarm is in its state. */
export function reasonOf(alarm: MetricAlarm, verdict: Verdict): string {
  const { state, counted, filled } = verdict
  if (state === 'INSUFFICIENT_DATA') {
    const { evaluationPeriods: n } = alarm
    return `Insufficient Data: ${n} ${n === 1 ? 'datapoint was' : 'datapoints were'} unknown.`
  }
  const treated = alarm.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching'
  const missing = `${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'} treated as [${treated}]`
  if (!counted.length) {
    const periods = `${filled} ${filled === 1 ? 'period' : 'periods'}`
    return `Threshold Crossed: no datapoints were received for ${periods} and ${missing}.`
  }
  const also = filled ? ` and ${missing}` : ''
  return `Threshold Crossed: ${told(alarm, verdict)}${also}${minimum(alarm, state)}.`
}

/** `1 out of the last 1 datapoints [3.0 (…)] was greater than the threshold (1.0)`. */
function told(alarm: MetricAlarm, { state, decisive }: Verdict): string {
  const n = decisive.length
  const last = alarm.datapointsToAlarm === undefined ? '' : ` out of the last ${alarm.evaluationPeriods}`
  const word = last || n !== 1 ? 'datapoints' : 'datapoint'
  const newest = decisive.slice(0, MANY).map(({ at, value }) => `${double(value)} (${shortTime(at)})`)
  const list = `[${newest.join(', ')}]`
  const verb = `${n === 1 ? 'was' : 'were'}${state === 'OK' ? ' not' : ''}`
  const threshold = `${verb} ${COMPARISONS[alarm.operator]} the threshold (${double(alarm.threshold)})`
  if (n < MANY) return `${n}${last} ${word} ${list} ${threshold}`
  return `${n}${last} ${word} ${threshold}. The most recent datapoints which crossed the threshold: ${list}`
}

function minimum(alarm: MetricAlarm, state: StateValue): string {
  const { datapointsToAlarm: m, evaluationPeriods: n } = alarm
  if (m === undefined) return ''
  const least = state === 'ALARM' ? m : n - m + 1
  const change = state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'
  return ` (minimum ${least} ${least === 1 ? 'datapoint' : 'datapoints'} for ${change} transition)`
}

/** What a metric alarm's state rests on: JSON text, with numbers as CloudWatch writes them (`50.0`). */
export function reasonDataOf(alarm: MetricAlarm, { counted }: Verdict, now: number): string {
  const stat = alarm.isMath ? undefined : alarm.queries[0]?.metricStat
  const oldest = counted.at(-1)
  const evaluated = counted.map(
    ({ at, samples, value }) =>
      `{"timestamp":"${awsTime(at)}","sampleCount":${double(samples)},"value":${double(value)}}`,
  )
  const entries: [string, string | undefined][] = [
    ['version', '"1.0"'],
    ['queryDate', `"${awsTime(now)}"`],
    ['startDate', oldest && `"${awsTime(oldest.at)}"`],
    ['unit', stat?.unit && `"${stat.unit}"`],
    ['statistic', stat && isStatistic(stat.stat) ? `"${stat.stat}"` : undefined],
    ['period', String(alarm.periodSeconds)],
    [
      'recentDatapoints',
      `[${counted
        .map(({ value }) => double(value))
        .reverse()
        .join(',')}]`,
    ],
    ['threshold', double(alarm.threshold)],
    ['evaluatedDatapoints', `[${evaluated.join(',')}]`],
  ]
  const given = entries.flatMap(([name, text]) => (text === undefined ? [] : [`"${name}":${text}`]))
  return `{${given.join(',')}}`
}

/** An alarm as a composite's reason data names it. */
export interface Trigger {
  readonly arn: string
  readonly state: { readonly value: StateValue; readonly updatedAt: number }
}

/** Why a composite alarm is in its state: because it was put, or because a child changed. */
export function compositeReason(
  arn: string,
  value: StateValue,
  cause: 'created' | 'updated' | 'child',
  triggers: readonly Trigger[],
): string {
  const child = triggers.at(-1)
  if (cause !== 'child' || !child) {
    return `${arn} was ${cause === 'updated' ? cause : 'created'} and its alarm rule evaluates to ${value}`
  }
  return `${child.arn} transitioned to ${child.state.value} at ${longTime(child.state.updatedAt)}`
}

export function compositeReasonData(triggers: readonly Trigger[]): string {
  const triggeringAlarms = triggers.map(({ arn, state: { value, updatedAt } }) => ({
    arn,
    state: { value, timestamp: awsTime(updatedAt) },
  }))
  return JSON.stringify({ triggeringAlarms })
}

/** A number as Java writes a double: `50.0`, `1.0E7`, `0.0666851903306472`. */
export function double(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${withPoint(digits)}E${exponent.replace('+', '')}`
  }
  return withPoint(String(value))
}

const withPoint = (digits: string) => (digits.includes('.') ? digits : `${digits}.0`)
