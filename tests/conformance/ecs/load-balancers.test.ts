/** A service behind a load balancer, through the SDK's clients: what is made, shown, told and refused. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect, onTestFinished, test } from 'vitest'
import { testEcs } from './harness.ts'

/** An engine, a load balancer before the group `web`, and the definition `web` with the container `web` at port 80. */
async function setUp(containerHealth: Record<string, string> = {}) {
  const ecs = await testEcs()
  const elb = new ElasticLoadBalancingV2(ecs.drydock.config)
  onTestFinished(async () => {
    elb.destroy()
    await ecs[Symbol.asyncDispose]()
  })
  const { LoadBalancers = [] } = await elb.createLoadBalancer({
    Name: 'web',
    Subnets: ['subnet-1', 'subnet-2'],
  })
  const putGroup = async (Name: string, rest: object = {}) => {
    const { TargetGroups = [] } = await elb.createTargetGroup({
      ...{ Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, UnhealthyThresholdCount: 2 },
      ...rest,
    })
    return TargetGroups[0]?.TargetGroupArn ?? ''
  }
  const group = await putGroup('web')
  const { LoadBalancerArn = '' } = LoadBalancers[0] ?? {}
  await elb.createListener({
    ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 80 },
    DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
  })
  const register = (environment: Record<string, string>) =>
    ecs.register({ environment: Object.entries(environment).map(([name, value]) => ({ name, value })) })
  await register(containerHealth)
  const use: LoadBalancer = { targetGroupArn: group, containerName: 'web', containerPort: 80 }
  return {
    ...{ ecs, elb, group, putGroup, use, register, LoadBalancerArn },
    async health() {
      const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: group })
      return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).sort()
    },
  }
}

test('CreateService shows its load balancers, and its tasks become healthy targets', async () => {
  const { ecs, elb, group, use, health } = await setUp()
  const service = await ecs.serve({ loadBalancers: [use], healthCheckGracePeriodSeconds: 30 })
  expect(service).toMatchObject({ loadBalancers: [use], healthCheckGracePeriodSeconds: 30 })
  await ecs.advance('3s')
  const tasks = await ecs.tasks()
  const addresses = tasks.map(({ containers }) => containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address)
  const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn: group })
  expect(TargetHealthDescriptions.map(({ Target }) => Target?.Id).sort()).toEqual(addresses.sort())
  expect(new Set(await health())).toEqual(new Set(['healthy']))
  const { deployments, events = [] } = await ecs.service()
  expect(deployments).toMatchObject([{ rolloutState: 'COMPLETED' }])
  expect(events.map(({ message }) => message)).toContain(
    `(service web) registered 1 targets in (target-group ${group})`,
  )
  const { currentServiceRevisions = [] } = await ecs.service()
  const { serviceRevisions } = await ecs.client.describeServiceRevisions({
    serviceRevisionArns: currentServiceRevisions.flatMap(({ arn }) => arn ?? []),
  })
  expect(serviceRevisions).toMatchObject([{ loadBalancers: [use] }])
})

test('an update drains the old targets, and its tasks stop when they are unused', async () => {
  const { ecs, elb, group, use, health, register } = await setUp()
  await elb.modifyTargetGroupAttributes({
    TargetGroupArn: group,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
  })
  await ecs.serve({ loadBalancers: [use], desiredCount: 1 })
  await ecs.advance('3s')
  await register({})
  await ecs.client.updateService({ service: 'web', taskDefinition: 'web' })
  await ecs.advance('3s')
  expect(await health()).toEqual(['draining', 'healthy'])
  expect(await ecs.tasks('STOPPED')).toMatchObject([{ lastStatus: 'DEACTIVATING' }])
  expect(await ecs.service()).toMatchObject({ deployments: [{ rolloutState: 'COMPLETED' }], runningCount: 1 })
  await ecs.advance('30s')
  expect(await health()).toEqual(['healthy'])
  expect(await ecs.tasks('STOPPED')).toMatchObject([{ lastStatus: 'STOPPED' }])
})

test('a task that turns unhealthy is replaced by one that was started first', async () => {
  const { ecs, group, use, health } = await setUp({ DRYDOCK_HEALTH_STATUS: '200,503@60s' })
  await ecs.serve({ loadBalancers: [use], desiredCount: 1 })
  await ecs.advance('50s')
  const [first] = await ecs.tasks()
  await ecs.advance('25s')
  const [stopped] = await ecs.tasks('STOPPED')
  expect(stopped).toMatchObject({
    taskArn: first?.taskArn,
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: `Task failed ELB health checks in (target-group ${group})`,
  })
  const [replacement] = await ecs.tasks()
  expect(replacement?.startedAt?.getTime()).toBeLessThan(stopped?.stoppingAt?.getTime() ?? 0)
  expect(await health()).toContain('healthy')
})

test('an alarm on unhealthy hosts sees what the load balancer publishes', async () => {
  const { ecs, group, use, LoadBalancerArn } = await setUp({ DRYDOCK_HEALTH_STATUS: '500' })
  const cloudwatch = new CloudWatch(ecs.drydock.config)
  onTestFinished(() => cloudwatch.destroy())
  await cloudwatch.putMetricAlarm({
    ...{ AlarmName: 'web-unhealthy', Namespace: 'AWS/ApplicationELB', MetricName: 'UnHealthyHostCount' },
    ...{ Statistic: 'Maximum', Period: 10, EvaluationPeriods: 1, Threshold: 1 },
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Dimensions: [
      { Name: 'TargetGroup', Value: group.slice(group.indexOf('targetgroup/')) },
      { Name: 'LoadBalancer', Value: LoadBalancerArn.slice(LoadBalancerArn.indexOf('app/')) },
    ],
  })
  await ecs.serve({ loadBalancers: [use], healthCheckGracePeriodSeconds: 3600 })
  await ecs.advance('40s')
  const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames: ['web-unhealthy'] })
  expect(MetricAlarms).toMatchObject([{ StateValue: 'ALARM' }])
})

test('what AWS refuses is refused in its words, by CreateService and UpdateService', async () => {
  const { ecs, use, putGroup } = await setUp()
  const alone = await putGroup('alone')
  const message = `The target group with targetGroupArn ${alone} does not have an associated load balancer.`
  const loadBalancers = [{ ...use, targetGroupArn: alone }]
  const refusal = { name: 'InvalidParameterException', message }
  await expect(ecs.serve({ loadBalancers })).rejects.toMatchObject(refusal)
  await ecs.serve({ loadBalancers: [use] })
  await expect(ecs.client.updateService({ service: 'web', loadBalancers })).rejects.toMatchObject(refusal)
  expect(await ecs.service()).toMatchObject({ loadBalancers: [use], deployments: [{}] })
  await ecs.register({ portMappings: [{ containerPort: 81 }] })
  await expect(ecs.client.updateService({ service: 'web', taskDefinition: 'web' })).rejects.toMatchObject({
    message: 'The container web did not have a container port 80 defined.',
  })
})

test('the same CreateService twice makes one service, even while the first is being looked into', async () => {
  const { ecs, use } = await setUp()
  const [one, other] = await Promise.all([
    ecs.serve({ loadBalancers: [use] }),
    ecs.serve({ loadBalancers: [use] }),
  ])
  expect(other.serviceArn).toBe(one.serviceArn)
  expect((await ecs.client.listServices({})).serviceArns).toHaveLength(1)
})
