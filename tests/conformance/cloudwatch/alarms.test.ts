/** Alarms on metrics, from the data to the event that a rule's target gets. */
import { expect, test } from 'vitest'
import { ALARM_ARN, codeOf, SCOPE, startWorld } from './harness.ts'

test('an alarm goes from no data to OK, to ALARM and back, and tells the bus each time', async () => {
  await using world = await startWorld()
  await world.putAlarm('errors', { AlarmDescription: 'Too many', DatapointsToAlarm: 1 })
  expect(await world.stateOf('errors')).toBe('INSUFFICIENT_DATA')
  await world.put('Errors', 1)
  await world.advance('11s')
  await world.put('Errors', 9)
  await world.advance('10s')
  await world.put('Errors', 0)
  await world.advance('10s')
  expect(await world.transitions()).toEqual([
    'errors: INSUFFICIENT_DATA -> OK',
    'errors: OK -> ALARM',
    'errors: ALARM -> OK',
  ])
  expect(world.drydock.faults).toEqual([])
})

test('the event of a state change is the documented one', async () => {
  await using world = await startWorld()
  await world.putAlarm('web-5xx', {
    AlarmDescription: 'Too many',
    Dimensions: [{ Name: 'TargetGroup', Value: 'targetgroup/web/943f017f100becff' }],
    DatapointsToAlarm: 1,
  })
  await world.drydock.engine.settle()
  world.drydock.engine.report('cloudwatch', SCOPE, {
    kind: 'metrics',
    namespace: 'shop',
    metrics: [
      {
        name: 'Errors',
        dimensions: { TargetGroup: 'targetgroup/web/943f017f100becff' },
        at: Date.UTC(2026, 0, 1),
        samples: [{ value: 1, count: 99 }],
      },
    ],
  })
  await world.advance('11s')
  const [, event] = await world.received()
  const detail = event?.detail
  expect(event).toMatchObject({
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    resources: [`${ALARM_ARN}:web-5xx`],
    time: '2026-01-01T00:00:11Z',
  })
  expect(detail).toEqual({
    alarmName: 'web-5xx',
    configuration: {
      description: 'Too many',
      metrics: [
        {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          metricStat: {
            metric: {
              dimensions: { TargetGroup: 'targetgroup/web/943f017f100becff' },
              name: 'Errors',
              namespace: 'shop',
            },
            period: 10,
            stat: 'Sum',
          },
          returnData: true,
        },
      ],
    },
    previousState: {
      reason: 'Unchecked: Initial alarm creation',
      timestamp: '2026-01-01T00:00:00.000+0000',
      value: 'INSUFFICIENT_DATA',
    },
    state: {
      reason:
        'Threshold Crossed: 1 out of the last 1 datapoints [99.0 (01/01/26 00:00:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
      reasonData:
        '{"version":"1.0","queryDate":"2026-01-01T00:00:11.000+0000","startDate":"2026-01-01T00:00:00.000+0000","statistic":"Sum","period":10,"recentDatapoints":[99.0],"threshold":5.0,"evaluatedDatapoints":[{"timestamp":"2026-01-01T00:00:00.000+0000","sampleCount":99.0,"value":99.0}]}',
      timestamp: '2026-01-01T00:00:11.000+0000',
      value: 'ALARM',
    },
  })
})

test('what is configured is told too: created, updated and deleted', async () => {
  await using world = await startWorld()
  await world.putAlarm('a', { TreatMissingData: 'ignore', Threshold: 70 })
  await world.advance('1s')
  await world.putAlarm('a', { TreatMissingData: 'ignore', Threshold: 80 })
  await world.cloudwatch.deleteAlarms({ AlarmNames: ['a'] })
  const all = await world.received()
  expect(all.map(({ detail }) => detail.operation)).toEqual(['create', 'update', 'delete'])
  const metrics = [{ id: expect.any(String), metricStat: expect.any(Object), returnData: true }]
  const configuration = (threshold: number, timestamp: string) => ({
    evaluationPeriods: 1,
    threshold,
    comparisonOperator: 'GreaterThanThreshold',
    treatMissingData: 'ignore',
    metrics,
    alarmName: 'a',
    actionsEnabled: true,
    timestamp,
    okActions: [],
    alarmActions: [],
    insufficientDataActions: [],
  })
  expect(all[1]?.detail).toEqual({
    alarmName: 'a',
    operation: 'update',
    state: { value: 'INSUFFICIENT_DATA', timestamp: '2026-01-01T00:00:00.000+0000' },
    configuration: configuration(80, '2026-01-01T00:00:01.000+0000'),
    previousConfiguration: configuration(70, '2026-01-01T00:00:00.000+0000'),
  })
  expect(all[2]?.detail).not.toHaveProperty('previousConfiguration')
})

