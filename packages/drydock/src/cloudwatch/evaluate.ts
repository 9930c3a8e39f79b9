/**
 * Decides an alarm's state from the datapoints of its evaluation range, and nothing else but the state it is in where
 * missing data is ignored. Source: CloudWatch User Guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms
 * treat missing data", with its tables.
 */
import type { Datapoint } from './metric.ts'
import type { StateValue, Threshold } from './state.ts'
import { isLowSampleCount } from './statistics.ts'

/**
 * Periods that are read beyond the alarm's own. The guide's examples read five for an alarm of three; of other alarms
 * it says only that the range is longer than the evaluation periods.
 */
export const EXTRA_PERIODS = 2

const OPERATORS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
}

/** The comparison operators that need no anomaly detection band. */
export const COMPARISON_OPERATORS: readonly string[] = Object.keys(OPERATORS)

/** What an evaluation came to, with what it rests on. */
export interface Verdict {
  readonly state: StateValue
  /** The datapoints that were counted, newest first. */
  readonly counted: readonly Datapoint[]
  /** Those of them that say why: breaching ones for ALARM, the others for OK. Newest first. */
  readonly decisive: readonly Datapoint[]
  /** How many missing datapoints were counted as breaching or not breaching. */
  readonly filled: number
}

export interface Rule extends Threshold {
  /** The statistic, where the alarm watches one metric. */
  readonly stat?: string
}

/**
 * The verdict over an evaluation range (datapoints oldest first, `undefined` where there is none); `undefined` where the
 * alarm keeps its state.
 *
 * | real datapoints | missing              | ignore          | breaching / notBreaching |
 * | --- | --- | --- | --- |
 * | N or more       | the newest N decide  | the same        | the same                 |
 * | M breaching     | ALARM                | ALARM           | filled up, then counted  |
 * | one is not      | OK                   | OK              | filled up, then counted  |
 * | all breaching, the oldest M periods old | ALARM (premature) | kept | filled up, then counted |
 * | all breaching, but too new | INSUFFICIENT_DATA | kept    | filled up, then counted  |
 * | none            | INSUFFICIENT_DATA    | kept            | filled up, then counted  |
 */
export function evaluate(rule: Rule, range: readonly (Datapoint | undefined)[]): Verdict | undefined {
  const n = rule.evaluationPeriods
  const real = range.filter((point) => point !== undefined)
  const counted = real.slice(-n).reverse()
  if (rule.ignoresLowSamples && isThin(counted, rule.stat)) return undefined
  const missing = Math.max(0, n - real.length)
  if (!missing) return count(rule, counted, 0)
  if (rule.treatMissingData === 'breaching' || rule.treatMissingData === 'notBreaching')
    return count(rule, counted, missing)
  return withoutFilling(rule, range, counted)
}

/** Whether the low samples of a percentile are reason to wait. */
function isThin(counted: readonly Datapoint[], stat: string | undefined): boolean {
  if (!counted.length || stat === undefined) return false
  const samples = counted.reduce((total, point) => total + point.samples, 0)
  return isLowSampleCount(samples, stat)
}

const needed = ({ datapointsToAlarm, evaluationPeriods }: Threshold) => datapointsToAlarm ?? evaluationPeriods

/** Whether a value breaches the threshold. */
export function isBreaching(rule: Threshold, value: number): boolean {
  return OPERATORS[rule.operator]?.(value, rule.threshold) ?? false
}

function count(rule: Rule, counted: readonly Datapoint[], filled: number): Verdict {
  const breaching = counted.filter(({ value }) => isBreaching(rule, value))
  const extra = rule.treatMissingData === 'breaching' ? filled : 0
  if (breaching.length + extra >= needed(rule))
    return { state: 'ALARM', counted, decisive: breaching, filled }
  const decisive = counted.filter(({ value }) => !isBreaching(rule, value))
  return { state: 'OK', counted, decisive, filled }
}

function withoutFilling(
  rule: Rule,
  range: readonly (Datapoint | undefined)[],
  counted: readonly Datapoint[],
): Verdict | undefined {
  const verdict = count(rule, counted, 0)
  const allBreaching = verdict.state === 'OK' && !verdict.decisive.length
  if (!allBreaching) return verdict
  if (rule.treatMissingData === 'ignore') return undefined
  const oldest = range.findIndex((point) => point !== undefined)
  const isOldEnough = oldest >= 0 && range.length - oldest >= needed(rule)
  if (isOldEnough) return { state: 'ALARM', counted, decisive: counted, filled: 0 }
  return { state: 'INSUFFICIENT_DATA', counted: [], decisive: [], filled: 0 }
}
