/** Alarms as the API shows them. */
import type * as api from '@aws-sdk/client-cloudwatch'
import { suppressedReason } from './alarm-events.ts'
import { listDimensions } from './dimensions.ts'
import type { Alarm, CompositeAlarm, MathQuery, MetricAlarm, MetricStat } from './state.ts'
import { isStatistic } from './statistics.ts'

/** A metric alarm as DescribeAlarms shows it. */
export function viewOfMetric(alarm: MetricAlarm): api.MetricAlarm {
  const { datapointsToAlarm, treatMissingData, lowSamples } = alarm
  const stat = alarm.isMath ? undefined : alarm.queries[0]?.metricStat
  return {
    ...viewOfBase(alarm),
    ...(stat ? viewOfSingle(stat) : { Dimensions: [], Metrics: alarm.queries.map(viewOfQuery) }),
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { DatapointsToAlarm: datapointsToAlarm }),
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.operator as api.ComparisonOperator,
    ...(treatMissingData !== undefined && { TreatMissingData: treatMissingData }),
    ...(lowSamples !== undefined && { EvaluateLowSampleCountPercentile: lowSamples }),
  }
}

/** A composite alarm as DescribeAlarms shows it. */
export function viewOfComposite(alarm: CompositeAlarm): api.CompositeAlarm {
  const { suppressor, suppression } = alarm
  return {
    ...viewOfBase(alarm),
    AlarmRule: alarm.rule,
    ...(suppressor && {
      ActionsSuppressor: suppressor.given,
      ActionsSuppressorWaitPeriod: suppressor.waitSeconds,
      ActionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
    ...(suppression && {
      ActionsSuppressedBy: suppression.by,
      ActionsSuppressedReason: suppressedReason(suppression),
    }),
  }
}

function viewOfBase(alarm: Alarm) {
  const { description, state } = alarm
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(description !== undefined && { AlarmDescription: description }),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: [...alarm.okActions],
    AlarmActions: [...alarm.alarmActions],
    InsufficientDataActions: [...alarm.insufficientDataActions],
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData !== undefined && { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.updatedAt),
    StateTransitionedTimestamp: new Date(state.transitionedAt),
  }
}

function viewOfSingle({ namespace, name, dimensions, stat, periodSeconds, unit }: MetricStat) {
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: listDimensions(dimensions),
    ...(isStatistic(stat) ? { Statistic: stat as api.Statistic } : { ExtendedStatistic: stat }),
    Period: periodSeconds,
    ...(unit !== undefined && { Unit: unit as api.StandardUnit }),
  }
}

function viewOfQuery({ id, expression, label, metricStat, returnData }: MathQuery): api.MetricDataQuery {
  return {
    Id: id,
    ...(expression !== undefined && { Expression: expression }),
    ...(label !== undefined && { Label: label }),
    ...(metricStat && { MetricStat: viewOfStat(metricStat) }),
    ReturnData: returnData,
  }
}

function viewOfStat({ namespace, name, dimensions, stat, periodSeconds, unit }: MetricStat): api.MetricStat {
  return {
    Metric: { Namespace: namespace, MetricName: name, Dimensions: listDimensions(dimensions) },
    Period: periodSeconds,
    Stat: stat,
    ...(unit !== undefined && { Unit: unit as api.StandardUnit }),
  }
}
