/** Who may put events on a bus: its policy, and events that go from one account and region to another under it. */
import { EventBridge } from '@aws-sdk/client-eventbridge'
import { IAM } from '@aws-sdk/client-iam'
import { SQS } from '@aws-sdk/client-sqs'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'

const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const BUS = 'arn:aws:events:us-east-1:123456789012:event-bus/hub'

test('a policy is made of statements, one for each account, and is shown', async () => {
  await using drydock = await testEngine()
  const events = new EventBridge(drydock.config)
  await events.createEventBus({ Name: 'hub' })
  const statements = async () => {
    const { Policy } = await events.describeEventBus({ Name: 'hub' })
    return Policy && JSON.parse(Policy).Statement
  }
  expect(await statements()).toBeUndefined()
  const put = { EventBusName: 'hub', Action: 'events:PutEvents' }
  await events.putPermission({ ...put, StatementId: 'a', Principal: '222222222222' })
  const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' }
  await events.putPermission({ ...put, StatementId: 'all', Principal: '*', Condition })
  await events.putPermission({ ...put, StatementId: 'a', Principal: '333333333333' })
  const shared = { Effect: 'Allow', Action: 'events:PutEvents', Resource: BUS }
  const all = {
    ...shared,
    ...{ Sid: 'all', Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
  }
  expect(await statements()).toEqual([
    all,
    { ...shared, Sid: 'a', Principal: { AWS: 'arn:aws:iam::333333333333:root' } },
  ])
  await events.removePermission({ EventBusName: 'hub', StatementId: 'a' })
  expect(await statements()).toEqual([all])
  const Policy = document({ ...all, Sid: 'own' })
  await events.putPermission({ EventBusName: 'hub', Policy })
  const { EventBuses } = await events.listEventBuses({ NamePrefix: 'hub' })
  expect(EventBuses?.[0]?.Policy).toBe(Policy)
  await events.removePermission({ EventBusName: 'hub', RemoveAllPermissions: true })
  expect(await statements()).toBeUndefined()
  const remove = events.removePermission({ EventBusName: 'hub', StatementId: 'a' })
  await expect(remove).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'EventBus does not have a policy.',
  })
  expect(drydock.faults).toEqual([])
})

const ONE = { Action: 'events:PutEvents', Principal: '222222222222', StatementId: 'a' }
test.each<[string, object, string]>([
  ['a bus that is not there', { ...ONE, EventBusName: 'gone' }, 'ResourceNotFoundException'],
  ['no account', { ...ONE, Principal: 'me' }, 'ValidationException'],
  ['no statement id', { ...ONE, StatementId: undefined }, 'ValidationException'],
  ['another action', { ...ONE, Action: 'events:PutRule' }, 'ValidationException'],
  ['a policy and its parts', { ...ONE, Policy: document() }, 'ValidationException'],
  ['a policy that is none', { Policy: '{' }, 'ValidationException'],
  [
    'a policy for nobody',
    { Policy: document({ Effect: 'Allow', Action: '*', Resource: '*' }) },
    'ValidationException',
  ],
  [
    'a policy that is too long',
    { Policy: document({ Effect: 'Allow', Principal: '*', Action: '*', Resource: Array(500).fill(BUS) }) },
    'PolicyLengthExceededException',
  ],
])('PutPermission refuses %s', async (_, input, name) => {
  await using drydock = await testEngine()
  await expect(new EventBridge(drydock.config).putPermission(input)).rejects.toMatchObject({ name })
})

const credentials = { accessKeyId: '222222222222', secretAccessKey: 'x' }
const RULE = 'arn:aws:events:eu-west-1:222222222222:rule/forward'
const RoleArn = 'arn:aws:iam::222222222222:role/forward'
const trust = {
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { Service: 'events.amazonaws.com' },
  Condition: {
    ArnEquals: { 'aws:SourceArn': RULE },
    StringEquals: { 'aws:SourceAccount': '222222222222' },
  },
}
const permission = { Effect: 'Allow', Action: 'events:PutEvents', Resource: BUS }
const policy = {
  ...{ Effect: 'Allow', Action: 'events:PutEvents', Resource: BUS },
  Principal: { AWS: 'arn:aws:iam::222222222222:root' },
  Condition: {
    'ForAllValues:StringEquals': { 'events:source': ['aws.ecs', 'shop'] },
    Null: { 'events:source': 'false' },
  },
}
const right = { trust, permission, policy }

/** A rule in Ireland of one account, whose target is a bus in Virginia of another; a rule on that bus fills the queue `got`. */
async function forwarding(drydock: TestEngine, made: typeof right) {
  const place = { ...drydock.config, region: 'eu-west-1', credentials }
  const [there, here] = [new EventBridge(place), new EventBridge(drydock.config)]
  const [dead, got] = [new SQS(place), new SQS(drydock.config)]
  await Promise.all([dead.createQueue({ QueueName: 'dead' }), got.createQueue({ QueueName: 'got' })])
  const EventPattern = '{"source":["shop"]}'
  await here.createEventBus({ Name: 'hub' })
  await here.putPermission({ EventBusName: 'hub', Policy: document(made.policy) })
  await here.putRule({ Name: 'got', EventBusName: 'hub', EventPattern })
  const Arn = 'arn:aws:sqs:us-east-1:123456789012:got'
  await here.putTargets({ Rule: 'got', EventBusName: 'hub', Targets: [{ Id: '1', Arn }] })
  const iam = new IAM(place)
  await iam.createRole({ RoleName: 'forward', AssumeRolePolicyDocument: document(made.trust) })
  const PolicyDocument = document(made.permission)
  await iam.putRolePolicy({ RoleName: 'forward', PolicyName: 'forward', PolicyDocument })
  await there.putRule({ Name: 'forward', EventPattern })
  const DeadLetterConfig = { Arn: 'arn:aws:sqs:eu-west-1:222222222222:dead' }
  const target = { Id: '1', Arn: BUS, RoleArn, DeadLetterConfig }
  await there.putTargets({ Rule: 'forward', Targets: [target] })
  await there.putEvents({ Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{}' }] })
  await drydock.engine.settle()
  const messagesOf = async (sqs: SQS, QueueName: string) => {
    const { QueueUrl } = await sqs.getQueueUrl({ QueueName })
    return (await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ['All'] })).Messages ?? []
  }
  return { got: await messagesOf(got, 'got'), dead: await messagesOf(dead, 'dead') }
}

