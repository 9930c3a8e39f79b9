/** Reasons and their data, as CloudWatch's documentation and its alarms show them. */
import { expect, test } from 'vitest'
import type { Verdict } from './evaluate.ts'
import { compositeReason, compositeReasonData, double, reasonDataOf, reasonOf } from './reason.ts'
import type { MetricAlarm } from './state.ts'

function alarm(overrides: Partial<MetricAlarm> = {}): MetricAlarm {
  const stat = {
    namespace: 'AWS/EC2',
    name: 'CPUUtilization',
    dimensions: {},
    periodSeconds: 300,
    stat: 'Average',
  }
  return {
    type: 'MetricAlarm',
    name: 'a',
    arn: 'arn',
    actionsEnabled: true,
    okActions: [],
    alarmActions: [],
    insufficientDataActions: [],
    configuredAt: 0,
    tags: {},
    state: { value: 'OK', reason: '', updatedAt: 0, transitionedAt: 0 },
    operator: 'GreaterThanThreshold',
    threshold: 50,
    evaluationPeriods: 1,
    queries: [{ id: 'q', returnData: true, metricStat: stat }],
    isMath: false,
    periodSeconds: 300,
    evaluateAt: 0,
    ...overrides,
  }
}

const point = (time: string, value: number) => ({ at: Date.parse(time), value, samples: 1 })
const verdict = (state: Verdict['state'], points: ReturnType<typeof point>[], filled = 0): Verdict => {
  return { state, counted: points, decisive: points, filled }
}

const HOT = point('2019-10-02T16:59:00Z', 99.50160229693434)
const COLD = point('2019-10-01T13:46:00Z', 0.0666851903306472)
const many = [5, 4, 3, 2, 1, 0].map((minute) => point(`2024-12-19T08:2${minute}:00Z`, 60))

test.each<[Partial<MetricAlarm>, Verdict, string]>([
  [
    { datapointsToAlarm: 1 },
    verdict('ALARM', [HOT]),
    'Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).',
  ],
  [
    { datapointsToAlarm: 1 },
    verdict('OK', [COLD]),
    'Threshold Crossed: 1 out of the last 1 datapoints [0.0666851903306472 (01/10/19 13:46:00)] was not greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).',
  ],
  [
    { operator: 'GreaterThanOrEqualToThreshold' },
    verdict('ALARM', [HOT]),
    'Threshold Crossed: 1 datapoint [99.50160229693434 (02/10/19 16:59:00)] was greater than or equal to the threshold (50.0).',
  ],
  [
    { treatMissingData: 'breaching' },
    verdict('ALARM', [], 1),
    'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
  ],
  [
    { treatMissingData: 'notBreaching', evaluationPeriods: 5 },
    verdict('OK', [], 5),
    'Threshold Crossed: no datapoints were received for 5 periods and 5 missing datapoints were treated as [NonBreaching].',
  ],
  [{ evaluationPeriods: 1 }, verdict('INSUFFICIENT_DATA', []), 'Insufficient Data: 1 datapoint was unknown.'],
  [
    { evaluationPeriods: 5 },
    verdict('INSUFFICIENT_DATA', []),
    'Insufficient Data: 5 datapoints were unknown.',
  ],
  [
    { evaluationPeriods: 6, threshold: 20 },
    verdict('ALARM', many),
    'Threshold Crossed: 6 datapoints were greater than the threshold (20.0). The most recent datapoints which crossed the threshold: [60.0 (19/12/24 08:25:00), 60.0 (19/12/24 08:24:00), 60.0 (19/12/24 08:23:00), 60.0 (19/12/24 08:22:00), 60.0 (19/12/24 08:21:00)].',
  ],
  [
    { evaluationPeriods: 9, datapointsToAlarm: 3, treatMissingData: 'notBreaching' },
    verdict('OK', [COLD], 8),
    'Threshold Crossed: 1 out of the last 9 datapoints [0.0666851903306472 (01/10/19 13:46:00)] was not greater than the threshold (50.0) and 8 missing datapoints were treated as [NonBreaching] (minimum 7 datapoints for ALARM -> OK transition).',
  ],
])('%o', (overrides, found, expected) => {
  expect(reasonOf(alarm(overrides), found)).toBe(expected)
})

test('reason data has numbers as CloudWatch writes them, oldest datapoint first', () => {
  const found = verdict('ALARM', [point('2026-01-01T00:01:00Z', 2), point('2026-01-01T00:00:00Z', 1.5)])
  expect(reasonDataOf(alarm(), found, Date.parse('2026-01-01T00:02:01.985Z'))).toBe(
    '{"version":"1.0","queryDate":"2026-01-01T00:02:01.985+0000","startDate":"2026-01-01T00:00:00.000+0000","statistic":"Average","period":300,"recentDatapoints":[1.5,2.0],"threshold":50.0,"evaluatedDatapoints":[{"timestamp":"2026-01-01T00:01:00.000+0000","sampleCount":1.0,"value":2.0},{"timestamp":"2026-01-01T00:00:00.000+0000","sampleCount":1.0,"value":1.5}]}',
  )
})

test.each([
  [0, '0.0'],
  [50, '50.0'],
  [-1.25, '-1.25'],
  [0.001, '0.001'],
  [0.0001, '1.0E-4'],
  [9_999_999, '9999999.0'],
  [12_000_000, '1.2E7'],
])('%d is written as a double: %s', (value, expected) => {
  expect(double(value)).toBe(expected)
  expect(JSON.parse(double(value))).toBe(value)
})

test('a composite alarm says which child made it change, and when', () => {
  const updatedAt = Date.parse('2023-08-04T12:54:46.138Z')
  const triggers = [{ arn: 'arn:child', state: { value: 'ALARM', updatedAt } }] as const
  expect(compositeReason('arn:own', 'ALARM', 'child', triggers)).toBe(
    'arn:child transitioned to ALARM at Friday 04 August, 2023 12:54:46 UTC',
  )
  expect(compositeReason('arn:own', 'OK', 'created', triggers)).toBe(
    'arn:own was created and its alarm rule evaluates to OK',
  )
  expect(compositeReasonData(triggers)).toBe(
    '{"triggeringAlarms":[{"arn":"arn:child","state":{"value":"ALARM","timestamp":"2023-08-04T12:54:46.138+0000"}}]}',
  )
})
