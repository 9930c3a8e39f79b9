/** The AWS services that Capstan calls: where each answers, in which protocol, and what is read of those that answer in XML. */
import { regionalEndpoint, route53Endpoint } from './endpoint.ts'
import { jsonProtocol, withBytes } from './json.ts'
import type { Protocol } from './protocol.ts'
import { ec2Protocol, queryProtocol } from './query.ts'
import { route53Protocol } from './route53-protocol.ts'
import { from, list, type Shaped, structure } from './xml.ts'

export interface Service {
  /** As errors and counts name it: `ECS UpdateService`. */
  readonly name: string
  /** As signatures name it. */
  readonly signingName: string
  readonly protocol: Protocol
  /** Where it answers for a region, and which region is signed for. */
  readonly at: (region: string) => { readonly endpoint: string; readonly signedFor: string }
  /**
   * Members that make a call that is made again the same one, by operation: each call is given one of its own, as
   * the SDK gives it (https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait).
   */
  readonly tokens?: Readonly<Record<string, string>>
}

const inRegion = (prefix: string) => (region: string) => ({
  endpoint: regionalEndpoint(prefix, region),
  signedFor: region,
})

export const ECS: Service = {
  name: 'ECS',
  signingName: 'ecs',
  protocol: jsonProtocol('1.1', 'AmazonEC2ContainerServiceV20141113'),
  at: inRegion('ecs'),
}
export const ECR: Service = {
  name: 'ECR',
  signingName: 'ecr',
  protocol: jsonProtocol('1.1', 'AmazonEC2ContainerRegistry_V20150921'),
  at: inRegion('api.ecr'),
}
export const DYNAMODB: Service = {
  name: 'DynamoDB',
  signingName: 'dynamodb',
  protocol: jsonProtocol('1.0', 'DynamoDB_20120810', withBytes),
  at: inRegion('dynamodb'),
  tokens: { TransactWriteItems: 'ClientRequestToken' },
}
export const EVENTBRIDGE: Service = {
  name: 'EventBridge',
  signingName: 'events',
  protocol: jsonProtocol('1.1', 'AWSEvents'),
  at: inRegion('events'),
}
export const SQS: Service = {
  name: 'SQS',
  signingName: 'sqs',
  protocol: jsonProtocol('1.0', 'AmazonSQS'),
  at: inRegion('sqs'),
}
export const CLOUDWATCH: Service = {
  name: 'CloudWatch',
  signingName: 'monitoring',
  protocol: jsonProtocol('1.0', 'GraniteServiceVersion20100801'),
  at: inRegion('monitoring'),
}
export const CLOUD_MAP: Service = {
  name: 'ServiceDiscovery',
  signingName: 'servicediscovery',
  protocol: jsonProtocol('1.1', 'Route53AutoNaming_v20170314'),
  at: inRegion('servicediscovery'),
  tokens: { RegisterInstance: 'CreatorRequestId' },
}

/** By operation, what is read of the answers of load balancers. */
export const ELB_SHAPES = {
  DescribeTargetGroups: structure({
    TargetGroups: list(
      'member',
      structure({ TargetGroupArn: 'text', LoadBalancerArns: list('member', 'text') }),
    ),
    NextMarker: 'text',
  }),
  DescribeTargetHealth: structure({
    TargetHealthDescriptions: list(
      'member',
      structure({
        Target: structure({ Id: 'text', Port: 'number' }),
        TargetHealth: structure({ State: 'text', Reason: 'text', Description: 'text' }),
      }),
    ),
  }),
} as const
/** What DescribeTargetHealth says of one target. */
export type TargetDescription = NonNullable<
  Shaped<(typeof ELB_SHAPES)['DescribeTargetHealth']>['TargetHealthDescriptions']
>[number]

export const ELB: Service = {
  name: 'ElasticLoadBalancingV2',
  signingName: 'elasticloadbalancing',
  protocol: queryProtocol('2015-12-01', ELB_SHAPES),
  at: inRegion('elasticloadbalancing'),
}

/** By operation, what is read of EC2's answers. */
export const EC2_SHAPES = {
  DescribeNetworkInterfaces: structure({
    NetworkInterfaces: from(
      'networkInterfaceSet',
      list(
        'item',
        structure({
          NetworkInterfaceId: from('networkInterfaceId', 'text'),
          PrivateIpAddress: from('privateIpAddress', 'text'),
          Association: from('association', structure({ PublicIp: from('publicIp', 'text') })),
          Ipv6Addresses: from(
            'ipv6AddressesSet',
            list('item', structure({ Ipv6Address: from('ipv6Address', 'text') })),
          ),
        }),
      ),
    ),
    NextToken: from('nextToken', 'text'),
  }),
  DescribeInstances: structure({
    Reservations: from(
      'reservationSet',
      list(
        'item',
        structure({
          Instances: from(
            'instancesSet',
            list(
              'item',
              structure({
                InstanceId: from('instanceId', 'text'),
                PrivateIpAddress: from('privateIpAddress', 'text'),
                PublicIpAddress: from('ipAddress', 'text'),
                Ipv6Address: from('ipv6Address', 'text'),
              }),
            ),
          ),
        }),
      ),
    ),
    NextToken: from('nextToken', 'text'),
  }),
} as const

export const EC2: Service = {
  name: 'EC2',
  signingName: 'ec2',
  protocol: ec2Protocol('2016-11-15', EC2_SHAPES),
  at: inRegion('ec2'),
}

/** By operation, what is read of the answers of STS. */
export const STS_SHAPES = {
  AssumeRole: structure({
    Credentials: structure({
      AccessKeyId: 'text',
      SecretAccessKey: 'text',
      SessionToken: 'text',
      Expiration: 'time',
    }),
  }),
  GetCallerIdentity: structure({ Account: 'text' }),
} as const

export const STS: Service = {
  name: 'STS',
  signingName: 'sts',
  protocol: queryProtocol('2011-06-15', STS_SHAPES),
  at: inRegion('sts'),
}

export const ROUTE53: Service = {
  name: 'Route53',
  signingName: 'route53',
  protocol: route53Protocol,
  at: route53Endpoint,
}
