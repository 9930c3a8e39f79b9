/** Functions that run with the permissions of their roles: what policies allow passes, all else is denied as AWS denies it. */
import { CloudWatch } from '@aws-sdk/client-cloudwatch'
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { EC2 } from '@aws-sdk/client-ec2'
import { ECS } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { Lambda } from '@aws-sdk/client-lambda'
import { Route53 } from '@aws-sdk/client-route-53'
import { SQS } from '@aws-sdk/client-sqs'
import { STS } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { pack, type TestLambda, testLambda } from '../lambda/harness.ts'

const ROLE = 'arn:aws:iam::123456789012:role/door'
const SESSION = 'arn:aws:sts::123456789012:assumed-role/door/door'
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allow = (Action: string | string[], Resource = '*', more: object = {}) =>
  policy({ Effect: 'Allow', Action, Resource, ...more })
const trustIn = (principal: object) =>
  policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' })
const LAMBDA = trustIn({ Service: 'lambda.amazonaws.com' })

/** Calls ECS with the function's own credentials, and answers with the error's type and message. */
const CALLING = `export const handler = async ({ operation, input }) => {
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env
  if (!operation) return { accessKeyId: key, secretAccessKey: secret, sessionToken: token }
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=' + key + '/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-security-token': token,
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.' + operation,
      'content-type': 'application/x-amz-json-1.1',
    },
    body: JSON.stringify(input ?? {}),
  })
  return { status: answer.status, body: await answer.json() }
}`

/** An engine that enforces policies, with a function `door` whose role has one. */
async function withDoor(document: string, trust = LAMBDA): Promise<{ lambda: TestLambda; iam: IAM }> {
  const lambda = await testLambda({ iam: 'enforce' })
  const iam = new IAM(lambda.drydock.config)
  await iam.createRole({ RoleName: 'door', AssumeRolePolicyDocument: trust })
  await iam.putRolePolicy({ RoleName: 'door', PolicyName: 'own', PolicyDocument: document })
  await lambda.make('door', CALLING, { Role: ROLE })
  return { lambda, iam }
}

/** A client's settings with the credentials that the function has. */
async function asDoor({ drydock, invoke }: TestLambda) {
  const { answer } = await invoke('door')
  return { ...drydock.config, credentials: answer as { accessKeyId: string; secretAccessKey: string } }
}

async function usageOf({ drydock }: TestLambda) {
  const answer = await fetch(`${drydock.endpoint}/_drydock/iam/usage`)
  return ((await answer.json()) as { roles: Record<string, unknown> }).roles[ROLE]
}

test('a function may do what its role allows, and nothing else', async () => {
  const { lambda } = await withDoor(allow('ecs:ListClusters'))
  await using _ = lambda
  const allowed = await lambda.invoke('door', { operation: 'ListClusters' })
  expect(allowed.answer).toEqual({ status: 200, body: { clusterArns: [] } })
  const denied = await lambda.invoke('door', { operation: 'DescribeClusters', input: { clusters: ['web'] } })
  expect(denied.answer).toEqual({
    status: 400,
    body: {
      __type: 'AccessDeniedException',
      message: `User: ${SESSION} is not authorized to perform: ecs:DescribeClusters on resource: arn:aws:ecs:us-east-1:123456789012:cluster/web because no identity-based policy allows the ecs:DescribeClusters action`,
    },
  })
  expect(await usageOf(lambda)).toEqual({
    'ecs:DescribeClusters': { allowed: 0, denied: 1 },
    'ecs:ListClusters': { allowed: 1, denied: 0 },
  })
  expect(lambda.drydock.faults).toEqual([])
})

test('a permission that is added or taken away holds at once', async () => {
  const { lambda, iam } = await withDoor(allow('ecr:*'))
  await using _ = lambda
  const status = async () =>
    ((await lambda.invoke('door', { operation: 'ListClusters' })).answer as { status: number }).status
  expect(await status()).toBe(400)
  const { Policy } = await iam.createPolicy({ PolicyName: 'look', PolicyDocument: allow('ecs:List*') })
  await iam.attachRolePolicy({ RoleName: 'door', PolicyArn: Policy?.Arn })
  expect(await status()).toBe(200)
  const PolicyDocument = policy({ Effect: 'Deny', Action: 'ecs:*', Resource: '*' })
  await iam.putRolePolicy({ RoleName: 'door', PolicyName: 'own', PolicyDocument })
  const { answer } = await lambda.invoke('door', { operation: 'ListClusters' })
  expect(answer).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('with an explicit deny in an identity-based policy') },
  })
})

const denied = (action: string, resource = '*') =>
  `User: ${SESSION} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`

