/** Elastic Load Balancing by its JavaScript client: what is made is shown, what is wrong is refused as AWS refuses it. */
import { type CreateListenerInput, ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixed, forward, http, Subnets } from './requests.ts'

let drydock: Awaited<ReturnType<typeof testEngine>>
let elb: ElasticLoadBalancingV2

beforeAll(async () => {
  drydock = await testEngine()
  elb = new ElasticLoadBalancingV2(drydock.config)
})
beforeEach(() => drydock.reset())
afterAll(async () => {
  expect(drydock.faults).toEqual([])
  await drydock.close()
})

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    ({ name, message }) => `${name}: ${message}`,
  )

async function make() {
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'lb', Subnets })
  const { TargetGroups } = await elb.createTargetGroup({ Name: 'lb-group', ...http })
  const lb = LoadBalancers?.[0]?.LoadBalancerArn ?? ''
  const group = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const made = await elb.createListener({
    LoadBalancerArn: lb,
    Protocol: 'HTTP',
    Port: 8080,
    DefaultActions: [...forward(group)],
  })
  return { lb, group, listener: made.Listeners?.[0]?.ListenerArn ?? '' }
}

test('a load balancer is provisioning, then active', async () => {
  const { LoadBalancers: made } = await elb.createLoadBalancer({ Name: 'shop', Subnets })
  expect(made?.[0]).toMatchObject({
    LoadBalancerArn: expect.stringMatching(
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/shop\/[0-9a-f]{16}$/,
    ),
    DNSName: expect.stringMatching(/^shop-\d{10}\.us-east-1\.elb\.localhost$/),
    Scheme: 'internet-facing',
    State: { Code: 'provisioning' },
    Type: 'application',
    IpAddressType: 'ipv4',
    CreatedTime: new Date('2026-01-01T00:00:00Z'),
  })
  await drydock.engine.settle()
  const { LoadBalancers } = await elb.describeLoadBalancers({ Names: ['shop'] })
  expect(LoadBalancers?.[0]?.State).toEqual({ Code: 'active' })
  expect(LoadBalancers?.[0]?.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual([
    'us-east-1a',
    'us-east-1b',
  ])
})

test('making again answers with what is there, unless it differs', async () => {
  const { lb, group } = await make()
  const again = await elb.createLoadBalancer({ Name: 'lb', Subnets })
  expect(again.LoadBalancers?.[0]?.LoadBalancerArn).toBe(lb)
  const sameGroup = await elb.createTargetGroup({ Name: 'lb-group', ...http })
  expect(sameGroup.TargetGroups?.[0]?.TargetGroupArn).toBe(group)
  expect(await errorOf(elb.createLoadBalancer({ Name: 'lb', Subnets, Scheme: 'internal' }))).toBe(
    "DuplicateLoadBalancerNameException: A load balancer with the same name 'lb' exists, but with different settings",
  )
  expect(await errorOf(elb.createTargetGroup({ Name: 'lb-group', ...http, Port: 81 }))).toMatch(
    /^DuplicateTargetGroupNameException: /,
  )
})

test('a target group has the documented defaults', async () => {
  const { TargetGroups } = await elb.createTargetGroup({ Name: 'g', ...http })
  expect(TargetGroups?.[0]).toMatchObject({
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckPath: '/',
    HealthCheckIntervalSeconds: 30,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 5,
    UnhealthyThresholdCount: 2,
    Matcher: { HttpCode: '200' },
    ProtocolVersion: 'HTTP1',
    TargetType: 'ip',
  })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const { Attributes = [] } = await elb.describeTargetGroupAttributes({ TargetGroupArn })
  expect(Object.fromEntries(Attributes.map(({ Key, Value }) => [Key, Value]))).toMatchObject({
    'deregistration_delay.timeout_seconds': '300',
    'load_balancing.algorithm.type': 'round_robin',
    'slow_start.duration_seconds': '0',
    'stickiness.enabled': 'false',
    'stickiness.type': 'lb_cookie',
  })
  const changed = await elb.modifyTargetGroup({
    TargetGroupArn,
    HealthCheckPath: '/ok',
    Matcher: { HttpCode: '200-204' },
  })
  expect(changed.TargetGroups?.[0]).toMatchObject({
    HealthCheckPath: '/ok',
    Matcher: { HttpCode: '200-204' },
  })
})

test('rules are shown by priority, and may trade priorities', async () => {
  const { listener: ListenerArn, group } = await make()
  const rule = async (Priority: number, ...Values: string[]) => {
    const Conditions = [{ Field: 'path-pattern', Values }]
    const { Rules } = await elb.createRule({
      ListenerArn,
      Priority,
      Conditions,
      Actions: [...forward(group)],
    })
    return Rules?.[0]?.RuleArn ?? ''
  }
  const twenty = await rule(20, '/b')
  const ten = await rule(10, '/a')
  const order = async () => (await elb.describeRules({ ListenerArn })).Rules?.map(({ Priority }) => Priority)
  expect(await order()).toEqual(['10', '20', 'default'])
  const taken = elb.setRulePriorities({ RulePriorities: [{ RuleArn: ten, Priority: 20 }] })
  expect(await errorOf(taken)).toBe("PriorityInUseException: Priority '20' is currently in use")
  await elb.setRulePriorities({
    RulePriorities: [
      { RuleArn: ten, Priority: 20 },
      { RuleArn: twenty, Priority: 10 },
    ],
  })
  const { Rules } = await elb.describeRules({ ListenerArn })
  expect(Rules?.map(({ RuleArn }) => RuleArn).slice(0, 2)).toEqual([twenty, ten])
  expect(Rules?.[0]).toMatchObject({
    Conditions: [{ Field: 'path-pattern', Values: ['/b'], PathPatternConfig: { Values: ['/b'] } }],
    IsDefault: false,
  })
  const first = await elb.describeRules({ ListenerArn, PageSize: 2 })
  const rest = await elb.describeRules({ ListenerArn, PageSize: 2, Marker: first.NextMarker })
  expect([first.Rules?.length, rest.Rules?.map(({ Priority }) => Priority), rest.NextMarker]).toEqual([
    2,
    ['default'],
    undefined,
  ])
  const RuleArn = Rules?.[2]?.RuleArn
  expect(await errorOf(elb.deleteRule({ RuleArn }))).toMatch(/^OperationNotPermittedException: Default rule/)
  await elb.deleteRule({ RuleArn: ten })
  expect(await order()).toEqual(['10', 'default'])
})

test('a group in use stays, and is no other load balancer’s', async () => {
  const { lb, group } = await make()
  expect(await errorOf(elb.deleteTargetGroup({ TargetGroupArn: group }))).toBe(
    `ResourceInUseException: Target group '${group}' is currently in use by a listener or a rule`,
  )
  const { LoadBalancers } = await elb.createLoadBalancer({ Name: 'other', Subnets })
  const listener = {
    LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [...forward(group)],
  } satisfies CreateListenerInput
  expect(await errorOf(elb.createListener(listener))).toMatch(/^TargetGroupAssociationLimitException: /)
  await elb.deleteLoadBalancer({ LoadBalancerArn: lb })
  expect(
    (await elb.describeTargetGroups({ TargetGroupArns: [group] })).TargetGroups?.[0]?.LoadBalancerArns,
  ).toEqual([])
  await elb.deleteTargetGroup({ TargetGroupArn: group })
  await elb.deleteTargetGroup({ TargetGroupArn: group })
  await elb.deleteLoadBalancer({ LoadBalancerArn: lb })
})

test('a protected load balancer is not deleted', async () => {
  const { lb: LoadBalancerArn } = await make()
  const set = (Value: string) =>
    elb.modifyLoadBalancerAttributes({
      LoadBalancerArn,
      Attributes: [{ Key: 'deletion_protection.enabled', Value }],
    })
  await set('true')
  expect(await errorOf(elb.deleteLoadBalancer({ LoadBalancerArn }))).toMatch(
    /^OperationNotPermittedException: /,
  )
  await set('false')
  await elb.deleteLoadBalancer({ LoadBalancerArn })
  expect((await elb.describeLoadBalancers({})).LoadBalancers).toEqual([])
})

test('tags are kept, replaced and removed', async () => {
  const { lb, group, listener } = await make()
  const ResourceArns = [lb, group, listener]
  await elb.addTags({ ResourceArns, Tags: [{ Key: 'team', Value: 'shop' }, { Key: 'x' }] })
  await elb.addTags({ ResourceArns: [lb], Tags: [{ Key: 'team', Value: 'pay' }] })
  await elb.removeTags({ ResourceArns, TagKeys: ['x'] })
  const { TagDescriptions } = await elb.describeTags({ ResourceArns })
  expect(TagDescriptions?.map(({ Tags }) => Tags?.map(({ Value }) => Value))).toEqual([
    ['pay'],
    ['shop'],
    ['shop'],
  ])
  const twice = [{ Key: 'a' }, { Key: 'a' }]
  expect(await errorOf(elb.addTags({ ResourceArns, Tags: twice }))).toMatch(/^DuplicateTagKeysException: /)
})

test('a target that nobody uses is unused, and goes at once', async () => {
  const { TargetGroups } = await elb.createTargetGroup({ Name: 'g', ...http })
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? ''
  const Targets = [{ Id: '127.0.0.1' }]
  await elb.registerTargets({ TargetGroupArn, Targets })
  const { TargetHealthDescriptions } = await elb.describeTargetHealth({ TargetGroupArn })
  expect(TargetHealthDescriptions).toEqual([
    {
      Target: { Id: '127.0.0.1', Port: 80 },
      HealthCheckPort: '80',
      TargetHealth: {
        State: 'unused',
        Reason: 'Target.NotInUse',
        Description: 'Target group is not configured to receive traffic from the load balancer',
      },
    },
  ])
  await elb.deregisterTargets({ TargetGroupArn, Targets: [...Targets, { Id: '127.0.0.2' }] })
  expect((await elb.describeTargetHealth({ TargetGroupArn })).TargetHealthDescriptions).toEqual([])
  expect(
    (await elb.describeTargetHealth({ TargetGroupArn, Targets })).TargetHealthDescriptions,
  ).toMatchObject([{ TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } }])
})

test('a network load balancer takes TCP groups only', async () => {
  const { group } = await make()
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'n',
    Type: 'network',
    Subnets: ['subnet-a'],
  })
  const listener = { LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'TCP', Port: 9 } as const
  expect(await errorOf(elb.createListener({ ...listener, DefaultActions: [...forward(group)] }))).toMatch(
    /^IncompatibleProtocolsException: /,
  )
  expect(await errorOf(elb.createListener({ ...listener, DefaultActions: [...fixed] }))).toMatch(
    /^InvalidLoadBalancerActionException: /,
  )
  const udp = elb.createTargetGroup({ Name: 'u', ...http, Protocol: 'UDP' })
  expect(await errorOf(udp)).toMatch(/^NotImplementedException: /)
})