test('two of three datapoints raise an alarm with periods of a minute, and it is seen within a minute', async () => {
  await using world = await startWorld()
  await world.putAlarm('a', { Period: 60, EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 0 })
  for (const value of [0, 0, 0, 1, 0, 1]) {
    await world.put('Errors', value)
    await world.advance('60s')
  }
  await world.advance('2s')
  expect(await world.transitions()).toEqual(['a: INSUFFICIENT_DATA -> OK', 'a: OK -> ALARM'])
})

test('missing data is treated as the alarm says', async () => {
  await using world = await startWorld()
  await world.put('Errors', 1)
  await world.advance('10s')
  for (const TreatMissingData of ['breaching', 'notBreaching', 'ignore', 'missing'])
    await world.putAlarm(TreatMissingData, { TreatMissingData })
  await world.advance('1s')
  expect(await world.transitions()).toHaveLength(4)
  await world.advance('1m')
  expect((await world.transitions()).sort()).toEqual([
    'breaching: OK -> ALARM',
    'missing: OK -> INSUFFICIENT_DATA',
  ])
  expect(await world.stateOf('notBreaching')).toBe('OK')
  expect(await world.stateOf('ignore')).toBe('OK')
})

test('an alarm may watch a share of errors, and no traffic is no error', async () => {
  await using world = await startWorld()
  const metric = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'shop', MetricName }, Period: 10, Stat: 'Sum' },
    ReturnData: false,
  })
  const Metrics = [
    {
      Id: 'share',
      Expression: 'IF(FILL(requests, 0) > 10, 100 * FILL(errors, 0) / requests, 0)',
      Label: 'Share',
    },
    metric('errors', 'Errors'),
    metric('requests', 'Requests'),
  ]
  await world.putAlarm('share', { Metrics, Threshold: 20 })
  await world.advance('11s')
  await world.put('Requests', 100)
  await world.put('Errors', 30)
  await world.advance('10s')
  expect(await world.transitions()).toEqual(['share: INSUFFICIENT_DATA -> OK', 'share: OK -> ALARM'])
  const { MetricAlarms = [] } = await world.cloudwatch.describeAlarms({})
  expect(MetricAlarms[0]).toMatchObject({
    Metrics: [
      { Id: 'share', Label: 'Share', ReturnData: true },
      { Id: 'errors', ReturnData: false, MetricStat: { Period: 10, Stat: 'Sum' } },
      { Id: 'requests' },
    ],
  })
  expect(JSON.parse(MetricAlarms[0]?.StateReasonData ?? '')).not.toHaveProperty('statistic')
})

test('a percentile raises an alarm, unless there are too few samples to say', async () => {
  await using world = await startWorld()
  const percentile = { Metrics: undefined, Statistic: undefined, ExtendedStatistic: 'p90' }
  await world.putAlarm('evaluated', percentile)
  await world.putAlarm('waiting', { ...percentile, EvaluateLowSampleCountPercentile: 'ignore' })
  for (const value of [1, 1, 1, 9, 9]) await world.put('Errors', value)
  await world.advance('11s')
  expect(await world.transitions()).toEqual(['evaluated: INSUFFICIENT_DATA -> ALARM'])
})

test('a state set by hand lasts until the next evaluation', async () => {
  await using world = await startWorld()
  await world.putAlarm('a', { TreatMissingData: 'notBreaching' })
  await world.advance('11s')
  const StateReasonData = '{"by":"hand"}'
  await world.cloudwatch.setAlarmState({
    AlarmName: 'a',
    StateValue: 'ALARM',
    StateReason: 'test',
    StateReasonData,
  })
  expect((await world.cloudwatch.describeAlarms({ StateValue: 'ALARM' })).MetricAlarms?.[0]).toMatchObject({
    StateReason: 'test',
    StateReasonData,
  })
  await world.advance('10s')
  expect(await world.transitions()).toEqual([
    'a: INSUFFICIENT_DATA -> OK',
    'a: OK -> ALARM',
    'a: ALARM -> OK',
  ])
})

