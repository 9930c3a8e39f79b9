/** What ECS asks of CloudWatch: its own DescribeAlarms, read. */
import type { DescribeAlarmsOutput, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { AlarmEffect, AlarmSight } from '../ecs/effects.ts'
import type { Performers } from './effects.ts'

/** The performer of ECS's look at a deployment's alarms. */
export const alarmPerformers: Performers<AlarmEffect> = {
  async 'look-at-alarms'({ serviceArn, serviceDeploymentId, alarmNames }, scope, engine) {
    const input = {
      AlarmNames: [...alarmNames],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      MaxRecords: alarmNames.length,
    }
    const found = (await engine.call('cloudwatch', scope, 'DescribeAlarms', input)) as DescribeAlarmsOutput
    const { MetricAlarms = [], CompositeAlarms = [] } = found
    const alarms = [
      ...MetricAlarms.map((alarm) => ({ ...sightOf(alarm), evaluatedMs: evaluatedMs(alarm) })),
      ...CompositeAlarms.map(sightOf),
    ]
    engine.report('ecs', scope, { kind: 'alarms-seen', serviceArn, serviceDeploymentId, alarms })
  },
}

const sightOf = ({
  AlarmName: name = '',
  StateValue: state = 'INSUFFICIENT_DATA',
}: Pick<MetricAlarm, 'AlarmName' | 'StateValue'>): AlarmSight => ({ name, state })

/** How far an alarm looks back: as many periods as it evaluates, the longest of those of its metrics. */
function evaluatedMs({ Period, Metrics = [], EvaluationPeriods = 1 }: MetricAlarm): number {
  const periods = [Period ?? 0, ...Metrics.map((query) => query.MetricStat?.Period ?? query.Period ?? 0)]
  return Math.max(...periods) * EvaluationPeriods * 1000
}
