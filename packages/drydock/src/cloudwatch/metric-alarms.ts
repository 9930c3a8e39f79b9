/** Alarms on metrics are put. Source: API Reference, PutMetricAlarm. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { alarmBase, previousOf } from './alarm-base.ts'
import { dimensionsOf } from './dimensions.ts'
import {
  assertOneOf,
  assertRange,
  invalid,
  invalidCombination,
  missingParameter,
  unsupported,
} from './errors.ts'
import { COMPARISON_OPERATORS } from './evaluate.ts'
import { assertStat, assertUnit } from './metric-rules.ts'
import { parseQueries } from './queries.ts'
import { nextEvaluation } from './schedule.ts'
import type {
  CloudwatchOperation,
  MathQuery,
  MetricAlarm,
  MetricStat,
  Threshold,
  TreatMissingData,
} from './state.ts'
import { isStatistic, percentileOf } from './statistics.ts'
import { saveAlarm } from './transition.ts'

const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3600
const MOST_METRICS = 10
const MOST_LINES = 20

const SINGLE_METRIC = [
  'MetricName',
  'Namespace',
  'Dimensions',
  'Period',
  'Unit',
  'Statistic',
  'ExtendedStatistic',
] as const

export const metricAlarmOperations = {
  PutMetricAlarm(input, context) {
    assertSupported(input)
    assertExclusive(input)
    const before = previousOf(input.AlarmName, 'MetricAlarm', context)
    const threshold = thresholdOf(input)
    const queries = input.Metrics
      ? mathOf(input.Metrics, context.accountId)
      : [single(input, before, context)]
    const periodSeconds = alarmPeriodOf(queries)
    assertWindow(periodSeconds, threshold.evaluationPeriods)
    const lowSamples = input.EvaluateLowSampleCountPercentile
    const alarm: MetricAlarm = {
      ...alarmBase(input, before, context),
      type: 'MetricAlarm',
      ...threshold,
      queries,
      isMath: input.Metrics !== undefined,
      periodSeconds,
      ...(lowSamples !== undefined && { lowSamples }),
      evaluateAt: nextEvaluation(periodSeconds, context.now),
    }
    saveAlarm(alarm, before, context)
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

/** What AWS has and this engine has not. */
function assertSupported(input: PutMetricAlarmCommandInput): void {
  const operator = input.ComparisonOperator ?? ''
  if (input.ThresholdMetricId !== undefined || /Upper|Lower/.test(operator))
    throw unsupported('An alarm on an anomaly detection band (ThresholdMetricId)')
  if (input.EvaluationCriteria) throw unsupported('An alarm on a PromQL query (EvaluationCriteria)')
  for (const name of [
    'EvaluationInterval',
    'EvaluationWindow',
    'WarmUpConfiguration',
    'ActionConfiguration',
  ] as const)
    if (input[name] !== undefined) throw unsupported(`The parameter ${name}`)
}

function thresholdOf(input: PutMetricAlarmCommandInput): Threshold {
  const { ComparisonOperator: operator, EvaluationPeriods: evaluationPeriods, Threshold: threshold } = input
  const { DatapointsToAlarm: datapointsToAlarm, TreatMissingData: treatMissingData } = input
  if (operator === undefined) throw missingParameter('ComparisonOperator')
  if (evaluationPeriods === undefined) throw missingParameter('EvaluationPeriods')
  if (threshold === undefined) throw missingParameter('Threshold')
  assertOneOf('comparisonOperator', operator, COMPARISON_OPERATORS)
  assertRange('evaluationPeriods', evaluationPeriods, 1, Number.MAX_SAFE_INTEGER)
  assertRange('datapointsToAlarm', datapointsToAlarm, 1, Number.MAX_SAFE_INTEGER)
  if (datapointsToAlarm !== undefined && datapointsToAlarm > evaluationPeriods)
    throw invalid('The parameter DatapointsToAlarm must not be greater than EvaluationPeriods.')
  if (!Number.isFinite(threshold)) throw invalid(`The value ${threshold} for parameter Threshold is invalid.`)
  assertOneOf('treatMissingData', treatMissingData, ['breaching', 'notBreaching', 'ignore', 'missing'])
  const lowSamples = input.EvaluateLowSampleCountPercentile
  assertOneOf('evaluateLowSampleCountPercentile', lowSamples, ['evaluate', 'ignore'])
  return {
    operator,
    threshold,
    evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
    ...(treatMissingData !== undefined && { treatMissingData: treatMissingData as TreatMissingData }),
    ...(lowSamples === 'ignore' && { ignoresLowSamples: true }),
  }
}

