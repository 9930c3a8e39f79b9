/** Alarms inside an engine with a virtual clock: their state is a function of the data in their window. */
import type { DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Engine } from '../engine.ts'
import { virtualClock } from '../host/clock.ts'
import { performerOf } from '../host/effects.ts'
import { seededIds } from '../host/ids.ts'
import { evaluate } from './evaluate.ts'
import type { TreatMissingData } from './state.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const START = Date.UTC(2026, 0, 1)

async function newEngine() {
  const engine = new Engine({ clock: virtualClock(), ids: seededIds(1), perform: performerOf() })
  await engine.load('cloudwatch')
  const call = (operation: string, input: object) => engine.call('cloudwatch', scope, operation, input)
  return { engine, call }
}

const ALARM = {
  AlarmName: 'a',
  Namespace: 'n',
  MetricName: 'm',
  Statistic: 'Sum',
  Period: 10,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
}

const puts = fc.array(
  fc.record({ second: fc.integer({ min: 0, max: 79 }), value: fc.integer({ min: 0, max: 8 }) }),
  {
    maxLength: 12,
  },
)
const settings = fc
  .record({
    EvaluationPeriods: fc.integer({ min: 1, max: 4 }),
    DatapointsToAlarm: fc.integer({ min: 1, max: 4 }),
    TreatMissingData: fc.constantFrom<TreatMissingData>('breaching', 'notBreaching', 'missing'),
  })
  .filter(({ EvaluationPeriods, DatapointsToAlarm }) => DatapointsToAlarm <= EvaluationPeriods)

test("an alarm's state is a function of its window, whatever came before and in whatever order it was put", async () => {
  await fc.assert(
    fc.asyncProperty(puts, settings, fc.boolean(), async (data, setting, isReversed) => {
      const { engine, call } = await newEngine()
      await call('PutMetricAlarm', { ...ALARM, ...setting })
      await engine.advance('80s')
      const late = isReversed ? data.toReversed() : data
      for (const { second, value } of late) {
        const Timestamp = new Date(START + second * 1000)
        const MetricData = [{ MetricName: 'm', Value: value, Timestamp, StorageResolution: 1 }]
        await call('PutMetricData', { Namespace: 'n', MetricData })
      }
      await engine.advance('1s')
      const count = setting.EvaluationPeriods + 2
      const range = Array.from({ length: count }, (_, index) => {
        const at = 80 - (count - index) * 10
        const inside = data.filter(({ second }) => second >= at && second < at + 10)
        if (!inside.length) return undefined
        return { at, value: inside.reduce((sum, { value }) => sum + value, 0), samples: inside.length }
      })
      const rule = {
        operator: ALARM.ComparisonOperator,
        threshold: ALARM.Threshold,
        evaluationPeriods: setting.EvaluationPeriods,
        datapointsToAlarm: setting.DatapointsToAlarm,
        treatMissingData: setting.TreatMissingData,
      }
      const { MetricAlarms } = (await call('DescribeAlarms', {})) as DescribeAlarmsOutput
      expect(MetricAlarms?.[0]?.StateValue).toBe(evaluate(rule, range)?.state)
    }),
    { numRuns: 200 },
  )
})

test('metrics of the engine’s own services come as reports, under names that are AWS’s alone', async () => {
  const { engine, call } = await newEngine()
  const dimensions = {
    LoadBalancer: 'app/web/50dc6c495c0c9188',
    TargetGroup: 'targetgroup/web/943f017f100becff',
  }
  engine.report('cloudwatch', scope, {
    kind: 'metrics',
    namespace: 'AWS/ApplicationELB',
    metrics: [
      { name: 'RequestCount', dimensions, at: START, unit: 'Count', samples: [{ value: 1, count: 250 }] },
      {
        name: 'TargetResponseTime',
        dimensions,
        at: START,
        unit: 'Seconds',
        samples: [
          { value: 0.01, count: 99 },
          { value: 2, count: 1 },
        ],
      },
      { name: 'HealthyHostCount', dimensions, at: START, samples: { count: 2, sum: 4, min: 1, max: 3 } },
      { name: 'Nothing', dimensions, at: START, samples: [] },
    ],
  })
  const read = async (MetricName: string, Stat: string) => {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
    const Metric = { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }
    const found = (await call('GetMetricData', {
      StartTime: new Date(START),
      EndTime: new Date(START + 10_000),
      MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 10, Stat } }],
    })) as { MetricDataResults: { Values: number[] }[] }
    return found.MetricDataResults[0]?.Values
  }
  expect(await read('RequestCount', 'Sum')).toEqual([250])
  expect(await read('TargetResponseTime', 'p99')).toEqual([0.01])
  expect(await read('TargetResponseTime', 'Maximum')).toEqual([2])
  expect(await read('HealthyHostCount', 'Average')).toEqual([2])
  expect(await read('Nothing', 'Sum')).toEqual([])
})

test('kept state goes on where it was', async () => {
  const { engine, call } = await newEngine()
  await call('PutMetricAlarm', { ...ALARM, EvaluationPeriods: 1 })
  await call('PutCompositeAlarm', { AlarmName: 'c', AlarmRule: 'ALARM(a)' })
  const MetricData = [{ MetricName: 'm', Value: 9, StorageResolution: 1 }]
  await call('PutMetricData', { Namespace: 'n', MetricData })
  const kept = JSON.parse(JSON.stringify(engine.snapshot()))
  const next = await newEngine()
  await next.engine.restore(kept)
  next.engine.resume(() => {})
  await next.engine.advance('11s')
  const AlarmTypes = ['MetricAlarm', 'CompositeAlarm']
  const { MetricAlarms, CompositeAlarms } = (await next.call('DescribeAlarms', {
    AlarmTypes,
  })) as DescribeAlarmsOutput
  expect([MetricAlarms?.[0]?.StateValue, CompositeAlarms?.[0]?.StateValue]).toEqual(['ALARM', 'ALARM'])
})

test('an expression of expressions is worked out once each, not twice at every step', async () => {
  const { call } = await newEngine()
  const lines = Array.from({ length: 40 }, (_, index) => ({
    Id: `e${index + 1}`,
    Expression: `e${index} + e${index}`,
    ReturnData: index === 39,
  }))
  const Metric = { Namespace: 'n', MetricName: 'm' }
  const MetricDataQueries = [
    { Id: 'e0', MetricStat: { Metric, Period: 60, Stat: 'Sum' }, ReturnData: false },
    ...lines,
  ]
  await call('PutMetricData', { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1 }] })
  const [StartTime, EndTime] = [new Date(START), new Date(START + 60_000)]
  expect(await call('GetMetricData', { MetricDataQueries, StartTime, EndTime })).toMatchObject({
    MetricDataResults: [{ Id: 'e40', Values: [2 ** 40] }],
  })
})
