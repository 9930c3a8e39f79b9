/** What the doors of delivery have to do with: a service behind a load balancer, its alarms, its images. */
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { SeenEvent, World } from './world.ts'

export interface Shop {
  readonly uri: string
  /** As metrics have them. */
  readonly dimensions: Readonly<Record<'LoadBalancer' | 'TargetGroup', string>>
}

const SUBNETS = ['subnet-12345678', 'subnet-23456789']
const networkConfiguration = { awsvpcConfiguration: { subnets: SUBNETS } }

/** The service `shop` behind a load balancer, on `semver:1.x` and verified with 1.0.0; its tasks may write logs by a role. */
export async function openShop(world: World): Promise<Shop> {
  const { ecr, ecs } = world
  const { repository } = await ecr.createRepository({ repositoryName: 'shop' })
  const uri = repository?.repositoryUri ?? ''
  await ecr.putLifecyclePolicy({ repositoryName: 'shop', lifecyclePolicyText: KEEP_TWO })
  await world.push('shop', '1.0.0')
  const { balancer, targetGroupArn } = await createBalancer(world)
  await defineShop(world, `${uri}:1.0.0`)
  await ecs.createService({
    ...{ serviceName: 'shop', taskDefinition: 'shop', desiredCount: 1, networkConfiguration },
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }],
    tags: [
      { key: 'capstan:track', value: 'semver:1.x' },
      { key: 'capstan:bake', value: '30s' },
      { key: 'capstan:guard', value: 'auto' },
    ],
  })
  await world.advance('4m')
  const TargetGroup = targetGroupArn.split(':').at(-1) ?? ''
  const LoadBalancer = balancer.split(':loadbalancer/').at(-1) ?? ''
  return { uri, dimensions: { LoadBalancer, TargetGroup } }
}

/** Takes away all images but the two that were pushed last. */
const KEEP_TWO = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2 },
      action: { type: 'expire' },
    },
  ],
})

/** Registers a revision of the shop's task definition. */
export async function defineShop(
  { ecs }: World,
  image: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }))
  const portMappings = [{ containerPort: 80 }]
  const { taskDefinition } = await ecs.registerTaskDefinition({
    ...{ family: 'shop', networkMode: 'awsvpc' },
    executionRoleArn: 'arn:aws:iam::123456789012:role/pull',
    containerDefinitions: [{ name: 'app', image, memory: 128, portMappings, environment: variables }],
  })
  return taskDefinition?.taskDefinitionArn ?? ''
}

async function createBalancer({ sdk }: World) {
  const elb = new ElasticLoadBalancingV2(sdk)
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'front', Subnets: SUBNETS })
  const { TargetGroups } = await elb.createTargetGroup({
    ...{ Name: 'shop', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
    ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
  })
  const balancer = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  await elb.createListener({
    ...{ LoadBalancerArn: balancer, Protocol: 'HTTP', Port: 80 },
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
  })
  return { balancer, targetGroupArn }
}

/** Makes the shop's alarms: on what the load balancer measures, and one of the shop's own, which only its tag ties to it. */
export async function createAlarms(world: World, { dimensions }: Shop): Promise<void> {
  const balanced = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  const errors = { Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_Target_5XX_Count' }
  await world.putAlarm('shop-errors', balanced, errors)
  await world.putAlarm('checkout', [])
  const { MetricAlarms } = await world.cloudwatch.describeAlarms({ AlarmNames: ['checkout'] })
  await world.cloudwatch.tagResource({
    ResourceARN: MetricAlarms?.[0]?.AlarmArn,
    Tags: [{ Key: 'capstan:service', Value: 'default/shop' }],
  })
}

/** Lets both alarms ring, about requests that there were. */
export async function ring(world: World, { dimensions }: Shop): Promise<void> {
  await world.measure('AWS/ApplicationELB', 'RequestCount', dimensions, 100)
  for (const name of ['checkout', 'shop-errors']) await world.setAlarm(name, 'ALARM')
}

/** Ends the alarms. */
export async function quiet(world: World): Promise<void> {
  for (const name of ['checkout', 'shop-errors']) await world.setAlarm(name, 'OK')
}

/** Sets a tag of the service. */
export async function tagShop({ ecs }: World, key: string, value: string): Promise<void> {
  const resourceArn = 'arn:aws:ecs:eu-west-1:123456789012:service/default/shop'
  await ecs.tagResource({ resourceArn, tags: [{ key, value }] })
}

const isOfShop = (type: string) => (event: SeenEvent) =>
  event['detail-type'] === type && JSON.stringify(event).includes('shop')

/** How each door of delivery is woken about the shop, by something that asks for nothing by itself. */
export const wakings: Readonly<Record<string, (world: World, count: number) => Promise<unknown>>> = {
  'image-pushed': (world, count) => world.push('shop', `nightly-${count}`),
  'deployment-state-changed': async (world) =>
    world.tell(await world.latestEvent(isOfShop('ECS Deployment State Change'))),
  'alarm-state-changed': async (world) => {
    const isRinging = (
      await world.cloudwatch.describeAlarms({ AlarmNames: ['checkout'], StateValue: 'ALARM' })
    ).MetricAlarms?.length
    if (isRinging) return world.tell(await world.latestEvent(isOfShop('CloudWatch Alarm State Change')))
    await world.setAlarm('checkout', 'INSUFFICIENT_DATA')
    return world.setAlarm('checkout', 'OK')
  },
  'task-stopped': async (world) =>
    world.tell(
      await world.latestEvent(
        (event) =>
          isOfShop('ECS Task State Change')(event) && event.detail.stopCode === 'EssentialContainerExited',
      ),
    ),
  'tags-changed': (world, count) => tagShop(world, 'capstan:bake', `${30 + count}s`),
  reconcile: (world) => world.advance('60s'),
}
