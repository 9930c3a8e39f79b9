/** The lean client against the SDK's own clients, which are the oracle: what they send and where, and what they read. */

import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as ec2 from '@aws-sdk/client-ec2'
import * as ecr from '@aws-sdk/client-ecr'
import * as ecs from '@aws-sdk/client-ecs'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import * as events from '@aws-sdk/client-eventbridge'
import * as route53 from '@aws-sdk/client-route-53'
import * as cloudMap from '@aws-sdk/client-servicediscovery'
import * as sqs from '@aws-sdk/client-sqs'
import { NormalizedSchema } from '@smithy/core/schema'
import type { HttpRequest } from '@smithy/types'
import { expect, test } from 'vitest'
import {
  CLOUD_MAP,
  CLOUDWATCH,
  DYNAMODB,
  EC2,
  ECR,
  ECS,
  ELB,
  EVENTBRIDGE,
  ROUTE53,
  type Service,
  SQS,
} from './services.ts'

/** The operations of a module, as its schemas say them: name, input, output. */
function operationsOf(module: object): { name: string; input: NormalizedSchema; output: NormalizedSchema }[] {
  const schemaOf = (schema: unknown) =>
    NormalizedSchema.of((typeof schema === 'function' ? schema() : schema) as never)
  return Object.values(module).flatMap((value: unknown) =>
    Array.isArray(value) && value[0] === 9
      ? [{ name: String(value[2]), input: schemaOf(value[4]), output: schemaOf(value[5]) }]
      : [],
  )
}

/** Every member of a structure that is a time or a number, however deep, by its name and which of both it is. */
function numericMembers(schema: NormalizedSchema): Map<string, Set<'time' | 'number'>> {
  const found = new Map<string, Set<'time' | 'number'>>()
  const seen = new Set<string>()
  const walk = (name: string, each: NormalizedSchema): void => {
    if (each.isTimestampSchema() || each.isNumericSchema()) {
      const kinds = found.get(name) ?? new Set()
      found.set(name, kinds.add(each.isTimestampSchema() ? 'time' : 'number'))
    } else if (each.isListSchema() || each.isMapSchema()) walk(name, each.getValueSchema())
    else if (each.isStructSchema() && !seen.has(String(each.getName(true)))) {
      seen.add(String(each.getName(true)))
      for (const [member, inner] of each.structIterator()) walk(member, inner)
    }
  }
  walk('', schema)
  return found
}

const JSON_SERVICES: [string, object, Service, readonly string[]][] = [
  [
    'ECS',
    ecs,
    ECS,
    [
      'DescribeContainerInstances',
      'DescribeServiceDeployments',
      'DescribeServiceRevisions',
      'DescribeServices',
      'DescribeTaskDefinition',
      'DescribeTasks',
      'ListClusters',
      'ListServiceDeployments',
      'ListServices',
      'ListTasks',
      'RegisterTaskDefinition',
      'StopServiceDeployment',
      'UpdateService',
    ],
  ],
  ['ECR', ecr, ECR, ['BatchGetImage', 'DescribeImages', 'GetDownloadUrlForLayer', 'GetLifecyclePolicy']],
  [
    'DynamoDB',
    dynamodb,
    DYNAMODB,
    ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'TransactWriteItems', 'UpdateItem'],
  ],
  ['EventBridge', events, EVENTBRIDGE, ['PutEvents']],
  ['SQS', sqs, SQS, ['SendMessage']],
  [
    'CloudWatch',
    cloudwatch,
    CLOUDWATCH,
    [
      'DeleteAlarms',
      'DescribeAlarms',
      'GetMetricData',
      'ListAlarmMuteRules',
      'ListTagsForResource',
      'PutMetricAlarm',
    ],
  ],
  [
    'Cloud Map',
    cloudMap,
    CLOUD_MAP,
    ['DeregisterInstance', 'ListInstances', 'ListNamespaces', 'ListServices', 'RegisterInstance'],
  ],
]

const answered = (service: Service, body: object) =>
  service.protocol.read('Any', { statusCode: 200, headers: {}, body: JSON.stringify(body) }) as Record<
    string,
    unknown
  >

test.each(JSON_SERVICES)(
  '%s: of the numbers in its answers those are times that the schemas say',
  (_, module, service, used) => {
    const operations = operationsOf(module).filter(({ name }) => used.includes(name))
    expect(operations.map(({ name }) => name).sort()).toEqual([...used])
    for (const { name, output } of operations)
      for (const [member, kinds] of numericMembers(output)) {
        const read = answered(service, { [member]: 1_700_000_000.5 })[member]
        expect([name, member, [read instanceof Date ? 'time' : 'number']]).toEqual([name, member, [...kinds]])
      }
  },
)

