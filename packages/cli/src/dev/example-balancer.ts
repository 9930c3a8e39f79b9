/** What stands before the example's service: a load balancer, a target group with health checks, an alarm on errors. */
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  LoadBalancerNotFoundException,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { SdkConfig } from '../sdk.ts'

const NAME = 'web'

/** The alarm on errors. */
export const EXAMPLE_ALARM = 'web-5xx'

/** A load balancer whose listener forwards all requests to the target group. */
export interface Balancer {
  readonly dnsName: string
  readonly targetGroupArn: string
}

/** Makes them all. Each but the listener may be there already, then it stays as it is. */
export async function createBalancer(sdk: SdkConfig): Promise<Balancer> {
  const elb = new ElasticLoadBalancingV2Client(sdk)
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: NAME, Subnets: ['subnet-12345678', 'subnet-23456789'] }),
  )
  const { LoadBalancerArn = '', DNSName: dnsName = '' } = LoadBalancers?.[0] ?? {}
  const targetGroupArn = await createTargetGroup(elb)
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  await putAlarm(new CloudWatchClient(sdk), LoadBalancerArn, targetGroupArn)
  return { dnsName, targetGroupArn }
}

/** The DNS name of the example's load balancer; `undefined` where someone's own service has taken the example's place. */
export async function balancerOf(sdk: SdkConfig): Promise<string | undefined> {
  try {
    const elb = new ElasticLoadBalancingV2Client(sdk)
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ Names: [NAME] }))
    return LoadBalancers?.[0]?.DNSName
  } catch (error) {
    if (error instanceof LoadBalancerNotFoundException) return undefined
    throw error
  }
}

/** Whether a target is healthy: before, requests go to all of them, to those that do not listen yet as well. */
export async function isServing(sdk: SdkConfig): Promise<boolean> {
  const elb = new ElasticLoadBalancingV2Client(sdk)
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [NAME] }))
  const { TargetGroupArn } = TargetGroups?.[0] ?? {}
  const { TargetHealthDescriptions = [] } = await elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  )
  return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy')
}

/** Targets leave within a second: what they answer takes milliseconds. */
async function createTargetGroup(elb: ElasticLoadBalancingV2Client): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: NAME,
      Protocol: 'HTTP',
      Port: 8080,
      VpcId: 'vpc-12345678',
      TargetType: 'ip',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  )
  const { TargetGroupArn = '' } = TargetGroups?.[0] ?? {}
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }]
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }))
  return TargetGroupArn
}

/** In ALARM after ten seconds in which more than a tenth of the requests were answered by the service with 5xx. */
async function putAlarm(
  cloudwatch: CloudWatchClient,
  loadBalancerArn: string,
  targetGroupArn: string,
): Promise<void> {
  const Dimensions = [
    { Name: 'LoadBalancer', Value: loadBalancerArn.split(':loadbalancer/')[1] },
    { Name: 'TargetGroup', Value: targetGroupArn.split(':').at(-1) },
  ]
  const counted = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: { Namespace: 'AWS/ApplicationELB', MetricName, Dimensions },
      Stat: 'Sum',
      Period: 10,
    },
  })
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: EXAMPLE_ALARM,
      AlarmDescription: 'More than a tenth of the answers of the example are errors',
      Metrics: [
        { Id: 'share', Expression: '100 * FILL(errors, 0) / requests', Label: 'errors in percent' },
        counted('errors', 'HTTPCode_Target_5XX_Count'),
        counted('requests', 'RequestCount'),
      ],
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  )
}