test('the history says what happened, newest first', async () => {
  await using world = await startWorld()
  await world.putAlarm('a', { TreatMissingData: 'breaching' })
  await world.advance('11s')
  const { AlarmHistoryItems = [] } = await world.cloudwatch.describeAlarmHistory({ AlarmName: 'a' })
  expect(
    AlarmHistoryItems.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary]),
  ).toEqual([
    ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to ALARM'],
    ['ConfigurationUpdate', 'Alarm "a" created'],
  ])
  expect(JSON.parse(AlarmHistoryItems[0]?.HistoryData ?? '')).toMatchObject({
    version: '1.0',
    oldState: { stateValue: 'INSUFFICIENT_DATA', stateReason: 'Unchecked: Initial alarm creation' },
    newState: { stateValue: 'ALARM', stateReasonData: { threshold: 5 } },
  })
  await world.advance('15d')
  expect((await world.cloudwatch.describeAlarmHistory({})).AlarmHistoryItems).toEqual([])
})

test('alarms are found by name, prefix, state, action and metric, and in pages', async () => {
  await using world = await startWorld()
  const action = 'arn:aws:sns:us-east-1:123456789012:topic'
  for (const name of ['a1', 'a2', 'b1'])
    await world.putAlarm(name, name === 'a2' ? { AlarmActions: [action] } : {})
  const { cloudwatch } = world
  const names = ({
    MetricAlarms = [],
  }: {
    MetricAlarms?: { AlarmName?: string | undefined }[] | undefined
  }) => MetricAlarms.map(({ AlarmName }) => AlarmName)
  expect(names(await cloudwatch.describeAlarms({ AlarmNamePrefix: 'a' }))).toEqual(['a1', 'a2'])
  expect(names(await cloudwatch.describeAlarms({ AlarmNames: ['b1', 'none'] }))).toEqual(['b1'])
  expect(names(await cloudwatch.describeAlarms({ ActionPrefix: 'arn:aws:sns' }))).toEqual(['a2'])
  expect(names(await cloudwatch.describeAlarms({ StateValue: 'OK' }))).toEqual([])
  expect(names(await cloudwatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] }))).toEqual([])
  const of = { Namespace: 'shop', MetricName: 'Errors' }
  expect(
    names(await cloudwatch.describeAlarmsForMetric({ ...of, Statistic: 'Sum', Period: 10 })),
  ).toHaveLength(3)
  expect(names(await cloudwatch.describeAlarmsForMetric({ ...of, Statistic: 'Average' }))).toEqual([])
  const first = await cloudwatch.describeAlarms({ MaxRecords: 2 })
  const { NextToken } = first
  const second = await cloudwatch.describeAlarms({ MaxRecords: 2, NextToken })
  expect([names(first), names(second), second.NextToken]).toEqual([['a1', 'a2'], ['b1'], undefined])
})

test('actions are switched, tags kept, and a deleted alarm is gone', async () => {
  await using world = await startWorld()
  const { cloudwatch } = world
  const ResourceARN = `${ALARM_ARN}:a`
  await world.putAlarm('a', { Tags: [{ Key: 'team', Value: 'shop' }] })
  await cloudwatch.tagResource({ ResourceARN, Tags: [{ Key: 'capstan:owner', Value: 'capstan' }] })
  await cloudwatch.untagResource({ ResourceARN, TagKeys: ['team'] })
  await world.putAlarm('a', { Tags: [{ Key: 'ignored', Value: 'on update' }] })
  expect((await cloudwatch.listTagsForResource({ ResourceARN })).Tags).toEqual([
    { Key: 'capstan:owner', Value: 'capstan' },
  ])
  await cloudwatch.disableAlarmActions({ AlarmNames: ['a', 'none'] })
  expect((await cloudwatch.describeAlarms({})).MetricAlarms?.[0]?.ActionsEnabled).toBe(false)
  await cloudwatch.enableAlarmActions({ AlarmNames: ['a'] })
  expect((await cloudwatch.describeAlarms({})).MetricAlarms?.[0]?.ActionsEnabled).toBe(true)
  await cloudwatch.deleteAlarms({ AlarmNames: ['a'] })
  expect((await cloudwatch.describeAlarms({})).MetricAlarms).toEqual([])
  expect(await codeOf(cloudwatch.deleteAlarms({ AlarmNames: ['a'] }))).toBe('ResourceNotFound')
  expect(await codeOf(cloudwatch.listTagsForResource({ ResourceARN }))).toBe('ResourceNotFoundException')
})

