/** A service behind an application load balancer: the alarms that Capstan makes for it, and targets that fail. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'

/** A fleet whose service `shop` is behind a load balancer, with `guard` as its tag says. */
async function balancedShop(guard: string) {
  const fleet = await Fleet.start()
  const uri = await fleet.createRepository('shop')
  await fleet.push('shop', '1.0.0')
  const elb = new ElasticLoadBalancingV2Client(fleet.engine.config)
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-12345678', 'subnet-23456789'] }),
  )
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: 'shop', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    }),
  )
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      ...{ Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  const definition = {
    name: 'app',
    image: `${uri}:1.0.0`,
    memory: 128,
    portMappings: [{ containerPort: 80 }],
  }
  await fleet.ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family: 'shop', networkMode: 'awsvpc', containerDefinitions: [definition] },
    }),
  )
  const tags = { 'capstan:track': 'semver:1.x', 'capstan:bake': '30s', 'capstan:guard': guard }
  await fleet.ecs.send(
    new CreateServiceCommand({
      ...{ serviceName: 'shop', taskDefinition: 'shop', desiredCount: 1 },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }],
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    }),
  )
  await fleet.settle()
  return Object.assign(fleet, { uri, cloudwatch: new CloudWatchClient(fleet.engine.config) })
}

async function alarmsOf({ cloudwatch }: { readonly cloudwatch: CloudWatchClient }) {
  const { MetricAlarms = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: 'capstan-' }),
  )
  return MetricAlarms
}

const OWN = ['capstan-default-shop-5xx', 'capstan-default-shop-latency', 'capstan-default-shop-unhealthy']

test('the recommended alarms are made, mended and removed with the guard that wants them', async () => {
  await using fleet = await balancedShop('auto')
  const { cloudwatch } = fleet
  const made = await alarmsOf(fleet)
  expect(made.map(({ AlarmName }) => AlarmName)).toEqual(OWN)
  const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: made[0]?.AlarmArn }))
  expect(Tags).toContainEqual({ Key: 'capstan:service', Value: 'default/shop' })

  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: OWN.slice(0, 1) }))
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toHaveLength(3)

  const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:service/default/shop'
  await fleet.ecs.send(
    new TagResourceCommand({ resourceArn, tags: [{ key: 'capstan:guard', value: 'watch' }] }),
  )
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toEqual([])
  expect(fleet.engine.faults).toEqual([])
})

test('they go with the service', async () => {
  await using fleet = await balancedShop('auto')
  await fleet.ecs.send(new DeleteServiceCommand({ service: 'shop', force: true }))
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toEqual([])
})

test("someone else's alarm of the same name is never touched", async () => {
  await using fleet = await balancedShop('watch')
  const foreign = {
    ...{ AlarmName: OWN[0], Namespace: 'Mine', MetricName: 'Errors', Statistic: 'Sum' as const },
    ...{ Period: 60, EvaluationPeriods: 1, Threshold: 7 },
    ComparisonOperator: 'GreaterThanThreshold' as const,
  }
  await fleet.cloudwatch.send(new PutMetricAlarmCommand(foreign))
  const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:service/default/shop'
  const tag = (value: string) =>
    fleet.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'capstan:guard', value }] }))
  await tag('auto')
  await fleet.sweep()
  const made = await alarmsOf(fleet)
  expect(made.map(({ AlarmName }) => AlarmName)).toEqual(OWN)
  expect(made[0]).toMatchObject({ Namespace: 'Mine', Threshold: 7 })
  await tag('watch')
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toMatchObject([{ AlarmName: OWN[0], Namespace: 'Mine' }])
})

test('a service behind a load balancer is verified by its targets too', async () => {
  await using fleet = await balancedShop('auto')
  const digest = await fleet.push('shop', '1.1.0')
  await fleet.settle()
  await fleet.settle()
  const { record } = await fleet.story('shop')
  expect(record?.good?.[0]?.images.app?.digest).toBe(digest)
  expect(record?.good?.[0]?.evidence.join(' ')).toContain('target')
  expect(record?.watches).toEqual([
    expect.stringMatching(/^app\/front\//),
    'default/shop',
    expect.stringMatching(/^targetgroup\/shop\//),
  ])
})
