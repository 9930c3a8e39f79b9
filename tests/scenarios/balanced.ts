/** What scenarios with a load balancer need: services of simulated tasks behind one, whose targets really are probed. */
import { CreateServiceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { Fleet } from './fleet.ts'

export interface BalancedOptions {
  /** How long (s) ECS leaves unhealthy targets alone after a task's start. */
  readonly graceSeconds?: number
}

export type Balanced = Awaited<ReturnType<typeof balancedShop>>

/** A fleet whose service `shop` is behind the load balancer `front`, with `guard` as its tag says. */
export async function balancedShop(guard: string, { graceSeconds = 0 }: BalancedOptions = {}) {
  const fleet = await Fleet.start()
  const uri = await fleet.createRepository('shop')
  await fleet.push('shop', '1.0.0')
  const elb = new ElasticLoadBalancingV2Client(fleet.engine.config)
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-12345678', 'subnet-23456789'] }),
  )
  const balancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const targetGroupArn = await createTargetGroup(elb, 'shop')
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancerArn,
      ...{ Protocol: 'HTTP', Port: 80 },
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  const listenerArn = Listeners?.[0]?.ListenerArn ?? ''
  const balanced = Object.assign(fleet, { uri, elb, balancerArn, listenerArn, targetGroupArn })
  const tags = { 'capstan:track': 'semver:1.x', 'capstan:bake': '30s', 'capstan:guard': guard }
  await createBalancedService(balanced, { name: 'shop', targetGroupArn, tags, graceSeconds })
  await fleet.settle()
  return balanced
}

/** One more service behind the load balancer, under the path of its own name; its image is the shop's 1.0.0. */
export async function addBehind(fleet: Balanced, name: string): Promise<void> {
  const targetGroupArn = await createTargetGroup(fleet.elb, name)
  await fleet.elb.send(
    new CreateRuleCommand({
      ListenerArn: fleet.listenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: [`/${name}`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  await createBalancedService(fleet, { name, targetGroupArn, tags: {}, graceSeconds: 0 })
}

/** Someone else deploys an image, which the policy chooses too, with an environment under which it misbehaves. */
export async function deployToShop(
  fleet: Balanced,
  digest: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const image = `${fleet.uri}@${digest}`
  const taskDefinition = await fleet.registerTaskDefinition('shop', [{ image, environment, port: 80 }])
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'shop', taskDefinition }))
}

/** The name by which metrics have a load balancer or a target group, as the dimension's value. */
export const metricNameOf = (arn: string): string => {
  const name = arn.split(':').at(-1) ?? ''
  return name.replace(/^loadbalancer\//, '')
}

async function createTargetGroup(elb: ElasticLoadBalancingV2Client, Name: string): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-12345678', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    }),
  )
  return TargetGroups?.[0]?.TargetGroupArn ?? ''
}

interface NewService {
  readonly name: string
  readonly targetGroupArn: string
  readonly tags: Readonly<Record<string, string>>
  readonly graceSeconds: number
}

async function createBalancedService(
  fleet: Fleet & { readonly uri: string },
  { name, targetGroupArn, tags, graceSeconds }: NewService,
): Promise<void> {
  await fleet.registerTaskDefinition(name, [{ image: `${fleet.uri}:1.0.0`, port: 80 }])
  await fleet.ecs.send(
    new CreateServiceCommand({
      ...{ serviceName: name, taskDefinition: name, desiredCount: 1 },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 80 }],
      healthCheckGracePeriodSeconds: graceSeconds,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    }),
  )
}
