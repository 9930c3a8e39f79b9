/** Alarms are described: by name, prefix, state, type, action, or by what they depend on. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { DescribeAlarmsCommandInput } from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { findAlarm, nameOf } from './alarm-names.ts'
import { viewOfComposite, viewOfMetric } from './alarm-view.ts'
import { dimensionsOf } from './dimensions.ts'
import { assertOneOf, assertRange, invalid, invalidCombination } from './errors.ts'
import { keyOf } from './metric.ts'
import { pageOf } from './paging.ts'
import type { Alarm, CloudwatchOperation, MetricAlarm } from './state.ts'

const MOST_RECORDS = 100
const USUAL_RECORDS = 50

export const describeOperations = {
  DescribeAlarms(input, context) {
    assertFilters(input)
    if (input.ChildrenOfAlarmName !== undefined) return childrenOf(input.ChildrenOfAlarmName, input, context)
    if (input.ParentsOfAlarmName !== undefined) return parentsOf(input.ParentsOfAlarmName, input, context)
    const found = sortedAlarms(context).filter((alarm) => matches(alarm, input))
    const { page, nextToken } = pageOf(found, input.MaxRecords ?? USUAL_RECORDS, input.NextToken)
    return { ...views(page), ...(nextToken !== undefined && { NextToken: nextToken }) }
  },

  DescribeAlarmsForMetric(input, context) {
    const { Namespace: namespace = '', MetricName: name = '', Statistic, ExtendedStatistic } = input
    const key = keyOf({ namespace, name, dimensions: dimensionsOf(input.Dimensions) })
    const stat = Statistic ?? ExtendedStatistic
    const watches = (alarm: Alarm): alarm is MetricAlarm => {
      const watched = alarm.type === 'MetricAlarm' && !alarm.isMath ? alarm.queries[0]?.metricStat : undefined
      return (
        watched !== undefined &&
        keyOf(watched) === key &&
        (stat === undefined || watched.stat === stat) &&
        (input.Period === undefined || watched.periodSeconds === input.Period) &&
        (input.Unit === undefined || watched.unit === input.Unit)
      )
    }
    return { MetricAlarms: sortedAlarms(context).filter(watches).map(viewOfMetric) }
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

function assertFilters(input: DescribeAlarmsCommandInput): void {
  const { AlarmNames, AlarmNamePrefix, ChildrenOfAlarmName, ParentsOfAlarmName } = input
  assertRange('maxRecords', input.MaxRecords, 1, MOST_RECORDS)
  assertOneOf('stateValue', input.StateValue, ['OK', 'ALARM', 'INSUFFICIENT_DATA'])
  for (const type of input.AlarmTypes ?? [])
    assertOneOf('alarmTypes', type, ['CompositeAlarm', 'MetricAlarm', 'LogAlarm'])
  if (AlarmNames && AlarmNames.length > MOST_RECORDS)
    throw invalid(`At most ${MOST_RECORDS} alarm names can be given.`)
  if (AlarmNames?.length && AlarmNamePrefix !== undefined)
    throw invalidCombination('AlarmNamePrefix and AlarmNames are mutually exclusive.')
  const relatives = [ChildrenOfAlarmName, ParentsOfAlarmName].filter((name) => name !== undefined)
  const others = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix'] as const
  if (relatives.length > 1 || (relatives.length && others.some((name) => input[name] !== undefined)))
    throw invalidCombination(
      'ChildrenOfAlarmName and ParentsOfAlarmName can only be given alone, with MaxRecords and NextToken.',
    )
}

const sortedAlarms = ({ state }: CloudwatchOperation) =>
  Object.values(state.alarms).sort((a, b) => (a.name < b.name ? -1 : 1))

/** Without types only metric alarms are described; with names, those alarms of the types that are asked for. */
function matches(alarm: Alarm, input: DescribeAlarmsCommandInput): boolean {
  const { AlarmNames, AlarmNamePrefix = '', AlarmTypes, StateValue, ActionPrefix } = input
  const types = AlarmTypes?.length ? AlarmTypes : ['MetricAlarm']
  const actions = [...alarm.okActions, ...alarm.alarmActions, ...alarm.insufficientDataActions]
  return (
    types.includes(alarm.type) &&
    (!AlarmNames?.length || AlarmNames.includes(alarm.name)) &&
    alarm.name.startsWith(AlarmNamePrefix) &&
    (StateValue === undefined || alarm.state.value === StateValue) &&
    (ActionPrefix === undefined || actions.some((action) => action.startsWith(ActionPrefix)))
  )
}

function views(alarms: readonly Alarm[]) {
  return {
    MetricAlarms: alarms.flatMap((alarm) => (alarm.type === 'MetricAlarm' ? [viewOfMetric(alarm)] : [])),
    CompositeAlarms: alarms.flatMap((alarm) =>
      alarm.type === 'CompositeAlarm' ? [viewOfComposite(alarm)] : [],
    ),
  }
}

/** The alarms in a composite alarm's rule: only their names, ARNs and states. */
function childrenOf(name: string, input: DescribeAlarmsCommandInput, context: CloudwatchOperation) {
  const alarm = findAlarm(nameOf(name), context)
  const names = alarm.type === 'CompositeAlarm' ? alarm.children : []
  const found = names.flatMap((child) => context.state.alarms[child] ?? [])
  return relativesOf(found, input, ({ state }) => ({
    StateValue: state.value,
    StateUpdatedTimestamp: new Date(state.updatedAt),
  }))
}

/** The composite alarms with this one in their rule: only their names and ARNs. */
function parentsOf(name: string, input: DescribeAlarmsCommandInput, context: CloudwatchOperation) {
  const { name: child } = findAlarm(nameOf(name), context)
  const found = sortedAlarms(context).filter(
    (alarm) => alarm.type === 'CompositeAlarm' && alarm.children.includes(child),
  )
  return relativesOf(found, input, () => ({}))
}

function relativesOf(
  found: readonly Alarm[],
  { MaxRecords = USUAL_RECORDS, NextToken }: DescribeAlarmsCommandInput,
  more: (alarm: Alarm) => object,
) {
  const { page, nextToken } = pageOf(found, MaxRecords, NextToken)
  const of = (type: Alarm['type']) =>
    page
      .filter((alarm) => alarm.type === type)
      .map((alarm) => ({ AlarmName: alarm.name, AlarmArn: alarm.arn, ...more(alarm) }))
  return {
    MetricAlarms: of('MetricAlarm'),
    CompositeAlarms: of('CompositeAlarm'),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  }
}
