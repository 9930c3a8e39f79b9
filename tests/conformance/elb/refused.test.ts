/** What Elastic Load Balancing refuses, by its JavaScript client: with AWS's error, or an honest one of Drydock's. */
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
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
    ({ name }) => name,
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

const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:'
type Made = Awaited<ReturnType<typeof make>>
const condition = (more: object) => (made: Made) =>
  elb.createRule({ ListenerArn: made.listener, Priority: 1, Conditions: [more], Actions: [...fixed] })
const action = (more: object) => (made: Made) =>
  elb.modifyListener({ ListenerArn: made.listener, DefaultActions: [more as never] })
const groupWith = (more: object) => () => elb.createTargetGroup({ Name: 'g', ...http, ...more })
const balancerWith = (more: object) => () => elb.createLoadBalancer({ Name: 'l', Subnets, ...more })
const listenerWith = (more: object) => (made: Made) =>
  elb.createListener({
    LoadBalancerArn: made.lb,
    Protocol: 'HTTP',
    Port: 81,
    DefaultActions: [...fixed],
    ...more,
  })
const attribute = (Key: string, Value: string) => (made: Made) =>
  elb.modifyTargetGroupAttributes({ TargetGroupArn: made.group, Attributes: [{ Key, Value }] })
const targets =
  (...Targets: { Id: string; Port?: number }[]) =>
  (made: Made) =>
    elb.registerTargets({ TargetGroupArn: made.group, Targets })

