/** What Capstan's own clients read of the engine's answers is what the SDK's clients read of them. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { EC2 } from '@aws-sdk/client-ec2'
import { ECS } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { Route53 } from '@aws-sdk/client-route-53'
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'
import { parseEnvironment, tableDefinition } from '@capstan/aws'
import { callerOf, createClients } from '@capstan/aws/clients.ts'
import { createDiscoveryClients } from '@capstan/aws/discovery/clients.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let engine: TestEngine

beforeAll(async () => {
  engine = await testEngine()
})
afterAll(() => engine.close())

const environment = () =>
  parseEnvironment({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: engine.endpoint,
    CAPSTAN_LEDGER_TABLE: 'rows',
  })
const caller = () =>
  callerOf(environment(), { credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }) })
const clients = () => createClients(environment(), caller())
const discovery = () => createDiscoveryClients(environment(), caller())

/** The members of `whole` that `part` has, however deep: what is read of an answer in XML is a part of it. */
function only(whole: unknown, part: unknown): unknown {
  if (Array.isArray(part)) return Array.isArray(whole) ? part.map((each, at) => only(whole[at], each)) : whole
  if (typeof part !== 'object' || part === null || part instanceof Date) return whole
  const of = whole as Record<string, unknown>
  return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, only(of?.[name], each)]))
}

test('services, tasks and their times', async () => {
  const ecs = new ECS(engine.config)
  await ecs.createCluster({ clusterName: 'prod' })
  await ecs.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [{ name: 'app', image: 'web:1', memory: 128 }],
  })
  await ecs.createService({ cluster: 'prod', serviceName: 'web', taskDefinition: 'web', desiredCount: 1 })
  await engine.engine.advance('1m')
  const asked = { cluster: 'prod', services: ['web', 'nowhere'] }
  const { $metadata: _, ...theirs } = await ecs.describeServices(asked)
  const ours = await clients().ecs.call('DescribeServices', asked)
  expect(ours).toEqual(theirs)
  expect(ours.services?.[0]?.createdAt).toBeInstanceOf(Date)
  const { taskArns: tasks = [] } = await clients().ecs.call('ListTasks', { cluster: 'prod' })
  const { $metadata: __, ...described } = await ecs.describeTasks({ cluster: 'prod', tasks })
  expect(await clients().ecs.call('DescribeTasks', { cluster: 'prod', tasks })).toEqual(described)
})

test('alarms and metric data', async () => {
  const cloudwatch = new CloudWatch(engine.config)
  await cloudwatch.putMetricAlarm({
    AlarmName: 'slow',
    Namespace: 'web',
    MetricName: 'Latency',
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0.25,
    ComparisonOperator: 'GreaterThanThreshold',
  })
  const now = engine.engine.clock.now()
  await cloudwatch.putMetricData({
    Namespace: 'web',
    MetricData: [{ MetricName: 'Latency', Value: 0.5, Timestamp: new Date(now) }],
  })
  const { $metadata: _, ...theirs } = await cloudwatch.describeAlarms({})
  expect(await clients().cloudwatch.call('DescribeAlarms', {})).toEqual(theirs)
  const asked = {
    StartTime: new Date(now - 600_000),
    EndTime: new Date(now + 600_000),
    MetricDataQueries: [
      {
        Id: 'a',
        MetricStat: { Metric: { Namespace: 'web', MetricName: 'Latency' }, Period: 60, Stat: 'Sum' },
      },
    ],
  }
  const { $metadata: __, ...data } = await cloudwatch.getMetricData(asked)
  const ours = await clients().cloudwatch.call('GetMetricData', asked)
  expect(ours).toEqual(data)
  expect(ours.MetricDataResults?.[0]?.Values).toEqual([0.5])
})

test('target groups and the health of their targets', async () => {
  const elb = new ElasticLoadBalancingV2(engine.config)
  const { TargetGroups = [] } = await elb.createTargetGroup({
    Name: 'web',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-12345678',
    TargetType: 'ip',
  })
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? ''
  const groups = await clients().elb.call('DescribeTargetGroups', { TargetGroupArns: [TargetGroupArn] })
  expect(groups).toEqual({ TargetGroups: [{ TargetGroupArn, LoadBalancerArns: [] }] })
  expect(await clients().elb.call('DescribeTargetHealth', { TargetGroupArn })).toEqual({
    TargetHealthDescriptions: [],
  })
  await elb.registerTargets({ TargetGroupArn, Targets: [{ Id: '127.0.0.9', Port: 8080 }] })
  const ours = await clients().elb.call('DescribeTargetHealth', { TargetGroupArn })
  expect(ours.TargetHealthDescriptions?.[0]?.Target).toEqual({ Id: '127.0.0.9', Port: 8080 })
  expect(ours).toEqual(only(await elb.describeTargetHealth({ TargetGroupArn }), ours))
})

