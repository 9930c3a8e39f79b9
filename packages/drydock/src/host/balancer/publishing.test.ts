import { expect, test } from 'vitest'
import { testEngine } from '../../testing.ts'
import { ask, controlOf, forwardTo, scope, startTarget } from './testing.ts'

/** A load balancer before a program that answers 500 to `/bad`, and before nobody at `/nobody`. */
async function stageOf() {
  const drydock = await testEngine()
  const target = await startTarget((request, reply) => {
    reply.statusCode = request.url === '/bad' ? 500 : 200
    reply.end()
  })
  const control = controlOf(drydock)
  const balancer = await control.loadBalancer()
  const group = await control.group('web', [target.port])
  const nobody = await control.group('nobody', [1])
  const listener = await control.listener(balancer.arn, forwardTo(group))
  await control.call('CreateRule', {
    ListenerArn: listener,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/nobody'] }],
    Actions: forwardTo(nobody),
  })
  await drydock.engine.settle()
  const LoadBalancer = balancer.arn.slice(balancer.arn.indexOf('app/'))
  const groupName = (arn: string) => arn.slice(arn.indexOf('targetgroup/'))
  const ofGroup = (arn: string) => ({ TargetGroup: groupName(arn), LoadBalancer })
  return {
    ...{ drydock, balancer, group, nobody, LoadBalancer, ofGroup, control },
    get: (path: string) => ask(drydock, balancer.dnsName, path),
    /** A statistic of the last minute; undefined where there is no data. */
    async statistic(MetricName: string, dimensions: Record<string, string>, Stat = 'Sum') {
      const now = drydock.engine.clock.now()
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
      const Metric = { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions }
      const { MetricDataResults } = (await drydock.engine.call('cloudwatch', scope, 'GetMetricData', {
        StartTime: new Date(now - 60_000),
        EndTime: new Date(now),
        MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 60, Stat } }],
      })) as { MetricDataResults: [{ Values: number[] }] }
      return MetricDataResults[0].Values[0]
    },
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]()
      await drydock.close()
    },
  }
}

test('what went through a load balancer is in CloudWatch ten seconds later, by balancer and by group', async () => {
  await using stage = await stageOf()
  for (const path of ['/', '/', '/bad', '/nobody']) await stage.get(path)
  await stage.drydock.engine.advance('10s')
  const { LoadBalancer } = stage
  const group = stage.ofGroup(stage.group)
  const nobody = stage.ofGroup(stage.nobody)
  expect(await stage.statistic('RequestCount', { LoadBalancer })).toBe(4)
  expect(await stage.statistic('RequestCount', group)).toBe(3)
  expect(await stage.statistic('RequestCountPerTarget', group)).toBe(3)
  expect(await stage.statistic('HTTPCode_Target_2XX_Count', group)).toBe(2)
  expect(await stage.statistic('HTTPCode_Target_5XX_Count', { LoadBalancer })).toBe(1)
  expect(await stage.statistic('HTTPCode_Target_4XX_Count', { LoadBalancer })).toBeUndefined()
  expect(await stage.statistic('HTTPCode_ELB_5XX_Count', { LoadBalancer })).toBe(1)
  expect(await stage.statistic('HTTPCode_ELB_502_Count', { LoadBalancer })).toBe(1)
  expect(await stage.statistic('HTTPCode_ELB_5XX_Count', nobody)).toBeUndefined()
  expect(await stage.statistic('TargetConnectionErrorCount', nobody)).toBe(1)
  expect(await stage.statistic('TargetResponseTime', { LoadBalancer }, 'SampleCount')).toBe(3)
  expect(await stage.statistic('TargetResponseTime', { LoadBalancer }, 'p90')).toBeGreaterThanOrEqual(0)
  expect(await stage.statistic('HealthyHostCount', group, 'Maximum')).toBe(1)
  expect(await stage.statistic('UnHealthyHostCount', group, 'Maximum')).toBe(0)
  expect(stage.drydock.faults).toEqual([])
})

test('without traffic only the hosts are told of, and without targets nothing at all', async () => {
  await using stage = await stageOf()
  await stage.drydock.engine.advance('10s')
  const { LoadBalancer } = stage
  expect(await stage.statistic('RequestCount', { LoadBalancer })).toBeUndefined()
  expect(await stage.statistic('HealthyHostCount', stage.ofGroup(stage.group), 'Maximum')).toBe(1)
  await using idle = await testEngine()
  await controlOf(idle).loadBalancer()
  await idle.engine.advance('60s')
  expect(idle.engine.loaded()).not.toContain('cloudwatch')
})

test('when the last load balancer has gone nothing wakes the engine any more', async () => {
  await using drydock = await testEngine()
  const control = controlOf(drydock)
  const { arn } = await control.loadBalancer()
  await drydock.engine.advance('30s')
  await control.call('DeleteLoadBalancer', { LoadBalancerArn: arn })
  await drydock.engine.advance('10s')
  expect((drydock.engine.clock as { alarm?: () => number | undefined }).alarm?.()).toBeUndefined()
})
