/** Blue/green, linear and canary deployments through the SDKs of ECS and Elastic Load Balancing. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { newest, type Stage, serveShifting, trafficStage, until } from './blue-green.ts'
import { messagesOf, type TestEcs, testEcs } from './harness.ts'

const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }

async function deploy(ecs: TestEcs, stage: Stage, configuration: DeploymentConfiguration, bad?: string) {
  await serveShifting(ecs, stage, configuration)
  await ecs.register(bad ? { environment: [{ name: bad, value: '500' }] } : {})
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })
}

const rollouts = async ({ service }: TestEcs) =>
  (await service()).deployments?.map(
    ({ status, rolloutState, taskDefinition, runningCount }) =>
      `${status} ${taskDefinition?.slice(-1)} ${rolloutState} ${runningCount}`,
  )

test('the first deployment goes to the first target group and gets all traffic', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await serveShifting(ecs, stage, BLUE_GREEN)
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL' })
  expect(await stage.weights()).toBe('100/0')
  expect(await stage.healthy()).toEqual([2, 0])
})

test('blue serves until green is healthy and tested; then green does, and blue goes after the bake time', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await deploy(ecs, stage, { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 })
  const stages = new Map<string, string>()
  for (let at = await newest(ecs); at.status !== 'SUCCESSFUL'; at = await newest(ecs)) {
    stages.set(String(at.lifecycleStage), `${await stage.weights()} ${await stage.weights('test')}`)
    await ecs.advance('2s')
  }
  expect([...stages]).toEqual([
    ['SCALE_UP', '100/0 100/0'],
    ['BAKE_TIME', '0/100 0/100'],
  ])
  expect(await stage.healthy()).toEqual([0, 2])
  expect(await rollouts(ecs)).toEqual(['PRIMARY 2 COMPLETED 2'])
})

test('both run in the bake time, and the next deployment goes the other way', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await deploy(ecs, stage, BLUE_GREEN)
  const baking = await until(ecs, 'BAKE_TIME')
  expect(await rollouts(ecs)).toEqual(['PRIMARY 2 IN_PROGRESS 2', 'ACTIVE 1 COMPLETED 2'])
  expect(await stage.healthy()).toEqual([2, 2])
  expect(baking).toMatchObject({
    targetServiceRevision: { requestedProductionTrafficWeight: 100, runningTaskCount: 2 },
    sourceServiceRevisions: [{ requestedProductionTrafficWeight: 0, runningTaskCount: 2 }],
  })
  const { serviceRevisions } = await ecs.client.describeServiceRevisions({
    serviceRevisionArns: [baking.targetServiceRevision?.arn ?? ''],
  })
  expect(serviceRevisions?.[0]).toMatchObject({
    loadBalancers: stage.loadBalancers,
    resolvedConfiguration: { loadBalancers: [{ productionListenerRule: stage.productionRule }] },
  })
  await ecs.advance('10m')
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await ecs.advance('10m')
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL' })
  expect(await stage.weights()).toBe('100/0')
  expect(await stage.healthy()).toEqual([2, 0])
  expect((await ecs.service()).loadBalancers).toEqual(stage.loadBalancers)
})

test.each<[string, DeploymentConfiguration, string[]]>([
  [
    'CANARY',
    { canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 3 } },
    ['100/0', '90/10', '0/100'],
  ],
  [
    'CANARY',
    { canaryConfiguration: { canaryPercent: 0.5, canaryBakeTimeInMinutes: 1 } },
    ['100/0', '995/5', '0/100'],
  ],
  [
    'LINEAR',
    { linearConfiguration: { stepPercent: 30, stepBakeTimeInMinutes: 1 } },
    ['100/0', '70/30', '40/60', '10/90', '0/100'],
  ],
])('a %s deployment shifts traffic step by step: %j', async (strategy, more, expected) => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await deploy(ecs, stage, { strategy: strategy as 'CANARY', ...more })
  const seen: string[] = []
  for (let isOver = false; !isOver; isOver = (await newest(ecs)).status === 'SUCCESSFUL') {
    const weights = await stage.weights()
    if (seen.at(-1) !== weights) seen.push(weights)
    await ecs.advance('10s')
  }
  seen.push(await stage.weights())
  expect(seen).toEqual(expected)
})

test('green that is never healthy gets no traffic, and the circuit breaker removes it', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  const deploymentCircuitBreaker = { enable: true, rollback: true }
  await deploy(ecs, stage, { ...BLUE_GREEN, deploymentCircuitBreaker }, 'DRYDOCK_START_ERROR')
  await ecs.advance('1m')
  expect(await newest(ecs)).toMatchObject({
    status: 'ROLLBACK_SUCCESSFUL',
    statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
  })
  expect(await rollouts(ecs)).toEqual(['PRIMARY 1 COMPLETED 2'])
  expect(await stage.weights()).toBe('100/0')
  expect(await stage.healthy()).toEqual([2, 0])
})

test('an alarm in the canary takes the traffic back at once, and starts no task for that', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  const cloudwatch = new CloudWatch(ecs.drydock.config)
  const AlarmName = 'errors'
  await cloudwatch.putMetricAlarm({
    AlarmName,
    Namespace: 'Test',
    MetricName: 'Errors',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'ignore',
  })
  const alarms = { alarmNames: [AlarmName], enable: true, rollback: true }
  await deploy(ecs, stage, { strategy: 'CANARY', alarms })
  const [good] = (await ecs.service()).deployments?.slice(1) ?? []
  await until(ecs, 'PRODUCTION_TRAFFIC_SHIFT')
  expect(await stage.weights()).toBe('95/5')
  const before = await ecs.tasks()
  await cloudwatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'by hand' })
  await ecs.advance('5s')
  expect(await stage.weights()).toBe('100/0')
  await ecs.advance('1m')
  expect(await newest(ecs)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', alarms: { status: 'TRIGGERED' } })
  const service = await ecs.service()
  expect(service.deployments).toMatchObject([{ id: good?.id, status: 'PRIMARY', rolloutState: 'COMPLETED' }])
  const arns = before.map(({ taskArn }) => taskArn)
  expect(arns).toEqual(expect.arrayContaining((await ecs.tasks()).map(({ taskArn }) => taskArn)))
  expect(messagesOf(service)).toContain(`(service web) rolling back to deployment ${good?.id}.`)
})

test.each(['SCALE_UP', 'BAKE_TIME'])('StopServiceDeployment in %s gives blue all again', async (at) => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await deploy(ecs, stage, BLUE_GREEN)
  const { serviceDeploymentArn } = at === 'SCALE_UP' ? await newest(ecs) : await until(ecs, 'BAKE_TIME')
  if (at === 'CLEAN_UP') await ecs.advance('5m')
  if (at === 'CLEAN_UP' && (await newest(ecs)).status === 'SUCCESSFUL') return
  await ecs.client.stopServiceDeployment({ serviceDeploymentArn })
  await ecs.advance('2m')
  expect(await newest(ecs)).toMatchObject({ serviceDeploymentArn, status: 'ROLLBACK_SUCCESSFUL' })
  expect(await stage.weights()).toBe('100/0')
  expect(await stage.healthy()).toEqual([2, 0])
  expect(await rollouts(ecs)).toEqual(['PRIMARY 1 COMPLETED 2'])
})

test('a deployment that supersedes a canary first gives blue all traffic and removes the canary', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await deploy(ecs, stage, { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 20 } })
  await until(ecs, 'PRODUCTION_TRAFFIC_SHIFT')
  expect(await stage.weights()).toBe('80/20')
  await ecs.register()
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web:3' })
  await ecs.advance('1s')
  expect(await newest(ecs)).toMatchObject({ lifecycleStage: 'RECONCILE_SERVICE' })
  expect(await stage.weights()).toBe('100/0')
  await ecs.advance('1h')
  expect(await newest(ecs)).toMatchObject({ status: 'SUCCESSFUL' })
  expect(await rollouts(ecs)).toEqual(['PRIMARY 3 COMPLETED 2'])
  expect(await stage.weights()).toBe('0/100')
})

test('rules that do not fit fail the deployment before a task is started', async () => {
  await using ecs = await testEcs()
  const stage = await trafficStage(ecs)
  await serveShifting(ecs, stage, BLUE_GREEN)
  const { Rules } = await stage.elb.describeRules({ RuleArns: [stage.productionRule] })
  const groups = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? []
  const TargetGroups = groups.map((each) => ({ ...each, Weight: 1 }))
  const Actions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }]
  await stage.elb.modifyRule({ RuleArn: stage.productionRule, Actions })
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await ecs.advance('10s')
  const problem =
    `Service deployment rolled back because of invalid networking configuration. productionListenerRule ` +
    `${stage.productionRule} should have exactly one target group serving traffic but found 2 target groups which ` +
    'are serving traffic'
  expect(await newest(ecs)).toMatchObject({ status: 'ROLLBACK_SUCCESSFUL', statusReason: problem })
  expect(messagesOf(await ecs.service()).some((message) => message.endsWith(problem))).toBe(true)
  expect(await ecs.tasks()).toHaveLength(2)
})

test('a service without load balancers is blue/green too', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.serve({ deploymentConfiguration: BLUE_GREEN })
  await ecs.advance('10m')
  await ecs.client.updateService({ service: 'web', forceNewDeployment: true })
  await until(ecs, 'BAKE_TIME')
  expect(await rollouts(ecs)).toEqual(['PRIMARY 1 IN_PROGRESS 2', 'ACTIVE 1 COMPLETED 2'])
  await ecs.advance('10m')
  expect(await rollouts(ecs)).toEqual(['PRIMARY 1 COMPLETED 2'])
})
