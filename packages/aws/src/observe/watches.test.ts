import { expect, test } from 'vitest'
import { globKeys, isWatchedBy, watchesKept } from './watches.ts'

const event = (name: string, dimensions: Record<string, string> = {}, rule?: string) => ({
  name,
  metrics: [{ namespace: 'x', dimensions }],
  ...(rule !== undefined && { rule }),
})

test.each([
  ['its target group', event('a', { TargetGroup: 'targetgroup/web/1', LoadBalancer: 'app/x/1' }), true],
  ['its cluster and name', event('a', { ClusterName: 'prod', ServiceName: 'web' }), true],
  ['its name, by a glob', event('web-errors'), true],
  ['its name', event('named'), true],
  ['a child of a composite', event('all', {}, 'ALARM(named) OR ALARM(other)'), true],
  ['another target group', event('a', { TargetGroup: 'targetgroup/api/1' }), false],
  ['nothing', event('billing'), false],
  ['a rule that does not parse', event('all', {}, 'ALARM('), false],
])('an alarm is found by %s', (_, alarm, expected) => {
  const watches = ['targetgroup/web/1', 'prod/web', 'alarm:named', ...globKeys(['web-*'])]
  expect(isWatchedBy(alarm, watches)).toBe(expected)
})

test('where alarms were not looked at, what only they could tell is kept', () => {
  const before = ['alarm:named', 'app/front/1', 'glob:old-*', 'prod/web', 'targetgroup/old/1']
  expect(watchesKept(['prod/web', 'targetgroup/new/1'], before)).toEqual([
    'alarm:named',
    'app/front/1',
    'prod/web',
    'targetgroup/new/1',
  ])
})
