import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TaskSettings } from './state.ts'
import { configuredOf, problemOf, settleTargetGroups, shiftsOf, weightsOf } from './traffic.ts'

const TRAFFIC = {
  targetGroupArn: 'one',
  alternateTargetGroupArn: 'two',
  productionListenerRule: 'production',
  testListenerRule: 'test',
  roleArn: 'role',
}
const settings = (targetGroupArn: string): TaskSettings => ({
  taskDefinitionArn: 'web:1',
  launchType: 'FARGATE',
  loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: 80, traffic: TRAFFIC }],
})

test.each([
  [0, { green: 0, blue: 100 }],
  [5, { green: 5, blue: 95 }],
  [0.1, { green: 1, blue: 999 }],
  [33.4, { green: 334, blue: 666 }],
  [100, { green: 100, blue: 0 }],
])('%d %% are the weights %j', (percent, weights) => {
  expect(weightsOf('green', 'blue', percent)).toEqual(weights)
})

test('weights are whole, in the range of load balancers, and give just the share asked for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), (tenths) => {
      const { green = -1, blue = -1 } = weightsOf('green', 'blue', tenths / 10)
      for (const weight of [green, blue]) {
        expect(Number.isInteger(weight)).toBe(true)
        expect(weight).toBeGreaterThanOrEqual(0)
        expect(weight).toBeLessThanOrEqual(999)
      }
      expect(green / (green + blue)).toBeCloseTo(tenths / 1000, 9)
    }),
  )
})

test.each([
  ['CANARY', undefined, 'one'],
  ['CANARY', 'one', 'two'],
  ['BLUE_GREEN', 'two', 'one'],
  ['ROLLING', 'two', 'two'],
  ['ROLLING', undefined, 'one'],
])('a %s deployment beside target group %s is in %s', (strategy, serving, expected) => {
  const settled = settleTargetGroups(settings('one'), serving ? settings(serving) : undefined, strategy)
  expect(settled.loadBalancers?.[0]?.targetGroupArn).toBe(expected)
  expect(settled.loadBalancers?.map(configuredOf)).toEqual(settings('one').loadBalancers?.map(configuredOf))
})

test('production and test traffic are shifted by their own rules', () => {
  expect(shiftsOf(settings('two'), { production: 10 })).toEqual([
    { arn: 'production', weights: { two: 10, one: 90 } },
  ])
  expect(shiftsOf(settings('one'), { test: 100 })).toEqual([{ arn: 'test', weights: { one: 100, two: 0 } }])
})

test.each<[string, Record<string, Record<string, number>>, string | undefined]>([
  ['as it should be', { production: { one: 1, two: 0 }, test: { one: 1, two: 0 } }, undefined],
  ['the alternate only for tests', { production: { one: 1 }, test: { two: 1 } }, undefined],
  ['a rule is gone', { production: { one: 1, two: 0 } }, 'One or more rules not found.'],
  [
    'a target group is nowhere',
    { production: { one: 1 }, test: { one: 1 } },
    'Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule.',
  ],
  [
    'both serve',
    { production: { one: 9, two: 1 }, test: {} },
    'productionListenerRule production should have exactly one target group serving traffic but found 2 target groups ' +
      'which are serving traffic',
  ],
  [
    'another serves',
    { production: { three: 1, one: 0, two: 0 }, test: {} },
    'Production listener rule is forwarding traffic to unexpected target group three. Expected traffic to be forwarded ' +
      'to either targetGroupArn: one or alternateTargetGroupArn: two',
  ],
])('%s', (_, sights, problem) => {
  expect(problemOf(settings('two'), sights)).toBe(problem)
})
