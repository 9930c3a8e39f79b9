/** A service that shifts traffic, for tests: a load balancer, two target groups, a rule for production and one for tests. */
import type {
  CreateServiceCommandInput,
  DeploymentConfiguration,
  ServiceDeployment,
} from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { TestEcs } from './harness.ts'

const ROLE = 'arn:aws:iam::123456789012:role/ecs'

export interface Stage {
  readonly elb: ElasticLoadBalancingV2
  /** What CreateService says of the load balancer. */
  readonly loadBalancers: NonNullable<CreateServiceCommandInput['loadBalancers']>
  readonly productionRule: string
  /** The weights of the two target groups behind a rule: `blue/green`, as they were made. */
  weights(rule?: 'production' | 'test'): Promise<string>
  /** How many targets each of the two has that are healthy. */
  healthy(): Promise<number[]>
}

/** Makes all that a service needs to shift traffic. */
export async function trafficStage({ drydock }: TestEcs): Promise<Stage> {
  const elb = new ElasticLoadBalancingV2(drydock.config)
  const balancer = await elb.createLoadBalancer({ Name: 'web', Subnets: ['subnet-1', 'subnet-2'] })
  const LoadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn
  const groups = [await group(elb, 'web-1'), await group(elb, 'web-2')] as const
  const rule = async (Port: number, first: number) => {
    const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }] as const
    const made = await elb.createListener({
      LoadBalancerArn,
      Port,
      Protocol: 'HTTP',
      DefaultActions: [...DefaultActions],
    })
    const TargetGroups = groups.map((arn, index) => ({
      TargetGroupArn: arn,
      Weight: index ? 1 - first : first,
    }))
    const { Rules } = await elb.createRule({
      ListenerArn: made.Listeners?.[0]?.ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['*'] }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    })
    return Rules?.[0]?.RuleArn ?? ''
  }
  const rules = { production: await rule(80, 1), test: await rule(8080, 1) }
  return {
    elb,
    productionRule: rules.production,
    loadBalancers: [
      {
        targetGroupArn: groups[0],
        containerName: 'web',
        containerPort: 80,
        advancedConfiguration: {
          alternateTargetGroupArn: groups[1],
          productionListenerRule: rules.production,
          testListenerRule: rules.test,
          roleArn: ROLE,
        },
      },
    ],
    async weights(which = 'production') {
      const { Rules } = await elb.describeRules({ RuleArns: [rules[which]] })
      const tuples = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? []
      return groups.map((arn) => tuples.find((each) => each.TargetGroupArn === arn)?.Weight ?? 0).join('/')
    },
    async healthy() {
      const states = groups.map(async (TargetGroupArn) => {
        const { TargetHealthDescriptions = [] } = await elb.describeTargetHealth({ TargetGroupArn })
        return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length
      })
      return await Promise.all(states)
    },
  }
}

async function group(elb: ElasticLoadBalancingV2, Name: string): Promise<string> {
  const { TargetGroups } = await elb.createTargetGroup({
    Name,
    Protocol: 'HTTP',
    Port: 80,
    TargetType: 'ip',
    VpcId: 'vpc-1',
    HealthCheckIntervalSeconds: 5,
    HealthyThresholdCount: 2,
  })
  const arn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }]
  await elb.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes })
  return arn
}

/** A service of two tasks that is complete on revision 1. */
export async function serveShifting(
  ecs: TestEcs,
  { loadBalancers }: Stage,
  deploymentConfiguration: DeploymentConfiguration,
): Promise<void> {
  await ecs.register()
  await ecs.serve({ loadBalancers, deploymentConfiguration })
  await ecs.advance('1h')
}

/** The newest service deployment. */
export async function newest({ client, service }: TestEcs): Promise<ServiceDeployment> {
  const { currentServiceDeployment = '' } = await service()
  const found = await client.describeServiceDeployments({ serviceDeploymentArns: [currentServiceDeployment] })
  return found.serviceDeployments?.[0] ?? {}
}

/** Lets time pass until the deployment is in a stage or has a status. */
export async function until(ecs: TestEcs, wanted: string): Promise<ServiceDeployment> {
  for (let round = 0; round < 2_000; round++) {
    const deployment = await newest(ecs)
    if (String(deployment.lifecycleStage) === wanted || deployment.status === wanted) return deployment
    await ecs.advance('1s')
  }
  throw new Error(`Never came to ${wanted}: ${JSON.stringify(await newest(ecs), undefined, 1)}`)
}