test.each(JSON_SERVICES)(
  '%s: what makes a call the same one is added wherever the SDK adds it',
  (_, module, service, used) => {
    const operations = operationsOf(module).filter(({ name }) => used.includes(name))
    const tokens = operations.flatMap(({ name, input }) =>
      [...(input.isStructSchema() ? input.structIterator() : [])].flatMap(([member, schema]) =>
        schema.isIdempotencyToken() ? [[name, member] as const] : [],
      ),
    )
    expect(service.tokens ?? {}).toEqual(Object.fromEntries(tokens))
  },
)

/** What an SDK client sends, caught before it is sent. */
class Caught extends Error {
  readonly request: HttpRequest
  constructor(request: HttpRequest) {
    super('caught')
    this.request = request
  }
}

const catching = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  requestHandler: {
    handle: (request: HttpRequest): never => {
      throw new Caught(request)
    },
  },
}

async function sentBy(sending: Promise<unknown>): Promise<HttpRequest> {
  const error = await sending.then(
    () => new Error('nothing was sent'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof Caught) return error.request
  throw error
}

const START = new Date('2026-01-02T03:04:05.678Z')
const Filters = [{ Name: 'network-interface-id', Values: ['eni-1', 'eni-2'] }]
const Changes = [
  {
    Action: 'UPSERT' as const,
    ResourceRecordSet: {
      Name: 'web.example.com',
      Type: 'TXT' as const,
      SetIdentifier: 'capstan-a&b',
      MultiValueAnswer: true,
      TTL: 10,
      ResourceRecords: [{ Value: '"heritage=capstan,<x>"' }, { Value: '"2"' }],
    },
  },
]
const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web/0123'

test.each<[string, Service, object, () => Promise<unknown>]>([
  [
    'DescribeServices',
    ECS,
    { cluster: 'prod', services: ['web'], include: ['TAGS'], nothing: undefined },
    () => new ecs.ECS(catching).describeServices({ cluster: 'prod', services: ['web'], include: ['TAGS'] }),
  ],
  [
    'GetMetricData',
    CLOUDWATCH,
    { MetricDataQueries: [{ Id: 'a' }], StartTime: START, EndTime: START },
    () =>
      new CloudWatchClient(catching).send(
        new GetMetricDataCommand({ MetricDataQueries: [{ Id: 'a' }], StartTime: START, EndTime: START }),
      ),
  ],
  [
    'PutItem',
    DYNAMODB,
    { TableName: 't', Item: { a: { B: new Uint8Array([1, 2, 255]) }, n: { N: '1' } } },
    () =>
      new dynamodb.DynamoDB(catching).putItem({
        TableName: 't',
        Item: { a: { B: new Uint8Array([1, 2, 255]) }, n: { N: '1' } },
      }),
  ],
  [
    'PutEvents',
    EVENTBRIDGE,
    { Entries: [{ Source: 'capstan', Time: START }] },
    () => new events.EventBridge(catching).putEvents({ Entries: [{ Source: 'capstan', Time: START }] }),
  ],
  [
    'SendMessage',
    SQS,
    { QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', MessageBody: 'é"' },
    () =>
      new sqs.SQS({ ...catching, md5: false }).sendMessage({
        QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q',
        MessageBody: 'é"',
      }),
  ],
  [
    'DescribeImages',
    ECR,
    { repositoryName: 'web', maxResults: 1000 },
    () => new ecr.ECR(catching).describeImages({ repositoryName: 'web', maxResults: 1000 }),
  ],
  [
    'ListInstances',
    CLOUD_MAP,
    { ServiceId: 'srv-1' },
    () => new cloudMap.ServiceDiscovery(catching).listInstances({ ServiceId: 'srv-1' }),
  ],
  [
    'DescribeTargetGroups',
    ELB,
    { TargetGroupArns: [GROUP, 'b&c'], PageSize: 400, Marker: undefined },
    () =>
      new elb.ElasticLoadBalancingV2(catching).describeTargetGroups({
        TargetGroupArns: [GROUP, 'b&c'],
        PageSize: 400,
      }),
  ],
  [
    'DescribeTargetHealth',
    ELB,
    { TargetGroupArn: GROUP },
    () => new elb.ElasticLoadBalancingV2(catching).describeTargetHealth({ TargetGroupArn: GROUP }),
  ],
  [
    'DescribeNetworkInterfaces',
    EC2,
    { Filters, MaxResults: 1000 },
    () => new ec2.EC2(catching).describeNetworkInterfaces({ Filters, MaxResults: 1000 }),
  ],
  [
    'DescribeInstances',
    EC2,
    { Filters, NextToken: 'a+b' },
    () => new ec2.EC2(catching).describeInstances({ Filters, NextToken: 'a+b' }),
  ],
  [
    'ListHostedZones',
    ROUTE53,
    { Marker: 'Z1' },
    () => new route53.Route53(catching).listHostedZones({ Marker: 'Z1' }),
  ],
  [
    'ListResourceRecordSets',
    ROUTE53,
    { HostedZoneId: 'Z1', MaxItems: 300, StartRecordName: 'a.b', StartRecordType: 'A' },
    () =>
      new route53.Route53(catching).listResourceRecordSets({
        HostedZoneId: 'Z1',
        MaxItems: 300,
        StartRecordName: 'a.b',
        StartRecordType: 'A',
      }),
  ],
  [
    'ChangeResourceRecordSets',
    ROUTE53,
    { HostedZoneId: 'Z1', ChangeBatch: { Changes } },
    () =>
      new route53.Route53(catching).changeResourceRecordSets({
        HostedZoneId: 'Z1',
        ChangeBatch: { Changes },
      }),
  ],
])('%s goes out as the SDK sends it', async (operation, { protocol }, input, sending) => {
  const theirs = await sentBy(sending())
  const ours = protocol.write(operation, input)
  const type = ours.headers['content-type'] ?? theirs.headers['content-type']
  expect({
    method: ours.method,
    path: ours.path,
    query: ours.query ?? {},
    body: readable(type, ours.body),
  }).toEqual({
    method: theirs.method,
    path: theirs.path,
    query: theirs.query ?? {},
    body: readable(type, theirs.body),
  })
  for (const [name, value] of Object.entries(ours.headers))
    expect([name, theirs.headers[name]]).toEqual([name, value])
})

/** A body in a form in which the order of members plays no part, where the protocol says that it plays none. */
function readable(type = '', body: unknown): unknown {
  const text = body === undefined ? '' : String(body)
  if (type.includes('json')) return JSON.parse(text)
  if (type.includes('form')) return Object.fromEntries(new URLSearchParams(text))
  return text.replace('<?xml version="1.0" encoding="UTF-8"?>', '')
}

const REGIONS = [
  'us-east-1',
  'eu-central-2',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-west-1',
  'us-gov-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
  'eusc-de-east-1',
]

test.each<[string, Service, (region: string) => { config: object }]>([
  ['ECS', ECS, (region) => new ecs.ECS({ region })],
  ['ECR', ECR, (region) => new ecr.ECR({ region })],
  ['DynamoDB', DYNAMODB, (region) => new dynamodb.DynamoDB({ region })],
  ['EventBridge', EVENTBRIDGE, (region) => new events.EventBridge({ region })],
  ['SQS', SQS, (region) => new sqs.SQS({ region })],
  ['CloudWatch', CLOUDWATCH, (region) => new CloudWatchClient({ region })],
  ['Cloud Map', CLOUD_MAP, (region) => new cloudMap.ServiceDiscovery({ region })],
  ['load balancers', ELB, (region) => new elb.ElasticLoadBalancingV2({ region })],
  ['EC2', EC2, (region) => new ec2.EC2({ region })],
  ['Route 53', ROUTE53, (region) => new route53.Route53({ region })],
])('%s is called and signed for where the SDK does, in every partition', (_, { at }, clientIn) => {
  for (const region of REGIONS) {
    const { endpointProvider } = clientIn(region).config as {
      endpointProvider(parameters: object): {
        url: URL
        properties?: { authSchemes?: { signingRegion?: string }[] }
      }
    }
    const theirs = endpointProvider({ Region: region, UseFIPS: false, UseDualStack: false })
    const { endpoint, signedFor } = at(region)
    expect([region, `${endpoint}/`]).toEqual([region, theirs.url.href])
    expect([region, signedFor]).toEqual([
      region,
      theirs.properties?.authSchemes?.[0]?.signingRegion ?? region,
    ])
  }
})