/** The one line of an alarm on a single metric. Its id is made up, as events show one, and stays when it is updated. */
function single(
  input: PutMetricAlarmCommandInput,
  before: MetricAlarm | undefined,
  context: CloudwatchOperation,
): MathQuery {
  const known = before?.isMath === false ? before.queries[0]?.id : undefined
  return { metricStat: singleStat(input), id: known ?? context.newUuid(), returnData: true }
}

function singleStat(input: PutMetricAlarmCommandInput): MetricStat {
  const { MetricName: name, Namespace: namespace, Period, Unit, Statistic, ExtendedStatistic } = input
  if (name === undefined) throw missingParameter('MetricName')
  if (namespace === undefined) throw missingParameter('Namespace')
  if (Period === undefined) throw missingParameter('Period')
  const stat = Statistic ?? ExtendedStatistic
  if (stat === undefined) throw missingParameter('Statistic')
  if (Statistic !== undefined && ExtendedStatistic !== undefined)
    throw invalidCombination('The parameters Statistic and ExtendedStatistic are mutually exclusive.')
  assertStat(stat)
  if (Statistic !== undefined ? !isStatistic(Statistic) : percentileOf(stat) === undefined)
    throw invalid(`The value ${stat} is not one of the parameter it was given in.`)
  assertUnit(Unit)
  assertAlarmPeriod(Period)
  const dimensions = dimensionsOf(input.Dimensions)
  return { namespace, name, dimensions, periodSeconds: Period, stat, ...(Unit && { unit: Unit }) }
}

function mathOf(metrics: NonNullable<PutMetricAlarmCommandInput['Metrics']>, accountId: string): MathQuery[] {
  if (!metrics.length) throw missingParameter('Metrics')
  if (metrics.length > MOST_LINES) throw invalid(`Metrics must not have more than ${MOST_LINES} elements.`)
  const queries = parseQueries(metrics, accountId)
  if (queries.filter(({ returnData }) => returnData).length !== 1)
    throw invalid('Exactly one element of the metrics list should return data.')
  const stats = queries.flatMap(({ metricStat }) => metricStat ?? [])
  if (!stats.length) throw invalid('The metrics list must contain at least one metric.')
  if (stats.length > MOST_METRICS)
    throw invalid(`The metrics list must not contain more than ${MOST_METRICS} metrics.`)
  for (const { periodSeconds } of stats) assertAlarmPeriod(periodSeconds)
  return queries
}

/** All metrics of an alarm have one period, also those that nothing is made of. */
function alarmPeriodOf(queries: readonly MathQuery[]): number {
  const [period = 0, other] = new Set(queries.flatMap(({ metricStat }) => metricStat?.periodSeconds ?? []))
  if (other !== undefined) throw invalid('All metrics of an alarm must have the same period.')
  return period
}

function assertAlarmPeriod(period: number): void {
  if ([10, 20, 30].includes(period) || (Number.isInteger(period) && period >= 60 && period % 60 === 0)) return
  throw invalid('Metrics must have a period of 10, 20, 30, or a multiple of 60 seconds.')
}

/** A day at most, or seven where the period is an hour or more. */
function assertWindow(period: number, evaluationPeriods: number): void {
  const most = period >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS
  if (period * evaluationPeriods > most)
    throw invalid(
      `Metrics cannot be checked across more than ${most / DAY_SECONDS === 1 ? 'a day' : '7 days'} (EvaluationPeriods * Period must be <= ${most}).`,
    )
}

/** Refuses the parameters of a single metric beside `Metrics`. */
function assertExclusive(input: PutMetricAlarmCommandInput): void {
  const also = input.Metrics && SINGLE_METRIC.find((name) => input[name] !== undefined)
  if (also) throw invalidCombination(`The parameters Metrics and ${also} are mutually exclusive.`)
}
