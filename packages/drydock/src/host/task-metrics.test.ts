/** The utilization of services, with a driver that says what the test wants, on the virtual clock. */
import { expect, test } from 'vitest'
import { testEngine } from '../testing.ts'
import { scope } from './balancer/testing.ts'
import type { TaskUsage } from './driver.ts'
import { taskMetrics } from './task-metrics.ts'

test('a service is measured by what its tasks use of what their definition gives them', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  const call = (operation: string, input: object) => engine.call('ecs', scope, operation, input)
  await call('CreateCluster', {})
  await call('RegisterTaskDefinition', {
    ...{ family: 'web', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
    ...{ cpu: '512', memory: '1024', containerDefinitions: [{ name: 'app', image: 'public.example/web:1' }] },
  })
  await call('CreateService', {
    ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 2 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  })
  await engine.advance('1s')
  const arns = Object.keys(engine.state('ecs', scope).tasks)
  const usages: number[] = []
  const usage = async () => {
    usages.push(engine.clock.now())
    const of = (memory: number): TaskUsage => ({ cpuMs: usages.length, memoryBytes: memory * 2 ** 20 })
    return new Map(arns.map((arn, index) => [arn, of(index ? 512 : 256)]))
  }
  taskMetrics({ engine, driver: { usage }, onFault: (error) => expect(error).toBeUndefined() }).begin()
  await engine.advance('20s')
  expect(usages).toEqual([])
  await engine.load('cloudwatch')
  await engine.advance('30s')
  expect(usages.length).toBeGreaterThanOrEqual(2)
  const of = async (MetricName: string, Stat: string) => {
    const now = engine.clock.now()
    const Dimensions = [
      { Name: 'ClusterName', Value: 'default' },
      { Name: 'ServiceName', Value: 'web' },
    ]
    const Metric = { Namespace: 'AWS/ECS', MetricName, Dimensions }
    const { MetricDataResults } = (await engine.call('cloudwatch', scope, 'GetMetricData', {
      ...{ StartTime: new Date(now - 120_000), EndTime: new Date(now) },
      MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 300, Stat } }],
    })) as { MetricDataResults: [{ Values: number[] }] }
    return MetricDataResults[0].Values[0]
  }
  expect(await of('MemoryUtilization', 'Minimum')).toBe(25)
  expect(await of('MemoryUtilization', 'Average')).toBe(37.5)
  expect(await of('MemoryUtilization', 'Maximum')).toBe(50)
  expect(await of('CPUUtilization', 'Average')).toBeGreaterThan(0)
  await call('DeleteService', { service: 'web', force: true })
  await engine.advance('60s')
  const before = usages.length
  await engine.advance('60s')
  expect(usages).toHaveLength(before)
})
