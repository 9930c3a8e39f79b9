/** Metrics put, listed and read, in each of the protocols that CloudWatch speaks. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import { expect, test } from 'vitest'
import { codeOf, startWorld } from './harness.ts'

const START = new Date(Date.UTC(2025, 11, 31, 23, 55))
const END = new Date(Date.UTC(2026, 0, 1, 0, 5))

test.each([
  ['JSON', undefined],
  ['query', AwsQueryProtocol],
  ['CBOR', AwsSmithyRpcV2CborProtocol],
] as const)('over %s what is put is listed, read, and raises an alarm', async (_name, protocol) => {
  await using world = await startWorld()
  const cloudwatch = new CloudWatch({ ...world.drydock.config, ...(protocol && { protocol }) })
  const Dimensions = [{ Name: 'Service', Value: 'web' }]
  const of = { MetricName: 'Latency', Dimensions, Unit: 'Seconds', Timestamp: world.now() } as const
  await cloudwatch.putMetricData({
    Namespace: 'shop',
    MetricData: [
      { ...of, Values: [1, 2, 3], Counts: [2, 1, 1] },
      { ...of, StatisticValues: { SampleCount: 2, Sum: 8, Minimum: 4, Maximum: 4 } },
      { MetricName: 'Other', Value: 1.5, StorageResolution: 1 },
    ],
  })
  expect(
    (await cloudwatch.listMetrics({ Namespace: 'shop', Dimensions: [{ Name: 'Service' }] })).Metrics,
  ).toEqual([{ Namespace: 'shop', MetricName: 'Latency', Dimensions }])
  const statistics = await cloudwatch.getMetricStatistics({
    Namespace: 'shop',
    MetricName: 'Latency',
    Dimensions,
    StartTime: START,
    EndTime: END,
    Period: 300,
    Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    ExtendedStatistics: [],
  })
  expect(statistics.Datapoints).toEqual([
    {
      Timestamp: new Date(Date.UTC(2026, 0, 1)),
      SampleCount: 6,
      Sum: 15,
      Average: 2.5,
      Minimum: 1,
      Maximum: 4,
      Unit: 'Seconds',
    },
  ])
  const { MetricDataResults } = await cloudwatch.getMetricData({
    StartTime: START,
    EndTime: END,
    MetricDataQueries: [
      { Id: 'double', Expression: 'm * 2', Label: 'Double' },
      {
        Id: 'm',
        ReturnData: false,
        MetricStat: {
          Metric: { Namespace: 'shop', MetricName: 'Latency', Dimensions },
          Period: 60,
          Stat: 'p50',
        },
      },
    ],
  })
  expect(MetricDataResults).toMatchObject([
    {
      Id: 'double',
      Label: 'Double',
      Timestamps: [new Date(Date.UTC(2026, 0, 1))],
      Values: [4],
      StatusCode: 'Complete',
    },
  ])
  await cloudwatch.putMetricAlarm({
    AlarmName: 'slow',
    Namespace: 'shop',
    MetricName: 'Latency',
    Dimensions,
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  })
  await world.advance('61s')
  const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames: ['slow'] })
  expect(MetricAlarms).toMatchObject([{ StateValue: 'ALARM', Threshold: 3, Dimensions }])
  const missing = cloudwatch.setAlarmState({ AlarmName: 'none', StateValue: 'OK', StateReason: '' })
  await expect(missing).rejects.toMatchObject({
    name: 'ResourceNotFound',
    $metadata: { httpStatusCode: 404 },
  })
  expect(world.drydock.faults).toEqual([])
})

test('results come in pages, newest first unless told', async () => {
  await using world = await startWorld()
  for (const value of [1, 2, 3, 4, 5]) {
    await world.put('Errors', value)
    await world.advance('60s')
  }
  const query = (Id: string) => ({
    Id,
    MetricStat: { Metric: { Namespace: 'shop', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' },
  })
  const input = {
    StartTime: START,
    EndTime: END,
    MetricDataQueries: [query('a'), query('b')],
    MaxDatapoints: 4,
  }
  const values: (readonly number[])[][] = []
  let NextToken: string | undefined
  do {
    const page = await world.cloudwatch.getMetricData({ ...input, NextToken })
    values.push((page.MetricDataResults ?? []).map(({ Values = [] }) => Values))
    NextToken = page.NextToken
  } while (NextToken)
  expect(values).toEqual([
    [[5, 4, 3, 2], []],
    [[1], [5, 4, 3]],
    [[], [2, 1]],
  ])
  const ascending = await world.cloudwatch.getMetricData({
    ...input,
    MaxDatapoints: 100,
    ScanBy: 'TimestampAscending',
  })
  expect(ascending.MetricDataResults?.[0]?.Values).toEqual([1, 2, 3, 4, 5])
})

test('a metric without data for two weeks is no longer listed', async () => {
  await using world = await startWorld()
  await world.put('Errors', 1)
  const names = async (more: object = {}) =>
    (await world.cloudwatch.listMetrics({ Namespace: 'shop', ...more })).Metrics?.length
  expect([await names(), await names({ RecentlyActive: 'PT3H' })]).toEqual([1, 1])
  await world.advance('4h')
  expect([await names(), await names({ RecentlyActive: 'PT3H' })]).toEqual([1, 0])
  await world.advance('14d')
  expect(await names()).toBe(0)
})

test.each<[string, object, string]>([
  ['no value', {}, 'MissingRequiredParameterException'],
  ['two kinds of value', { Value: 1, Values: [1] }, 'InvalidParameterCombinationException'],
  ['counts that do not fit', { Values: [1, 2], Counts: [1] }, 'InvalidParameterValueException'],
  ['151 values', { Values: Array.from({ length: 151 }, (_, i) => i) }, 'InvalidParameterValueException'],
  ['a value that is too large', { Value: 1e300 }, 'InvalidParameterValueException'],
  [
    'three weeks ago',
    { Value: 1, Timestamp: new Date(Date.UTC(2025, 11, 1)) },
    'InvalidParameterValueException',
  ],
  ['tomorrow', { Value: 1, Timestamp: new Date(Date.UTC(2026, 0, 2)) }, 'InvalidParameterValueException'],
  ['an unknown unit', { Value: 1, Unit: 'Apples' }, 'ValidationException'],
  ['a resolution of 10 s', { Value: 1, StorageResolution: 10 }, 'InvalidParameterValueException'],
  [
    'a dimension twice',
    {
      Value: 1,
      Dimensions: [
        { Name: 'a', Value: '1' },
        { Name: 'a', Value: '2' },
      ],
    },
    'InvalidParameterValueException',
  ],
  [
    'a dimension without a value',
    { Value: 1, Dimensions: [{ Name: 'a', Value: '' }] },
    'InvalidParameterValueException',
  ],
  ['no name', { MetricName: '', Value: 1 }, 'MissingRequiredParameterException'],
])('%s is refused, and nothing of the request is kept', async (_, datum, code) => {
  await using world = await startWorld()
  const MetricData = [
    { MetricName: 'Good', Value: 1 },
    { MetricName: 'Bad', ...datum },
  ]
  expect(await codeOf(world.cloudwatch.putMetricData({ Namespace: 'shop', MetricData }))).toBe(code)
  expect((await world.cloudwatch.listMetrics({})).Metrics).toEqual([])
})

test('limits of requests are those of CloudWatch', async () => {
  await using world = await startWorld()
  const { cloudwatch } = world
  const data = (length: number) => Array.from({ length }, () => ({ MetricName: 'm', Value: 1 }))
  expect(await codeOf(cloudwatch.putMetricData({ Namespace: 'AWS/ECS', MetricData: data(1) }))).toBe(
    'InvalidParameterValueException',
  )
  expect(await codeOf(cloudwatch.putMetricData({ Namespace: 'n', MetricData: data(1001) }))).toBe(
    'InvalidParameterValueException',
  )
  await cloudwatch.putMetricData({ Namespace: 'n', MetricData: data(1000) })
  const statistics = { Namespace: 'n', MetricName: 'm', StartTime: START, EndTime: END }
  expect(await codeOf(cloudwatch.getMetricStatistics({ ...statistics, Period: 60 }))).toBe(
    'InvalidParameterCombinationException',
  )
  const long = {
    ...statistics,
    EndTime: new Date(Date.UTC(2026, 0, 2)),
    Period: 1,
    Statistics: ['Sum' as const],
  }
  expect(await codeOf(cloudwatch.getMetricStatistics(long))).toBe('InvalidParameterCombinationException')
  expect(await codeOf(cloudwatch.getMetricStatistics({ ...long, EndTime: START, Period: 60 }))).toBe(
    'InvalidParameterValueException',
  )
  expect(await codeOf(cloudwatch.listMetrics({ NextToken: 'nonsense' }))).toBe('InvalidNextToken')
})
