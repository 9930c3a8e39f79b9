import { expect, test } from 'vitest'
import { type ServiceName, services } from '../../services.ts'
import { actionsOf, checksOf } from './checks.ts'

const scope = { accountId: '123456789012', region: 'eu-west-1' }
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:123456789012:${resource}`
const checks = (service: string, operation: string, input: object) =>
  checksOf(service, operation, input, scope, new Map()).map(({ action, resource }) => `${action} ${resource}`)

const DEPLOYMENT = arn('ecs', 'service-deployment/web/api/abc')
const TARGETS = arn('elasticloadbalancing', 'targetgroup/web/0123')

/** Service Authorization Reference: the actions of each service, with their resource types. */
test.each<[string, string, object, string[]]>([
  ['ecs', 'ListClusters', {}, ['ecs:ListClusters *']],
  ['ecs', 'UpdateService', { service: 'api' }, [`ecs:UpdateService ${arn('ecs', 'service/default/api')}`]],
  [
    'ecs',
    'DescribeServices',
    { cluster: arn('ecs', 'cluster/web'), services: ['a', arn('ecs', 'service/web/b')] },
    [
      `ecs:DescribeServices ${arn('ecs', 'service/web/a')}`,
      `ecs:DescribeServices ${arn('ecs', 'service/web/b')}`,
    ],
  ],
  [
    'ecs',
    'StopServiceDeployment',
    { serviceDeploymentArn: DEPLOYMENT },
    [`ecs:StopServiceDeployment ${DEPLOYMENT}`, `ecs:StopServiceDeployment ${arn('ecs', 'service/web/api')}`],
  ],
  ['ecs', 'ListTasks', {}, [`ecs:ListTasks ${arn('ecs', 'container-instance/default/*')}`]],
  ['ecs', 'RunTask', { taskDefinition: 'web' }, [`ecs:RunTask ${arn('ecs', 'task-definition/web:*')}`]],
  ['ecs', 'RunTask', { taskDefinition: 'web:3' }, [`ecs:RunTask ${arn('ecs', 'task-definition/web:3')}`]],
  [
    'ecs',
    'RegisterTaskDefinition',
    {
      family: 'web',
      taskRoleArn: 'arn:aws:iam::123456789012:role/a',
      executionRoleArn: 'b',
      tags: [{ key: 'x' }],
    },
    [
      `ecs:RegisterTaskDefinition ${arn('ecs', 'task-definition/web:*')}`,
      'iam:PassRole arn:aws:iam::123456789012:role/a',
      'iam:PassRole arn:aws:iam::123456789012:role/b',
      `ecs:TagResource ${arn('ecs', 'task-definition/web:*')}`,
    ],
  ],
  [
    'ecr',
    'BatchGetImage',
    { repositoryName: 'team/web' },
    [`ecr:BatchGetImage ${arn('ecr', 'repository/team/web')}`],
  ],
  ['ecr', 'DescribeRepositories', {}, [`ecr:DescribeRepositories ${arn('ecr', 'repository/*')}`]],
  [
    'elb',
    'RegisterTargets',
    { TargetGroupArn: TARGETS },
    [`elasticloadbalancing:RegisterTargets ${TARGETS}`],
  ],
  [
    'elb',
    'DescribeTargetHealth',
    { TargetGroupArn: TARGETS },
    ['elasticloadbalancing:DescribeTargetHealth *'],
  ],
  ['events', 'PutRule', { Name: 'r' }, [`events:PutRule ${arn('events', 'rule/r')}`]],
  [
    'events',
    'PutRule',
    { Name: 'r', EventBusName: 'own' },
    [`events:PutRule ${arn('events', 'rule/own/r')}`],
  ],
  [
    'events',
    'PutEvents',
    { Entries: [{ Source: 'a' }, { Source: 'b', EventBusName: 'own' }] },
    [
      `events:PutEvents ${arn('events', 'event-bus/default')}`,
      `events:PutEvents ${arn('events', 'event-bus/own')}`,
    ],
  ],
  ['lambda', 'Invoke', { FunctionName: 'f' }, [`lambda:InvokeFunction ${arn('lambda', 'function:f')}`]],
  [
    'lambda',
    'Invoke',
    { FunctionName: '123456789012:function:f', Qualifier: 'live' },
    [`lambda:InvokeFunction ${arn('lambda', 'function:f:live')}`],
  ],
  [
    'lambda',
    'CreateFunction',
    { FunctionName: 'f', Role: 'arn:aws:iam::123456789012:role/r' },
    [`lambda:CreateFunction ${arn('lambda', 'function:f')}`, 'iam:PassRole arn:aws:iam::123456789012:role/r'],
  ],
  [
    'sqs',
    'SendMessageBatch',
    { QueueUrl: 'http://127.0.0.1:4566/123456789012/q' },
    [`sqs:SendMessage ${arn('sqs', 'q')}`],
  ],
  ['dynamodb', 'Query', { TableName: 't' }, [`dynamodb:Query ${arn('dynamodb', 'table/t')}`]],
  [
    'dynamodb',
    'Query',
    { TableName: 't', IndexName: 'i' },
    [`dynamodb:Query ${arn('dynamodb', 'table/t/index/i')}`],
  ],
  [
    'dynamodb',
    'BatchWriteItem',
    { RequestItems: { a: [], b: [] } },
    [
      `dynamodb:BatchWriteItem ${arn('dynamodb', 'table/a')}`,
      `dynamodb:BatchWriteItem ${arn('dynamodb', 'table/b')}`,
    ],
  ],
  [
    'dynamodb',
    'TransactWriteItems',
    { TransactItems: [{ Put: { TableName: 't' } }, { ConditionCheck: { TableName: 'u' } }] },
    [
      `dynamodb:PutItem ${arn('dynamodb', 'table/t')}`,
      `dynamodb:ConditionCheckItem ${arn('dynamodb', 'table/u')}`,
    ],
  ],
  [
    'route53',
    'ChangeResourceRecordSets',
    { HostedZoneId: '/hostedzone/Z1' },
    ['route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/Z1'],
  ],
  [
    'discovery',
    'RegisterInstance',
    { ServiceId: 'srv-1' },
    [`servicediscovery:RegisterInstance ${arn('servicediscovery', 'service/srv-1')}`],
  ],
  ['cloudwatch', 'DescribeAlarms', {}, [`cloudwatch:DescribeAlarms ${arn('cloudwatch', 'alarm:*')}`]],
  [
    'logs',
    'PutLogEvents',
    { logGroupName: '/a', logStreamName: 's' },
    [`logs:PutLogEvents ${arn('logs', 'log-group:/a:log-stream:s')}`],
  ],
  [
    'logs',
    'FilterLogEvents',
    { logGroupIdentifier: arn('logs', 'log-group:/a') },
    [`logs:FilterLogEvents ${arn('logs', 'log-group:/a:log-stream:')}`],
  ],
  [
    'iam',
    'CreateRole',
    { RoleName: 'r', Path: '/p/' },
    ['iam:CreateRole arn:aws:iam::123456789012:role/p/r'],
  ],
  ['sts', 'GetCallerIdentity', {}, []],
  ['ecs', 'SomethingNew', { service: 'api' }, ['ecs:SomethingNew *']],
])('%s %s of %j', (service, operation, input, expected) => {
  expect(checks(service, operation, input).toSorted()).toEqual(expected.toSorted())
})

const keysOf = (service: string, operation: string, input: object) =>
  checksOf(service, operation, input, scope, new Map([['aws:userid', ['x']]])).map(({ context }) =>
    Object.fromEntries(context),
  )

test('a request gives condition keys', () => {
  expect(keysOf('ecs', 'RegisterTaskDefinition', { family: 'web', taskRoleArn: 'a' })[1]).toEqual({
    'aws:userid': ['x'],
    'iam:passedtoservice': ['ecs-tasks.amazonaws.com'],
  })
  expect(keysOf('ecs', 'ListServices', {})).toEqual([
    { 'aws:userid': ['x'], 'ecs:cluster': [arn('ecs', 'cluster/default')] },
  ])
  expect(keysOf('events', 'PutEvents', { Entries: [{ Source: 'a', DetailType: 'b' }, {}] })).toEqual([
    { 'aws:userid': ['x'], 'events:source': ['a'], 'events:detail-type': ['b'] },
    { 'aws:userid': ['x'] },
  ])
  expect(keysOf('iam', 'CreateRole', { RoleName: 'r', Tags: [{ Key: 'Team', Value: 'blue' }] })).toEqual([
    { 'aws:userid': ['x'], 'aws:requesttag/team': ['blue'], 'aws:tagkeys': ['Team'] },
  ])
  expect(keysOf('sqs', 'CreateQueue', { QueueName: 'q', tags: { a: 'b' } })[1]).toMatchObject({
    'aws:tagkeys': ['a'],
    'sqs:createaction': ['CreateQueue'],
  })
})

test.each(Object.keys(services) as ServiceName[])(
  'every operation of %s is authorized by a row',
  async (name) => {
    const { model } = await services[name].load()
    const { rows = [], free = [] } = actionsOf[name] ?? {}
    const known = new Set([...rows.flatMap(({ operations }) => operations), ...free])
    const implemented = [...model.operations.values()]
      .filter(({ handler }) => handler)
      .map((each) => each.name)
    expect(implemented.filter((operation) => !known.has(operation))).toEqual([])
    expect([...known].filter((operation) => !model.operations.has(operation))).toEqual([])
  },
)
