/** A bad version as a canary, of real programs behind a real load balancer: its alarm takes it back before it is everybody's. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import { ECS } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { pushProgram } from '../conformance/tasks/program.ts'
import { until } from '../fixtures/program.ts'

/** Answers with its version; the health check is content with a bad one, too. */
const programOf = (version: string, status: number) => `
import { createServer } from 'node:http'
createServer((incoming, reply) => {
  reply.statusCode = incoming.url === '/health' ? 200 : ${status}
  reply.end('${version}')
}).listen(8080)
`
const ROLE = 'arn:aws:iam::123456789012:role/ecs'
const PERCENT = 10

async function putLoadBalancer(elb: ElasticLoadBalancingV2) {
  const balancer = await elb.createLoadBalancer({ Name: 'web', Subnets: ['subnet-1', 'subnet-2'] })
  const { LoadBalancerArn, DNSName = '' } = balancer.LoadBalancers?.[0] ?? {}
  const group = async (Name: string) => {
    const { TargetGroups } = await elb.createTargetGroup({
      ...{ Name, Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' },
      ...{ HealthCheckPath: '/health', HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 },
    })
    return TargetGroups?.[0]?.TargetGroupArn ?? ''
  }
  const [one, two] = [await group('web-1'), await group('web-2')]
  const { Listeners } = await elb.createListener({
    ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 80 },
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  })
  const TargetGroups = [
    { TargetGroupArn: one, Weight: 1 },
    { TargetGroupArn: two, Weight: 0 },
  ]
  const { Rules } = await elb.createRule({
    ...{ ListenerArn: Listeners?.[0]?.ListenerArn, Priority: 1 },
    Conditions: [{ Field: 'path-pattern', Values: ['*'] }],
    Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
  })
  const name = LoadBalancerArn?.split(':loadbalancer/')[1] ?? ''
  return { DNSName, name, groups: [one, two] as const, rule: Rules?.[0]?.RuleArn ?? '' }
}

async function ask(endpoint: string, host: string): Promise<string> {
  const outgoing = request(endpoint, { headers: { host } }).end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return `${answer.statusCode} ${await text(answer)}`
}

/** Plays so many seconds with some requests in each; counts what is answered. */
async function serve(drydock: TestEngine, host: string, seconds: number): Promise<Record<string, number>> {
  const seen: Record<string, number> = {}
  for (let second = 0; second < seconds; second++) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(drydock.endpoint, host)))
    for (const answer of answers) seen[answer] = (seen[answer] ?? 0) + 1
    await drydock.engine.advance('1s')
  }
  return seen
}

async function setUp() {
  const drydock = await testEngine({ tasks: 'process' })
  const ecs = new ECS(drydock.config)
  const elb = new ElasticLoadBalancingV2(drydock.config)
  const cloudwatch = new CloudWatch(drydock.config)
  onTestFinished(async () => {
    for (const client of [ecs, elb, cloudwatch]) client.destroy()
    await drydock.close()
  })
  const balancer = await putLoadBalancer(elb)
  await cloudwatch.putMetricAlarm({
    ...{ AlarmName: 'errors', Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_Target_5XX_Count' },
    Dimensions: [{ Name: 'LoadBalancer', Value: balancer.name }],
    ...{ Statistic: 'Sum', Period: 10, EvaluationPeriods: 1, Threshold: 0 },
    ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' },
  })
  await ecs.createCluster({})
  const register = async (version: string, status: number) => {
    const { reference: image } = await pushProgram(drydock, programOf(version, status))
    await ecs.registerTaskDefinition({
      ...{
        family: 'web',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        cpu: '256',
        memory: '512',
      },
      containerDefinitions: [{ name: 'app', image, portMappings: [{ containerPort: 8080 }] }],
    })
  }
  return { drydock, ecs, balancer, register }
}

test('a bad canary reaches at most its share of the requests, and its alarm takes it back', async () => {
  const { drydock, ecs, balancer, register } = await setUp()
  const [targetGroupArn, alternateTargetGroupArn] = balancer.groups
  await register('good', 200)
  await ecs.createService({
    // A real program starts in real time, while the engine's seconds fly.
    ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 2, healthCheckGracePeriodSeconds: 3_600 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    loadBalancers: [
      {
        ...{ targetGroupArn, containerName: 'app', containerPort: 8080 },
        advancedConfiguration: {
          ...{ alternateTargetGroupArn, productionListenerRule: balancer.rule, roleArn: ROLE },
        },
      },
    ],
    deploymentConfiguration: {
      strategy: 'CANARY',
      canaryConfiguration: { canaryPercent: PERCENT, canaryBakeTimeInMinutes: 10 },
      alarms: { alarmNames: ['errors'], enable: true, rollback: true },
    },
  })
  await until('the service answers', async () => {
    const { '200 good': good } = await serve(drydock, balancer.DNSName, 1)
    const { services } = await ecs.describeServices({ services: ['web'] })
    return (good === 20 && services?.[0]?.deployments?.[0]?.rolloutState === 'COMPLETED') || undefined
  })
  await drydock.engine.advance('1m')

  await register('bad', 500)
  const { service } = await ecs.updateService({ service: 'web', taskDefinition: 'web' })
  const { '200 good': good = 0, '500 bad': bad = 0, ...others } = await serve(drydock, balancer.DNSName, 60)
  expect(others).toEqual({})
  expect(bad).toBeGreaterThan(0)
  expect(bad / (good + bad)).toBeLessThan(PERCENT / 100)

  const serviceDeploymentArns = [service?.currentServiceDeployment ?? '']
  const { serviceDeployments } = await ecs.describeServiceDeployments({ serviceDeploymentArns })
  expect(serviceDeployments).toMatchObject([
    { status: 'ROLLBACK_SUCCESSFUL', alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] } },
  ])
  expect(await serve(drydock, balancer.DNSName, 5)).toEqual({ '200 good': 100 })
  expect(drydock.faults).toEqual([])
})