test('each service denies in its own protocol', async () => {
  const { lambda } = await withDoor(allow('xray:*'))
  await using _ = lambda
  const config = await asDoor(lambda)
  const queue = `${config.endpoint}/123456789012/q`
  const calls: [() => Promise<unknown>, string, number, string][] = [
    [() => new ECS(config).listClusters(), 'AccessDeniedException', 400, denied('ecs:ListClusters')],
    [
      () => new DynamoDB(config).getItem({ TableName: 't', Key: { id: { S: 'a' } } }),
      'AccessDeniedException',
      400,
      denied('dynamodb:GetItem', arn('dynamodb', 'table/t')),
    ],
    [
      () => new SQS(config).sendMessage({ QueueUrl: queue, MessageBody: 'a' }),
      'AccessDenied',
      400,
      denied('sqs:SendMessage', arn('sqs', 'q')),
    ],
    [
      () => new CloudWatch(config).describeAlarms(),
      'AccessDenied',
      400,
      denied('cloudwatch:DescribeAlarms', arn('cloudwatch', 'alarm:*')),
    ],
    [
      () => new ElasticLoadBalancingV2(config).describeTargetGroups(),
      'AccessDenied',
      403,
      denied('elasticloadbalancing:DescribeTargetGroups'),
    ],
    [
      () => new EC2(config).describeInstances(),
      'UnauthorizedOperation',
      403,
      denied('ec2:DescribeInstances'),
    ],
    [
      () => new Lambda(config).invoke({ FunctionName: 'door' }),
      'AccessDeniedException',
      403,
      denied('lambda:InvokeFunction', arn('lambda', 'function:door')),
    ],
    [
      () => new Route53(config).getHostedZone({ Id: 'Z1' }),
      'AccessDenied',
      403,
      denied('route53:GetHostedZone', 'arn:aws:route53:::hostedzone/Z1'),
    ],
  ]
  for (const [call, name, httpStatusCode, message] of calls)
    await expect(call()).rejects.toMatchObject({ name, message, $metadata: { httpStatusCode } })
  expect(lambda.drydock.faults).toEqual([])
})

test('conditions on the request decide: events by their source, roles by the service that they are passed to', async () => {
  const StringEquals = { 'events:source': 'capstan' }
  const { lambda, iam } = await withDoor(allow('events:PutEvents', '*', { Condition: { StringEquals } }))
  await using _ = lambda
  const config = await asDoor(lambda)
  const put = (Source: string) =>
    new EventBridge(config).putEvents({ Entries: [{ Source, DetailType: 'x', Detail: '{}' }] })
  await expect(put('capstan')).resolves.toMatchObject({ FailedEntryCount: 0 })
  await expect(put('other')).rejects.toMatchObject({
    message: denied('events:PutEvents', arn('events', 'event-bus/default')),
  })
  const register = () =>
    new ECS(config).registerTaskDefinition({
      family: 'web',
      taskRoleArn: 'arn:aws:iam::123456789012:role/task',
      containerDefinitions: [{ name: 'web', image: 'web', memory: 64 }],
    })
  const PolicyDocument = (service: string) =>
    policy(
      { Effect: 'Allow', Action: 'ecs:RegisterTaskDefinition', Resource: '*' },
      {
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringEquals: { 'iam:PassedToService': service } },
      },
    )
  const own = { RoleName: 'door', PolicyName: 'own' }
  await iam.putRolePolicy({ ...own, PolicyDocument: PolicyDocument('lambda.amazonaws.com') })
  await expect(register()).rejects.toMatchObject({
    message: denied('iam:PassRole', 'arn:aws:iam::123456789012:role/task'),
  })
  await iam.putRolePolicy({ ...own, PolicyDocument: PolicyDocument('ecs-tasks.amazonaws.com') })
  await expect(register()).resolves.toMatchObject({ taskDefinition: { revision: 1 } })
})

test("a transaction needs the permissions of its items' own operations", async () => {
  const { lambda } = await withDoor(allow(['dynamodb:PutItem'], arn('dynamodb', 'table/ledger')))
  await using _ = lambda
  await new DynamoDB(lambda.drydock.config).createTable({
    TableName: 'ledger',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  })
  await lambda.drydock.engine.advance('1m')
  const dynamodb = new DynamoDB(await asDoor(lambda))
  const Put = { TableName: 'ledger', Item: { id: { S: 'a' } } }
  await dynamodb.transactWriteItems({ TransactItems: [{ Put }] })
  const Delete = { TableName: 'ledger', Key: { id: { S: 'b' } } }
  await expect(dynamodb.transactWriteItems({ TransactItems: [{ Put }, { Delete }] })).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: denied('dynamodb:DeleteItem', arn('dynamodb', 'table/ledger')),
  })
})

test('who calls is the session of the role, and needs no permission to ask', async () => {
  const { lambda, iam } = await withDoor(allow('xray:*'))
  await using _ = lambda
  const config = await asDoor(lambda)
  const { Role } = await iam.getRole({ RoleName: 'door' })
  expect(await new STS(config).getCallerIdentity()).toMatchObject({
    Account: '123456789012',
    Arn: SESSION,
    UserId: `${Role?.RoleId}:door`,
  })
})

