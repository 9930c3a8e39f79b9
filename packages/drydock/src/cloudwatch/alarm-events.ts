/** What alarms tell the event bus. Source: CloudWatch User Guide, "Alarm events and EventBridge". */
import type { EmittedEvent } from '../service.ts'
import type { Alarm, AlarmState, CompositeAlarm, MathQuery, MetricAlarm, Suppression } from './state.ts'
import { awsTime } from './times.ts'

const SOURCE = 'aws.cloudwatch'

/** An alarm changed its state, or its actions are no longer held back. */
export function stateChanged(before: Alarm, after: Alarm): EmittedEvent {
  const detail = {
    alarmName: after.name,
    state: stateOf(after.state, suppressionOf(after)),
    previousState: stateOf(before.state, suppressionOf(before)),
    configuration: {
      ...(after.description !== undefined && { description: after.description }),
      ...(after.type === 'MetricAlarm' ? { metrics: metricsOf(after) } : ruleOf(after)),
    },
  }
  return { source: SOURCE, detailType: 'CloudWatch Alarm State Change', resources: [after.arn], detail }
}

/** An alarm was created, updated (then with what it was before) or deleted. */
export function configurationChanged(
  operation: 'create' | 'update' | 'delete',
  alarm: Alarm,
  before?: Alarm,
): EmittedEvent {
  const suppression = suppressionOf(alarm)
  const detail = {
    alarmName: alarm.name,
    operation,
    state: {
      ...(suppression && { actionsSuppressedBy: suppression.by }),
      value: alarm.state.value,
      timestamp: awsTime(alarm.state.updatedAt),
    },
    configuration: configurationOf(alarm),
    ...(before && { previousConfiguration: configurationOf(before) }),
  }
  return {
    source: SOURCE,
    detailType: 'CloudWatch Alarm Configuration Change',
    resources: [alarm.arn],
    detail,
  }
}

/** All of an alarm's configuration, as events and history show it. */
export function configurationOf(alarm: Alarm): object {
  return {
    ...(alarm.type === 'MetricAlarm' ? thresholdOf(alarm) : ruleOf(alarm)),
    alarmName: alarm.name,
    ...(alarm.description !== undefined && { description: alarm.description }),
    actionsEnabled: alarm.actionsEnabled,
    timestamp: awsTime(alarm.configuredAt),
    okActions: alarm.okActions,
    alarmActions: alarm.alarmActions,
    insufficientDataActions: alarm.insufficientDataActions,
  }
}

const suppressionOf = (alarm: Alarm): Suppression | undefined =>
  alarm.type === 'CompositeAlarm' ? alarm.suppression : undefined

/** `ActionsSuppressedReason` of the API. */
export const suppressedReason = ({ by }: Suppression) => `Actions suppressed by ${by}`

function stateOf({ value, reason, reasonData, updatedAt }: AlarmState, suppression: Suppression | undefined) {
  return {
    ...(suppression && {
      actionsSuppressedBy: suppression.by,
      actionsSuppressedReason: suppressedReason(suppression),
    }),
    value,
    reason,
    ...(reasonData !== undefined && { reasonData }),
    timestamp: awsTime(updatedAt),
  }
}

function thresholdOf(alarm: MetricAlarm) {
  const { datapointsToAlarm, lowSamples } = alarm
  return {
    evaluationPeriods: alarm.evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { datapointsToAlarm }),
    threshold: alarm.threshold,
    comparisonOperator: alarm.operator,
    ...(alarm.treatMissingData !== undefined && { treatMissingData: alarm.treatMissingData }),
    ...(lowSamples !== undefined && { evaluateLowSampleCountPercentile: lowSamples }),
    metrics: metricsOf(alarm),
  }
}

function ruleOf({ rule, suppressor }: CompositeAlarm) {
  return {
    alarmRule: rule,
    ...(suppressor && {
      actionsSuppressor: suppressor.given,
      actionsSuppressorWaitPeriod: suppressor.waitSeconds,
      actionsSuppressorExtensionPeriod: suppressor.extensionSeconds,
    }),
  }
}

const metricsOf = ({ queries }: MetricAlarm) => queries.map(metricOf)

function metricOf({ id, expression, label, metricStat, returnData }: MathQuery) {
  return {
    id,
    ...(expression !== undefined && { expression }),
    ...(label !== undefined && { label }),
    ...(metricStat && {
      metricStat: {
        metric: {
          namespace: metricStat.namespace,
          name: metricStat.name,
          dimensions: metricStat.dimensions,
        },
        period: metricStat.periodSeconds,
        stat: metricStat.stat,
        ...(metricStat.unit !== undefined && { unit: metricStat.unit }),
      },
    }),
    returnData,
  }
}
