/** Whatever is sent, however wrong, gets an answer that is no bug, and the engine goes on. */
import { cloudwatch } from '@capstan/drydock/cloudwatch/index.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RandomValues } from '../wire/random-values.ts'
import { startWorld } from './harness.ts'

const operations = [...cloudwatch.model.operations.values()].filter(({ handler }) => handler)
const TARGET = 'GraniteServiceVersion20100801'

/** What makes an input nearly right, so that it gets further than the first check. */
const NEARLY: Readonly<Record<string, readonly unknown[]>> = {
  AlarmName: ['a', 'c', '__proto__', 'constructor'],
  AlarmNames: [['a'], ['a', 'c'], ['__proto__'], []],
  AlarmRule: ['ALARM(a)', 'NOT (OK(c) OR TRUE)', 'ALARM(', 'ALARM(__proto__)', ''],
  ActionsSuppressor: ['a', 'none'],
  ComparisonOperator: ['GreaterThanThreshold', 'LessThanLowerThreshold', 'constructor'],
  Dimensions: [[], [{ Name: 'a', Value: 'b' }]],
  EvaluationPeriods: [1, 3, 0, -1, 1e9, 0.5],
  DatapointsToAlarm: [1, 2, 1e9],
  Expression: ['a', 'm', 'SUM(METRICS())', '1 / 0', 'FILL(m, REPEAT)', '((((', 'toString'],
  ExtendedStatistic: ['p99', 'tm99', 'p1000', 'toString'],
  Id: ['a', 'm', 'constructor'],
  MetricName: ['m', '__proto__'],
  Namespace: ['n', 'AWS/ECS', ':n'],
  NextToken: ['YWZ0ZXI6MQ', 'nonsense'],
  Period: [10, 60, 7, 0, -60, 1e12],
  ResourceARN: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:a', '__proto__'],
  Stat: ['Sum', 'p50', '__proto__'],
  StateValue: ['OK', 'ALARM', 'toString'],
  StateReasonData: ['{}', 'null', '{'],
  Statistic: ['Sum', 'constructor'],
  StartTime: [1767225600, 0, -1e9],
  EndTime: [1767225700, 1e12, 0],
  Threshold: [0, 1, -1e308],
  TreatMissingData: ['breaching', 'ignore', 'no'],
  Unit: ['Count', 'None'],
}

function twist(value: unknown, pick: (count: number) => number): unknown {
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map((each) => twist(each, pick))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const nearly = Object.hasOwn(NEARLY, name) ? NEARLY[name] : undefined
    if (pick(6) === 0) return []
    return [[name, nearly && pick(4) ? nearly[pick(nearly.length)] : twist(inner, pick)]]
  })
  return Object.fromEntries(entries)
}

test('bad values are refused or harmless', async () => {
  await using world = await startWorld()
  await world.putAlarm('a')
  await world.cloudwatch.putCompositeAlarm({ AlarmName: 'c', AlarmRule: 'ALARM(a)' })
  const refused = new Set<string>()
  const inputs = fc.record({ seed: fc.integer({ min: 1 }), index: fc.nat({ max: operations.length - 1 }) })
  await fc.assert(
    fc.asyncProperty(inputs, fc.infiniteStream(fc.nat()), async ({ seed, index }, numbers) => {
      const operation = operations[index]
      if (!operation) return
      const pick = (count: number) => (numbers.next().value ?? 0) % count
      const input = twist(new RandomValues(seed).make(operation.input), pick)
      const reply = await fetch(world.drydock.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `${TARGET}.${operation.name}`,
        },
        body: JSON.stringify(input),
      })
      const text = await reply.text()
      expect({ status: reply.status, text, operation: operation.name }).not.toMatchObject({ status: 500 })
      if (reply.status >= 400) refused.add(String(JSON.parse(text).__type))
    }),
    { numRuns: 1500 },
  )
  await world.advance('3m')
  expect(world.drydock.faults).toEqual([])
  expect(refused.size).toBeGreaterThan(4)
})