test('a role that is gone allows nothing, even if another of its name is made', async () => {
  const { lambda, iam } = await withDoor(allow('*'))
  await using _ = lambda
  const ecs = new ECS(await asDoor(lambda))
  await ecs.listClusters()
  await iam.deleteRolePolicy({ RoleName: 'door', PolicyName: 'own' })
  await iam.deleteRole({ RoleName: 'door' })
  await expect(ecs.listClusters()).rejects.toMatchObject({ name: 'AccessDeniedException' })
  await iam.createRole({ RoleName: 'door', AssumeRolePolicyDocument: LAMBDA })
  await iam.putRolePolicy({ RoleName: 'door', PolicyName: 'own', PolicyDocument: allow('*') })
  await expect(ecs.listClusters()).rejects.toMatchObject({ name: 'AccessDeniedException' })
})

test('a function whose role does not trust Lambda fails, until it does', async () => {
  const { lambda, iam } = await withDoor(allow('*'), trustIn({ Service: 'ecs-tasks.amazonaws.com' }))
  await using _ = lambda
  expect(await lambda.invoke('door')).toMatchObject({
    error: 'Unhandled',
    answer: { errorMessage: 'The role defined for the function cannot be assumed by Lambda.' },
  })
  await iam.updateAssumeRolePolicy({ RoleName: 'door', PolicyDocument: LAMBDA })
  expect((await lambda.invoke('door')).error).toBeUndefined()
})

test('keys of nobody are the root of the account, which may do all; so is a function whose role is not there', async () => {
  await using lambda = await testLambda({ iam: 'enforce' })
  await lambda.make('free', CALLING)
  expect((await lambda.invoke('free', { operation: 'ListClusters' })).answer).toMatchObject({ status: 200 })
  const ecs = new ECS(lambda.drydock.config)
  await expect(ecs.listClusters()).resolves.toMatchObject({ clusterArns: [] })
})

test('without enforcement policies decide nothing', async () => {
  await using lambda = await testLambda()
  const iam = new IAM(lambda.drydock.config)
  await iam.createRole({ RoleName: 'door', AssumeRolePolicyDocument: LAMBDA })
  await lambda.client.createFunction({
    FunctionName: 'door',
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: pack(CALLING) },
  })
  expect((await lambda.invoke('door', { operation: 'ListClusters' })).answer).toMatchObject({ status: 200 })
})

test('who starts the engine may hear of each judgement, to try it against other policies', async () => {
  const heard: string[] = []
  await using lambda = await testLambda({
    iam: 'enforce',
    onJudgement: ({ roleArn, action, resource, verdict }) =>
      void heard.push([roleArn, action, resource, verdict].join(' ')),
  })
  const iam = new IAM(lambda.drydock.config)
  await iam.createRole({ RoleName: 'door', AssumeRolePolicyDocument: LAMBDA })
  await iam.putRolePolicy({
    RoleName: 'door',
    PolicyName: 'own',
    PolicyDocument: allow('ecs:DescribeClusters'),
  })
  await lambda.make('door', CALLING, { Role: ROLE })
  await lambda.invoke('door', { operation: 'DescribeClusters', input: { clusters: ['web'] } })
  await lambda.invoke('door', { operation: 'ListClusters' })
  expect(heard).toEqual([
    `${ROLE} ecs:DescribeClusters arn:aws:ecs:us-east-1:123456789012:cluster/web allowed`,
    `${ROLE} ecs:ListClusters * not-allowed`,
  ])
})

test('a mapping is made only where the role may read from its queue, and a dead letter sent only where it may send', async () => {
  const { lambda, iam } = await withDoor(allow('sqs:ReceiveMessage'))
  await using _ = lambda
  const sqs = new SQS(lambda.drydock.config)
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'work' })
  const EventSourceArn = 'arn:aws:sqs:us-east-1:123456789012:work'
  const mapping = { FunctionName: 'door', EventSourceArn }
  await expect(lambda.client.createEventSourceMapping(mapping)).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'The provided execution role does not have permissions to call DeleteMessage on SQS',
  })
  await lambda.make('broken', 'export const nothing = 1', {
    Role: ROLE,
    DeadLetterConfig: { TargetArn: EventSourceArn },
  })
  await lambda.client.putFunctionEventInvokeConfig({ FunctionName: 'broken', MaximumRetryAttempts: 0 })
  const fail = async () => {
    await lambda.client.invoke({ FunctionName: 'broken', InvocationType: 'Event' })
    await lambda.drydock.engine.advance('1s')
    return (await sqs.receiveMessage({ QueueUrl })).Messages?.length ?? 0
  }
  expect(await fail()).toBe(0)
  const everything = allow('sqs:*', EventSourceArn)
  await iam.putRolePolicy({ RoleName: 'door', PolicyName: 'own', PolicyDocument: everything })
  expect(await fail()).toBe(1)
  expect(await lambda.client.createEventSourceMapping(mapping)).toMatchObject({ State: 'Creating' })
  expect(lambda.drydock.faults).toEqual([])
})