test('an event goes to a bus of another account and region as it is, once', async () => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const { got, dead } = await forwarding(drydock, right)
  expect(dead).toEqual([])
  expect(got.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    { source: 'shop', account: '222222222222', region: 'eu-west-1' },
  ])
  expect(drydock.faults).toEqual([])
})

test.each<[string, Partial<typeof right>, string]>([
  [
    'a role that is for another rule',
    {
      trust: {
        ...trust,
        Condition: { ...trust.Condition, ArnEquals: { 'aws:SourceArn': `${RULE}-not` } },
      },
    },
    'FAILED_TO_ASSUME_ROLE',
  ],
  [
    'a role of functions',
    { trust: { ...trust, Principal: { Service: 'lambda.amazonaws.com' } } },
    'FAILED_TO_ASSUME_ROLE',
  ],
  ['a role that may not', { permission: { ...permission, Resource: `${BUS}-not` } }, 'NO_PERMISSIONS'],
  [
    'a bus for another account',
    { policy: { ...policy, Principal: { AWS: 'arn:aws:iam::333333333333:root' } } },
    'NO_PERMISSIONS',
  ],
  [
    'a bus for other events',
    {
      policy: {
        ...policy,
        Condition: { ...policy.Condition, 'ForAllValues:StringEquals': { 'events:source': ['aws.ecs'] } },
      },
    },
    'NO_PERMISSIONS',
  ],
])('%s keeps events from a bus: they are dead letters at once', async (_, wrong, code) => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const { got, dead } = await forwarding(drydock, { ...right, ...wrong })
  expect(got).toEqual([])
  expect(dead.map(({ MessageAttributes }) => MessageAttributes?.ERROR_CODE?.StringValue)).toEqual([code])
  await using lenient = await testEngine()
  expect((await forwarding(lenient, { ...right, ...wrong })).got).toHaveLength(1)
  expect(drydock.faults).toEqual([])
})

test.each<[string, object, string]>([
  ['no role for a bus of another account', {}, `RoleArn is required for target ${BUS}.`],
  ['a role that is none', { RoleArn: 'forward' }, 'Parameter forward is not valid.'],
  [
    'a role of another account',
    { RoleArn: 'arn:aws:iam::333333333333:role/x' },
    'Cross-account pass role is not allowed.',
  ],
])('PutTargets refuses %s', async (_, target, message) => {
  await using drydock = await testEngine()
  const events = new EventBridge({ ...drydock.config, credentials })
  await events.putRule({ Name: 'r', EventPattern: '{"source":["shop"]}' })
  const put = events.putTargets({ Rule: 'r', Targets: [{ Id: '1', Arn: BUS, ...target }] })
  await expect(put).rejects.toThrow(message)
})

test('a client of another account puts on a bus what its policy allows, and learns what it refuses', async () => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const [here, sqs] = [new EventBridge(drydock.config), new SQS(drydock.config)]
  await here.createEventBus({ Name: 'hub' })
  await here.putPermission({ EventBusName: 'hub', Policy: document(policy) })
  await here.putRule({ Name: 'got', EventBusName: 'hub', EventPattern: '{"detail-type":["sold"]}' })
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'got' })
  const Arn = 'arn:aws:sqs:us-east-1:123456789012:got'
  await here.putTargets({ Rule: 'got', EventBusName: 'hub', Targets: [{ Id: '1', Arn }] })
  const put = async (accessKeyId: string, entries: [string, string?][]) => {
    const client = new EventBridge({ ...drydock.config, credentials: { ...credentials, accessKeyId } })
    const of = ([Source, EventBusName = BUS]: [string, string?]) => {
      return { Source, EventBusName, DetailType: 'sold', Detail: '{}' }
    }
    const { Entries, FailedEntryCount } = await client.putEvents({ Entries: entries.map(of) })
    return { failed: FailedEntryCount, codes: Entries?.map(({ ErrorCode }) => ErrorCode) }
  }
  const elsewhere = BUS.replace('us-east-1', 'eu-west-1')
  expect(await put('222222222222', [['shop'], ['till'], ['shop', 'default'], ['shop', elsewhere]])).toEqual({
    failed: 2,
    codes: [undefined, 'AccessDeniedException', undefined, 'InvalidArgument'],
  })
  expect(await put('333333333333', [['shop']])).toEqual({ failed: 1, codes: ['AccessDeniedException'] })
  await drydock.engine.settle()
  const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 })
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body))).toMatchObject([
    { source: 'shop', account: '222222222222', region: 'us-east-1' },
  ])
  expect(drydock.faults).toEqual([])
})