test.each<[string, object, string]>([
  ['no metric', { MetricName: undefined }, 'MissingRequiredParameterException'],
  ['no statistic', { Statistic: undefined }, 'MissingRequiredParameterException'],
  ['no threshold', { Threshold: undefined }, 'MissingRequiredParameterException'],
  ['a period of 15 s', { Period: 15 }, 'ValidationException'],
  ['a window of two days', { Period: 60, EvaluationPeriods: 2880 }, 'ValidationException'],
  ['more datapoints than periods', { DatapointsToAlarm: 2 }, 'ValidationException'],
  ['an unknown operator', { ComparisonOperator: 'Near' }, 'ValidationException'],
  ['an anomaly detection band', { ThresholdMetricId: 'ad1' }, 'ValidationException'],
  ['a trimmed mean', { Statistic: undefined, ExtendedStatistic: 'tm99' }, 'ValidationException'],
  ['an unknown unit', { Unit: 'Apples' }, 'ValidationException'],
  ['an unknown treatment', { TreatMissingData: 'maybe' }, 'ValidationException'],
  ['an action that is no ARN', { AlarmActions: ['page-me'] }, 'ValidationException'],
  [
    'six actions',
    { OKActions: Array.from({ length: 6 }, () => 'arn:aws:sns:us-east-1:1:t') },
    'ValidationException',
  ],
  ['a name that is too long', { AlarmName: 'a'.repeat(256) }, 'ValidationException'],
  [
    'both forms',
    { Metrics: [{ Id: 'a', Expression: '1' }], MetricName: 'Errors' },
    'InvalidParameterCombinationException',
  ],
  ['math without a metric', { Metrics: [{ Id: 'a', Expression: '1' }] }, 'ValidationException'],
  ['math that cannot be read', { Metrics: [{ Id: 'a', Expression: '1 +' }] }, 'ValidationException'],
  [
    'math about itself',
    {
      Metrics: [
        { Id: 'a', Expression: 'b' },
        { Id: 'b', Expression: 'a' },
      ],
    },
    'ValidationException',
  ],
  ['a search', { Metrics: [{ Id: 'a', Expression: "SEARCH('{AWS/EC2}', 'Sum')" }] }, 'ValidationException'],
])('%s is refused', async (_, more, code) => {
  await using world = await startWorld()
  expect(await codeOf(world.putAlarm('a', more))).toBe(code)
  expect((await world.cloudwatch.describeAlarms({})).MetricAlarms).toEqual([])
  expect(await world.received()).toEqual([])
})

test('a mute rule is active while its window is open', async () => {
  await using world = await startWorld()
  const { cloudwatch } = world
  await world.putAlarm('a')
  const Schedule = { Expression: 'cron(0 2 * * *)', Duration: 'PT1H' }
  await cloudwatch.putAlarmMuteRule({
    Name: 'nightly',
    Rule: { Schedule },
    MuteTargets: { AlarmNames: ['a'] },
  })
  const active = async () =>
    (await cloudwatch.listAlarmMuteRules({ AlarmName: 'a', Statuses: ['ACTIVE'] })).AlarmMuteRuleSummaries
      ?.length
  expect(await active()).toBe(0)
  await world.advance('2h')
  expect(await active()).toBe(1)
  expect(await cloudwatch.getAlarmMuteRule({ AlarmMuteRuleName: 'nightly' })).toMatchObject({
    Rule: { Schedule },
    MuteTargets: { AlarmNames: ['a'] },
    Status: 'ACTIVE',
    MuteType: 'RECURRING',
  })
  await world.advance('1h')
  expect(await active()).toBe(0)
  await cloudwatch.deleteAlarmMuteRule({ AlarmMuteRuleName: 'nightly' })
  await cloudwatch.deleteAlarmMuteRule({ AlarmMuteRuleName: 'nightly' })
  expect(await codeOf(cloudwatch.getAlarmMuteRule({ AlarmMuteRuleName: 'nightly' }))).toBe(
    'ResourceNotFoundException',
  )
  const wrong = { Schedule: { Expression: 'rate(1 hour)', Duration: 'PT1H' } }
  expect(await codeOf(cloudwatch.putAlarmMuteRule({ Name: 'wrong', Rule: wrong }))).toBe(
    'ValidationException',
  )
})

test('what is not there answers 501', async () => {
  await using world = await startWorld()
  await expect(world.cloudwatch.listDashboards({})).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  })
})
