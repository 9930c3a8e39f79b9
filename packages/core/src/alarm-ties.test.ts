import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dimensionOf,
  keysOfAlarmEvent,
  type PlainAlarm,
  plainAlarm,
  tieAlarms,
  watchKeys,
} from './alarm-ties.ts'

const WEB = 'targetgroup/web/943f017f100becff'
const ALB = 'app/shop/50dc6c495c0c9188'
const KEYS = {
  service: { cluster: 'prod', service: 'web' },
  targetGroups: [WEB],
  loadBalancers: [ALB],
  alarms: ['web-*'],
}

function alarm(name: string, overrides: Partial<PlainAlarm> = {}): PlainAlarm {
  return { arn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`, name, metrics: [], ...overrides }
}

function metric(dimensions: Record<string, string>) {
  return { namespace: 'AWS/ApplicationELB', dimensions }
}

function tiesOf(...alarms: PlainAlarm[]) {
  return Object.fromEntries(tieAlarms(alarms, KEYS).tied.map((each) => [each.alarm.name, each.ties.join()]))
}

test.each<[string, Partial<PlainAlarm>, string | undefined]>([
  ['its target group', { metrics: [metric({ TargetGroup: WEB, LoadBalancer: ALB })] }, 'target-group'],
  ['its target group alone', { metrics: [metric({ TargetGroup: WEB })] }, 'target-group'],
  ['its load balancer', { metrics: [metric({ LoadBalancer: ALB })] }, 'load-balancer'],
  [
    "another service's target group behind its load balancer",
    { metrics: [metric({ TargetGroup: 'targetgroup/api/1', LoadBalancer: ALB })] },
    undefined,
  ],
  ['its own dimensions', { metrics: [metric({ ClusterName: 'prod', ServiceName: 'web' })] }, 'service'],
  ["another cluster's", { metrics: [metric({ ClusterName: 'test', ServiceName: 'web' })] }, undefined],
  ['its cluster', { metrics: [metric({ ClusterName: 'prod' })] }, undefined],
  [
    'two metrics of metric math',
    { metrics: [metric({ TargetGroup: WEB }), metric({ LoadBalancer: ALB })] },
    'target-group,load-balancer',
  ],
  ['a tag', { tags: { 'capstan:service': 'prod/web' } }, 'tag'],
  ["another's tag", { tags: { 'capstan:service': 'prod/api' } }, undefined],
  ['a tag that names none', { tags: { 'capstan:service': 'a/b/c' } }, undefined],
  ['nothing', { metrics: [metric({ QueueName: 'x' })] }, undefined],
])('an alarm about %s', (_, overrides, ties) => {
  expect(tiesOf(alarm('x', overrides))).toEqual(ties === undefined ? {} : { x: ties })
})

test('a glob of the config ties by name, slashes or not', () => {
  expect(tiesOf(alarm('web-5xx'), alarm('web-a/b'), alarm('api-5xx'))).toEqual({
    'web-5xx': 'config',
    'web-a/b': 'config',
  })
})

test('a composite alarm is tied through its children, however deep, by name or ARN', () => {
  const arn = alarm('web-5xx').arn
  expect(
    tiesOf(
      alarm('web-5xx'),
      alarm('one', { rule: `ALARM("${arn}") OR ALARM(other)` }),
      alarm('two', { rule: 'OK(one) AND TRUE' }),
      alarm('quiet', { rule: 'ALARM(other) AND NOT ALARM(web-5xx)' }),
      alarm('other'),
    ),
  ).toEqual({ 'web-5xx': 'config', one: 'child', two: 'child' })
})

test('what cannot be followed is told and ties nothing', () => {
  const { tied, problems } = tieAlarms(
    [
      alarm('a', { rule: 'ALARM(b)' }),
      alarm('b', { rule: 'ALARM(a)' }),
      alarm('self', { rule: 'ALARM(self) OR ALARM(web-1)' }),
      alarm('gone', { rule: 'ALARM(nowhere)' }),
      alarm('odd', { rule: 'ALARM(' }),
      alarm('web-1'),
    ],
    KEYS,
  )
  expect(tied.map((each) => each.alarm.name)).toEqual(['self', 'web-1'])
  expect(problems).toEqual([
    'The composite alarm gone names nowhere, which is not there.',
    'The rule of the composite alarm odd cannot be read.',
    'The composite alarms a, b, self lead back to themselves; only what else they name counts.',
  ])
})

test('an alarm is read as DescribeAlarms lists it', () => {
  const Dimensions = [{ Name: 'TargetGroup', Value: WEB }]
  expect(plainAlarm({ AlarmArn: 'arn', AlarmName: 'x', Namespace: 'N', Dimensions, Metrics: [] })).toEqual({
    arn: 'arn',
    name: 'x',
    metrics: [{ namespace: 'N', dimensions: { TargetGroup: WEB } }],
  })
  expect(
    plainAlarm(
      {
        AlarmArn: 'arn',
        AlarmName: 'x',
        Dimensions: [],
        Metrics: [{ MetricStat: { Metric: { Namespace: 'N', Dimensions } } }, {}],
      },
      { a: 'b' },
    ),
  ).toEqual({
    arn: 'arn',
    name: 'x',
    metrics: [{ namespace: 'N', dimensions: { TargetGroup: WEB } }],
    tags: { a: 'b' },
  })
  expect(plainAlarm({ AlarmArn: 'arn', AlarmName: 'x', AlarmRule: 'TRUE' }).rule).toBe('TRUE')
})

test.each([
  ['arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/943f017f100becff', WEB],
  ['arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188', ALB],
  ['arn:aws-cn:elasticloadbalancing:cn-north-1:1:loadbalancer/net/n/1', 'net/n/1'],
  ['arn:aws:elasticloadbalancing:us-east-1:1:listener/app/shop/1/2', undefined],
  ['web', undefined],
])('%s is in dimensions %s', (arn, expected) => {
  expect(dimensionOf(arn)).toBe(expected)
})

test('a service is found by the event of each alarm that is tied to it', () => {
  const alarms = [
    alarm('tg', { metrics: [metric({ TargetGroup: WEB, LoadBalancer: ALB })] }),
    alarm('lb', { metrics: [metric({ LoadBalancer: ALB })] }),
    alarm('ecs', { metrics: [metric({ ClusterName: 'prod', ServiceName: 'web' })] }),
    alarm('web-1'),
    alarm('tagged', { tags: { 'capstan:service': 'prod/web' } }),
    alarm('all', { rule: 'ALARM(tg) OR ALARM(tagged)' }),
    alarm('other', { metrics: [metric({ TargetGroup: 'targetgroup/api/1' })] }),
  ]
  const watched = watchKeys(KEYS, tieAlarms(alarms, KEYS).tied)
  expect(watched).toEqual(['alarm:all', 'alarm:tagged', 'alarm:web-1', ALB, 'prod/web', WEB])
  const isFound = ({ tags: _, ...event }: PlainAlarm) =>
    keysOfAlarmEvent(event).some((key) => watched.includes(key))
  expect(alarms.filter(isFound).map(({ name }) => name)).toEqual([
    'tg',
    'lb',
    'ecs',
    'web-1',
    'tagged',
    'all',
  ])
})

test('any web of composite alarms is followed to its end', () => {
  const names = ['web-1', 'b', 'c', 'd', 'e', 'f']
  const rules = fc.array(fc.array(fc.constantFrom(...names, 'gone'), { maxLength: 4 }), {
    minLength: 6,
    maxLength: 6,
  })
  fc.assert(
    fc.property(rules, (children) => {
      const alarms = names.map((name, index) => {
        const rule = (children[index] ?? []).map((child) => `ALARM(${child})`).join(' OR ')
        return alarm(name, rule === '' ? {} : { rule })
      })
      const { tied } = tieAlarms(alarms, KEYS)
      const ties = new Map(tied.map((each) => [each.alarm.name, each.ties]))
      for (const [index, name] of names.entries()) {
        const through = (children[index] ?? []).some((child) => ties.has(child))
        expect(ties.has(name)).toBe(name === 'web-1' || through)
      }
    }),
  )
})
