/** What the doors of discovery have to do with: a hosted zone, a namespace of Cloud Map, and tasks of every kind to be found there. */
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { Route53 } from '@aws-sdk/client-route-53'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import type { World } from './world.ts'

export interface Harbour {
  readonly zoneId: string
  readonly discoveryServiceId: string
  readonly targetGroupArn: string
}

const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-12345678'] } }
const public_ = { awsvpcConfiguration: { subnets: ['subnet-12345678'], assignPublicIp: 'ENABLED' as const } }

/** The zone `example.com`, the Cloud Map service `harbour/jobs`, and a load balancer. */
export async function openHarbour(world: World): Promise<Harbour> {
  const route53 = new Route53(world.sdk)
  const { HostedZone } = await route53.createHostedZone({ Name: 'example.com', CallerReference: 'first' })
  const cloudMap = new ServiceDiscovery(world.sdk)
  await cloudMap.createHttpNamespace({ Name: 'harbour' })
  await world.advance('1s')
  const { Namespaces } = await cloudMap.listNamespaces({})
  const { Service } = await cloudMap.createService({ Name: 'jobs', NamespaceId: Namespaces?.[0]?.Id })
  // Its targets fail their first checks, as those of a program do that is slow to start.
  await define(world, 'page', { DRYDOCK_HEALTH_STATUS: '503,200@100s' })
  await define(world, 'jobs')
  return {
    zoneId: HostedZone?.Id ?? '',
    discoveryServiceId: Service?.Id ?? '',
    targetGroupArn: await createBalancer(world),
  }
}

async function define({ ecs }: World, family: string, variables: Readonly<Record<string, string>> = {}) {
  const environment = Object.entries(variables).map(([name, value]) => ({ name, value }))
  const portMappings = [{ containerPort: 80 }]
  await ecs.registerTaskDefinition({
    ...{ family, networkMode: 'awsvpc' },
    containerDefinitions: [{ name: 'app', image: 'app:1', memory: 128, portMappings, environment }],
  })
}

async function createBalancer({ sdk }: World): Promise<string> {
  const elb = new ElasticLoadBalancingV2(sdk)
  const Subnets = ['subnet-12345678', 'subnet-23456789']
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'pages', Subnets })
  const { TargetGroups } = await elb.createTargetGroup({
    ...{ Name: 'pages', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
    ...{ HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn
  await elb.createListener({
    ...{ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80 },
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  return TargetGroupArn ?? ''
}

/**
 * Starts tasks that are to be found by `name`: of a service behind the load balancer, by its public address; of a service in Cloud Map;
 * and of no service, on an instance.
 */
export async function startTasks(world: World, { targetGroupArn }: Harbour, name: string): Promise<void> {
  const { ecs } = world
  await ecs.createService({
    ...{ serviceName: `page-${name}`, taskDefinition: 'page', desiredCount: 1 },
    networkConfiguration: public_,
    loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }],
    healthCheckGracePeriodSeconds: 300,
  })
  await ecs.createService({
    ...{ serviceName: `jobs-${name}`, taskDefinition: 'jobs', desiredCount: 1, networkConfiguration },
    tags: [{ key: 'capstan:discovery', value: 'harbour/jobs' }],
  })
  await ecs.registerTaskDefinition({
    ...{ family: `worker-${name}`, networkMode: 'bridge' },
    containerDefinitions: [
      { name: 'app', image: 'app:1', memory: 128, portMappings: [{ containerPort: 80 }] },
    ],
    tags: [{ key: 'capstan:dns', value: `worker-${name}.example.com` }],
  })
  await ecs.runTask({ taskDefinition: `worker-${name}`, launchType: 'EC2' })
  await world.advance('5s')
  // Its task runs before anyone asks for it to be found.
  await ecs.tagResource({
    resourceArn: `arn:aws:ecs:eu-west-1:123456789012:service/default/page-${name}`,
    tags: [
      { key: 'capstan:dns', value: `page-${name}.example.com` },
      { key: 'capstan:dns-address', value: 'public' },
    ],
  })
}

/** Ends them all. */
export async function stopTasks({ ecs }: World, name: string): Promise<void> {
  for (const service of [`page-${name}`, `jobs-${name}`])
    await ecs.updateService({ service, desiredCount: 0 })
  const { taskArns = [] } = await ecs.listTasks({ family: `worker-${name}` })
  for (const task of taskArns) await ecs.stopTask({ task })
}

/** Has the first service ask for nothing any more. */
export async function release({ ecs }: World, name: string): Promise<void> {
  const resourceArn = `arn:aws:ecs:eu-west-1:123456789012:service/default/page-${name}`
  await ecs.untagResource({ resourceArn, tagKeys: ['capstan:dns', 'capstan:dns-address'] })
}

/** The names in the zone that lead anywhere, and how many instances Cloud Map has. */
export async function found({ sdk }: World, { zoneId, discoveryServiceId }: Harbour) {
  const { ResourceRecordSets = [] } = await new Route53(sdk).listResourceRecordSets({ HostedZoneId: zoneId })
  const { Instances = [] } = await new ServiceDiscovery(sdk).listInstances({ ServiceId: discoveryServiceId })
  const names = ResourceRecordSets.filter(({ Type }) => Type === 'A').map(({ Name = '' }) => Name)
  return { names: names.sort(), instances: Instances.length }
}