test.each<[string, (made: Made) => Promise<unknown>, string]>([
  ['a name with a dot', balancerWith({ Name: 'a.b' }), 'ValidationError'],
  ['a name of 33 characters', balancerWith({ Name: 'a'.repeat(33) }), 'ValidationError'],
  ['a name that begins with internal-', balancerWith({ Name: 'internal-a' }), 'ValidationError'],
  ['one subnet', balancerWith({ Subnets: ['subnet-a'] }), 'ValidationError'],
  ['a strange subnet', balancerWith({ Subnets: ['a', 'b'] }), 'SubnetNotFoundException'],
  ['a strange scheme', balancerWith({ Scheme: 'secret' }), 'ValidationError'],
  ['a gateway load balancer', balancerWith({ Type: 'gateway' }), 'NotImplementedException'],
  ['dual stack', balancerWith({ IpAddressType: 'dualstack' }), 'NotImplementedException'],
  [
    'a load balancer that is not there',
    () => elb.describeListeners({ LoadBalancerArn: `${arn}loadbalancer/app/x/1` }),
    'LoadBalancerNotFoundException',
  ],
  [
    'a name that is not there',
    () => elb.describeLoadBalancers({ Names: ['none'] }),
    'LoadBalancerNotFoundException',
  ],
  ['a name as an ARN', () => elb.describeTargetGroups({ TargetGroupArns: ['web'] }), 'ValidationError'],
  ['no ARN of a target group', () => elb.describeTargetHealth({ TargetGroupArn: '' }), 'ValidationError'],
  [
    "a load balancer's ARN for a listener's",
    ({ lb }) => elb.describeListeners({ ListenerArns: [lb] }),
    'ValidationError',
  ],
  [
    "a listener's ARN for a rule's",
    ({ listener }) => elb.modifyRule({ RuleArn: listener }),
    'ValidationError',
  ],
  ['no ARN to forward to', action({ Type: 'forward', TargetGroupArn: 'web' }), 'ValidationError'],
  ['to delete no ARN', () => elb.deleteLoadBalancer({ LoadBalancerArn: 'web' }), 'ValidationError'],
  [
    "to delete a group by a load balancer's ARN",
    ({ lb }) => elb.deleteTargetGroup({ TargetGroupArn: lb }),
    'ValidationError',
  ],
  ['a strange marker', () => elb.describeLoadBalancers({ Marker: 'x' }), 'ValidationError'],
  ['a page of nothing', () => elb.describeLoadBalancers({ PageSize: 0 }), 'ValidationError'],
  ['a port that is taken', listenerWith({ Port: 8080 }), 'DuplicateListenerException'],
  ['a port that there is not', listenerWith({ Port: 70_000 }), 'ValidationError'],
  [
    'TLS',
    listenerWith({ Protocol: 'HTTPS', Certificates: [{ CertificateArn: 'c' }] }),
    'NotImplementedException',
  ],
  ['TCP at an application load balancer', listenerWith({ Protocol: 'TCP' }), 'UnsupportedProtocolException'],
  ['no action', listenerWith({ DefaultActions: [] }), 'ValidationError'],
  ['two actions', listenerWith({ DefaultActions: [...fixed, ...fixed] }), 'TooManyActionsException'],
  [
    'a group that is not there',
    action({ Type: 'forward', TargetGroupArn: `${arn}targetgroup/x/1` }),
    'TargetGroupNotFoundException',
  ],
  ['a strange action', action({ Type: 'dance' }), 'ValidationError'],
  ['a login', action({ Type: 'authenticate-oidc' }), 'NotImplementedException'],
  [
    'a redirect that leads back',
    action({ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }),
    'InvalidLoadBalancerActionException',
  ],
  [
    'a redirect with a strange keyword',
    action({ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Host: '#{x}' } }),
    'ValidationError',
  ],
  [
    'a fixed redirect',
    action({ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '302' } }),
    'ValidationError',
  ],
  [
    'a listener that is not there',
    () => elb.deleteListener({ ListenerArn: `${arn}listener/app/x/1/2` }),
    'ListenerNotFoundException',
  ],
  [
    'a rule that is not there',
    () => elb.deleteRule({ RuleArn: `${arn}listener-rule/app/x/1/2/3` }),
    'RuleNotFoundException',
  ],
  ['a strange field', condition({ Field: 'moon', Values: ['full'] }), 'ValidationError'],
  ['no value', condition({ Field: 'path-pattern', Values: [] }), 'ValidationError'],
  [
    'six values',
    condition({ Field: 'path-pattern', Values: ['/1', '/2', '/3', '/4', '/5', '/6'] }),
    'ValidationError',
  ],
  ['a strange path', condition({ Field: 'path-pattern', Values: ['/ü'] }), 'ValidationError'],
  [
    'a condition on the header host',
    condition({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['a'] } }),
    'ValidationError',
  ],
  [
    'no network',
    condition({ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }),
    'ValidationError',
  ],
  [
    'a regular expression',
    condition({ Field: 'path-pattern', RegexValues: ['a+'] }),
    'NotImplementedException',
  ],
  [
    'a priority of 0',
    (made) =>
      elb.createRule({
        ListenerArn: made.listener,
        Priority: 0,
        Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
        Actions: [...fixed],
      }),
    'ValidationError',
  ],
  ['a group of functions', groupWith({ TargetType: 'lambda' }), 'NotImplementedException'],
  ['a group that speaks gRPC', groupWith({ ProtocolVersion: 'GRPC' }), 'NotImplementedException'],
  ['a group without a VPC', groupWith({ VpcId: undefined }), 'ValidationError'],
  ['an interval below 5 s', groupWith({ HealthCheckIntervalSeconds: 4 }), 'ValidationError'],
  [
    'a timeout beyond the interval',
    groupWith({ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 6 }),
    'ValidationError',
  ],
  ['a matcher of 500', groupWith({ Matcher: { HttpCode: '500' } }), 'ValidationError'],
  ['a check over TCP', groupWith({ HealthCheckProtocol: 'TCP' }), 'ValidationError'],
  ['no checks', groupWith({ HealthCheckEnabled: false }), 'ValidationError'],
  ['a strange attribute', attribute('colour', 'red'), 'ValidationError'],
  ['an attribute of another kind of object', attribute('constructor', 'x'), 'ValidationError'],
  ['a slow start of a second', attribute('slow_start.duration_seconds', '1'), 'ValidationError'],
  [
    'anomaly mitigation',
    attribute('load_balancing.algorithm.anomaly_mitigation', 'on'),
    'NotImplementedException',
  ],
  ['no target', targets(), 'ValidationError'],
  ['a host name', targets({ Id: 'example.com' }), 'ValidationError'],
  ['a public address', targets({ Id: '8.8.8.8' }), 'InvalidTargetException'],
  ['a target’s port that there is not', targets({ Id: '10.0.0.1', Port: 0 }), 'ValidationError'],
  [
    'tags of a stranger',
    () => elb.describeTags({ ResourceArns: [`${arn}loadbalancer/app/x/1`] }),
    'LoadBalancerNotFoundException',
  ],
])('refused: %s', async (_, call, name) => {
  expect(await errorOf(call(await make()))).toBe(name)
})