test('network interfaces and instances', async () => {
  const ec2 = new EC2(engine.config)
  const ecs = new ECS(engine.config)
  await ecs.createCluster({ clusterName: 'hosts' })
  const containerDefinitions = [{ name: 'app', image: 'web:1', memory: 128 }]
  await ecs.registerTaskDefinition({ family: 'hosted', networkMode: 'bridge', containerDefinitions })
  await ecs.registerTaskDefinition({ family: 'own', networkMode: 'awsvpc', containerDefinitions })
  const awsvpcConfiguration = { subnets: ['subnet-12345678'], assignPublicIp: 'ENABLED' as const }
  await ecs.runTask({ cluster: 'hosts', taskDefinition: 'hosted', launchType: 'EC2' })
  await ecs.runTask({
    cluster: 'hosts',
    taskDefinition: 'own',
    networkConfiguration: { awsvpcConfiguration },
  })
  await engine.engine.advance('1m')
  const asked = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] }
  const ours = await discovery().ec2.call('DescribeInstances', asked)
  expect((ours.Reservations ?? []).flatMap((each) => each.Instances ?? [])).not.toEqual([])
  expect(ours).toEqual(only(await ec2.describeInstances(asked), ours))
  const interfaces = await discovery().ec2.call('DescribeNetworkInterfaces', {})
  expect(interfaces.NetworkInterfaces?.map((each) => each.Association?.PublicIp)).not.toEqual([])
  expect(interfaces).toEqual(only(await ec2.describeNetworkInterfaces({}), interfaces))
})

test('zones and record sets, page by page', async () => {
  const route53 = new Route53(engine.config)
  const { HostedZone } = await route53.createHostedZone({ Name: 'example.com', CallerReference: '1' })
  const HostedZoneId = (HostedZone?.Id ?? '').replace('/hostedzone/', '')
  const zones = await discovery().route53.call('ListHostedZones', {})
  expect(zones).toEqual(only(await route53.listHostedZones({}), zones))
  await discovery().route53.call('ChangeResourceRecordSets', {
    HostedZoneId,
    ChangeBatch: {
      Changes: [
        {
          Action: 'CREATE',
          ResourceRecordSet: {
            Name: 'a.example.com',
            Type: 'TXT',
            TTL: 5,
            ResourceRecords: [{ Value: '"<&>"' }],
          },
        },
      ],
    },
  })
  const first = await discovery().route53.call('ListResourceRecordSets', { HostedZoneId, MaxItems: 2 })
  expect(first.IsTruncated).toBe(true)
  expect(first).toEqual(only(await route53.listResourceRecordSets({ HostedZoneId, MaxItems: 2 }), first))
  const rest = await discovery().route53.call('ListResourceRecordSets', {
    HostedZoneId,
    StartRecordName: first.NextRecordName,
    StartRecordType: first.NextRecordType,
  })
  expect(rest.ResourceRecordSets).toEqual([
    { Name: 'a.example.com.', Type: 'TXT', TTL: 5, ResourceRecords: [{ Value: '"<&>"' }] },
  ])
})

test('rows, with all kinds of values', async () => {
  const raw = new DynamoDB(engine.config)
  await raw.createTable({ TableName: 'rows', ...tableDefinition })
  const document = DynamoDBDocument.from(raw)
  const rows = clients().dynamodb
  const row = {
    pk: 'p',
    sk: '1',
    bytes: new Uint8Array([0, 255]),
    none: null,
    deep: { list: [1, 'a', { b: true }], bytes: [new Uint8Array([7])] },
    tags: new Set(['x', 'y']),
    Key: { Item: 'names of members are no names of rows' },
  }
  const TableName = 'rows'
  const Key = { pk: 'p', sk: '1' }
  await rows.put({ TableName, Item: { ...row, left: undefined } })
  expect((await document.get({ TableName, Key })).Item).toEqual(row)
  expect((await rows.get({ TableName, Key })).Item).toEqual(row)
  const updated = await rows.update({
    TableName,
    Key,
    UpdateExpression: 'SET #n = :n',
    ExpressionAttributeNames: { '#n': 'none' },
    ExpressionAttributeValues: { ':n': { at: 5 } },
    ReturnValues: 'ALL_NEW',
  })
  expect(updated.Attributes).toEqual({ ...row, none: { at: 5 } })
  await rows.transactWrite({
    TransactItems: [{ Put: { TableName, Item: { pk: 'p', sk: '2' } } }, { Delete: { TableName, Key } }],
  })
  const ExpressionAttributeValues = { ':pk': 'p' }
  const found = await rows.query({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues })
  expect(found.Items).toEqual([{ pk: 'p', sk: '2' }])
  const batch = await rows.batchGet({ RequestItems: { rows: { Keys: [{ pk: 'p', sk: '2' }, Key] } } })
  expect(batch.Responses).toEqual({ rows: [{ pk: 'p', sk: '2' }] })
  await rows.delete({ TableName, Key: { pk: 'p', sk: '2' } })
  expect((await rows.get({ TableName, Key: { pk: 'p', sk: '2' } })).Item).toBeUndefined()
})
