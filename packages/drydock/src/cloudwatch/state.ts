/** What CloudWatch keeps: metrics with their data, alarms, their history, and mute rules. Times are in milliseconds. */
import type { Context, OperationContext } from '../service.ts'
import type { Summary } from './statistics.ts'

/** Names and values, sorted by name. */
export type Dimensions = Readonly<Record<string, string>>

/** The samples of one unit from `at` on, for as long as its tier says. */
export interface Bucket extends Summary {
  readonly at: number
  readonly unit: string
}

/** One metric: its name in its namespace with its dimensions. */
export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Dimensions
  /** When data was last put, for ListMetrics. */
  updatedAt: number
  /** Buckets by tier (retention.ts), each sorted by time and then unit. */
  readonly tiers: Bucket[][]
}

/** Which data an alarm or a query reads. */
export interface MetricStat {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Dimensions
  readonly periodSeconds: number
  readonly stat: string
  readonly unit?: string
}

/** One line of a metric math: data, or an expression over other lines. */
export interface MathQuery {
  readonly id: string
  readonly label?: string
  readonly returnData: boolean
  readonly metricStat?: MetricStat
  readonly expression?: string
}

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface AlarmState {
  readonly value: StateValue
  readonly reason: string
  readonly reasonData?: string
  /** When the state was last set. */
  readonly updatedAt: number
  /** When the value last changed. */
  readonly transitionedAt: number
}

interface AlarmBase {
  readonly name: string
  readonly arn: string
  readonly description?: string
  readonly actionsEnabled: boolean
  readonly okActions: readonly string[]
  readonly alarmActions: readonly string[]
  readonly insufficientDataActions: readonly string[]
  readonly configuredAt: number
  readonly tags: Readonly<Record<string, string>>
  readonly state: AlarmState
}

export type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing'

/** How an alarm on metrics decides. */
export interface Threshold {
  readonly operator: string
  readonly threshold: number
  readonly evaluationPeriods: number
  readonly datapointsToAlarm?: number
  readonly treatMissingData?: TreatMissingData
  readonly ignoresLowSamples?: boolean
}

export interface MetricAlarm extends AlarmBase, Threshold {
  readonly type: 'MetricAlarm'
  /** The lines of its metric math; one line with `metricStat` alone where the alarm watches a single metric. */
  readonly queries: readonly MathQuery[]
  /** Whether it was put with `Metrics`. */
  readonly isMath: boolean
  readonly periodSeconds: number
  /** `EvaluateLowSampleCountPercentile`, as it was given. */
  readonly lowSamples?: string
  readonly evaluateAt: number
}

export type Suppression =
  | { readonly by: 'Alarm' }
  | { readonly by: 'WaitPeriod' | 'ExtensionPeriod'; readonly until: number }

export interface Suppressor {
  /** The name of the alarm that suppresses. */
  readonly alarm: string
  /** As it was given: a name or an ARN. */
  readonly given: string
  readonly waitSeconds: number
  readonly extensionSeconds: number
}

export interface CompositeAlarm extends AlarmBase {
  readonly type: 'CompositeAlarm'
  readonly rule: string
  /** The names of the alarms in the rule. */
  readonly children: readonly string[]
  readonly suppressor?: Suppressor
  readonly suppression?: Suppression
  /** Why it has to be evaluated: it was put, or these children changed. */
  readonly due?: { readonly at: number; readonly cause: 'created' | 'updated' | readonly string[] }
}

export type Alarm = MetricAlarm | CompositeAlarm

export interface HistoryItem {
  readonly alarmName: string
  readonly alarmType: Alarm['type']
  readonly at: number
  readonly type: 'ConfigurationUpdate' | 'StateUpdate'
  readonly summary: string
  readonly data: string
}

export interface MuteRule {
  readonly name: string
  readonly arn: string
  readonly description?: string
  readonly expression: string
  readonly duration: string
  readonly timezone?: string
  readonly alarmNames: readonly string[]
  readonly startAt?: number
  readonly expireAt?: number
  readonly updatedAt: number
  readonly tags: Readonly<Record<string, string>>
}

export interface CloudwatchState {
  /** By namespace, name and dimensions (metric.ts). */
  metrics: Record<string, Metric>
  /** By name: metric and composite alarms share their names. */
  alarms: Record<string, Alarm>
  /** Oldest first. */
  history: HistoryItem[]
  muteRules: Record<string, MuteRule>
  /** When old data is next rolled up and dropped; absent while there is nothing to keep. */
  sweepAt?: number
}

export type CloudwatchContext = Context<CloudwatchState, never>
export type CloudwatchOperation = OperationContext<CloudwatchState, never>

/** No metric and no alarm. */
export function emptyState(): CloudwatchState {
  return { metrics: {}, alarms: {}, history: [], muteRules: {} }
}
