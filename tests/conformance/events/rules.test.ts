/** EventBridge by its JavaScript client: rules, targets, buses, and what is refused how. */
import { EventBridge, type PutRuleCommandInput, type Target } from '@aws-sdk/client-eventbridge'
import { testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

let drydock: Awaited<ReturnType<typeof testEngine>>
let events: EventBridge

beforeAll(async () => {
  drydock = await testEngine()
  events = new EventBridge(drydock.config)
})
beforeEach(() => drydock.reset())
afterAll(async () => {
  expect(drydock.faults).toEqual([])
  await drydock.close()
})

const ARN = 'arn:aws:events:us-east-1:123456789012'
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:q'
const PATTERN = '{"source":["shop"]}'
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    ({ name, message }) => `${name}: ${message}`,
  )
const putRule = (Name = 'r', more: Partial<PutRuleCommandInput> = {}) =>
  events.putRule({ Name, EventPattern: PATTERN, ...more })
const putTarget = (target: Partial<Target>) =>
  events.putTargets({ Rule: 'r', Targets: [{ Id: '1', Arn: QUEUE, ...target }] })

test('a rule is described as it was put, and put again as a whole', async () => {
  expect((await putRule('r', { Description: 'first' })).RuleArn).toBe(`${ARN}:rule/r`)
  expect(await events.describeRule({ Name: 'r' })).toMatchObject({
    Name: 'r',
    Arn: `${ARN}:rule/r`,
    EventPattern: PATTERN,
    State: 'ENABLED',
    Description: 'first',
    EventBusName: 'default',
    CreatedBy: '123456789012',
  })
  await putTarget({})
  await events.putRule({ Name: 'r', ScheduleExpression: 'rate(5 minutes)', State: 'DISABLED' })
  const rule = await events.describeRule({ Name: 'r' })
  expect(rule).toMatchObject({ ScheduleExpression: 'rate(5 minutes)', State: 'DISABLED' })
  expect([rule.Description, rule.EventPattern]).toEqual([undefined, undefined])
  expect((await events.listTargetsByRule({ Rule: 'r' })).Targets).toEqual([{ Id: '1', Arn: QUEUE }])
})

test('rules are enabled, disabled, listed by prefix and in pages, and deleted', async () => {
  for (const name of ['a1', 'a2', 'a3', 'b1']) await putRule(name)
  await events.disableRule({ Name: 'a2' })
  const { Rules, NextToken } = await events.listRules({ NamePrefix: 'a', Limit: 2 })
  expect(Rules?.map(({ Name, State }) => [Name, State])).toEqual([
    ['a1', 'ENABLED'],
    ['a2', 'DISABLED'],
  ])
  const rest = await events.listRules({ NamePrefix: 'a', Limit: 2, NextToken })
  expect([rest.Rules?.map(({ Name }) => Name), rest.NextToken]).toEqual([['a3'], undefined])
  await events.enableRule({ Name: 'a2' })
  expect((await events.describeRule({ Name: 'a2' })).State).toBe('ENABLED')
  await events.deleteRule({ Name: 'a2' })
  await events.deleteRule({ Name: 'a2' })
  expect(await refusal(events.describeRule({ Name: 'a2' }))).toBe(
    'ResourceNotFoundException: Rule a2 does not exist on EventBus default.',
  )
})

test('a rule with targets is not deleted, and targets are found by either side', async () => {
  await putRule('r')
  await putTarget({})
  expect(await events.listRuleNamesByTarget({ TargetArn: QUEUE })).toMatchObject({ RuleNames: ['r'] })
  expect(await refusal(events.deleteRule({ Name: 'r' }))).toBe(
    "ValidationException: Rule can't be deleted since it has targets.",
  )
  expect(await events.removeTargets({ Rule: 'r', Ids: ['1', 'x'] })).toMatchObject({
    FailedEntryCount: 1,
    FailedEntries: [{ TargetId: 'x', ErrorCode: 'ResourceNotFoundException' }],
  })
  await events.deleteRule({ Name: 'r' })
})

test('custom buses have rules of their own', async () => {
  expect(await events.createEventBus({ Name: 'orders', Description: 'all orders' })).toMatchObject({
    EventBusArn: `${ARN}:event-bus/orders`,
  })
  expect((await putRule('r', { EventBusName: 'orders' })).RuleArn).toBe(`${ARN}:rule/orders/r`)
  expect((await events.listRules({})).Rules).toEqual([])
  expect((await events.listRules({ EventBusName: `${ARN}:event-bus/orders` })).Rules).toHaveLength(1)
  expect((await events.listEventBuses({})).EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'orders'])
  expect(await refusal(events.createEventBus({ Name: 'orders' }))).toMatch(/^ResourceAlreadyExistsException/)
  expect(await refusal(events.deleteEventBus({ Name: 'orders' }))).toMatch(/^ValidationException/)
  await events.deleteRule({ Name: 'r', EventBusName: 'orders' })
  await events.deleteEventBus({ Name: 'orders' })
  expect(await refusal(events.describeEventBus({ Name: 'orders' }))).toBe(
    'ResourceNotFoundException: Event bus orders does not exist.',
  )
})

test('rules and buses are tagged', async () => {
  const { RuleArn: ResourceARN } = await putRule('r', { Tags: [{ Key: 'a', Value: '1' }] })
  await events.tagResource({
    ResourceARN,
    Tags: [
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '3' },
    ],
  })
  await events.untagResource({ ResourceARN, TagKeys: ['b'] })
  expect((await events.listTagsForResource({ ResourceARN })).Tags).toEqual([{ Key: 'a', Value: '2' }])
})

test('patterns are tried against events', async () => {
  const event = {
    id: '1',
    account: '123456789012',
    source: 'shop',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [],
    'detail-type': 'sold',
    detail: {},
  }
  const tried = (EventPattern: string) =>
    events.testEventPattern({ EventPattern, Event: JSON.stringify(event) })
  expect((await tried(PATTERN)).Result).toBe(true)
  expect((await tried('{"source":["other"]}')).Result).toBe(false)
})

const pattern = (EventPattern: string) => () => events.putRule({ Name: 'r', EventPattern })
const schedule = (ScheduleExpression: string) => () => events.putRule({ Name: 'r', ScheduleExpression })
const target = (part: Partial<Target>) => async () => {
  await putRule()
  return putTarget(part)
}

test.each<[string, RegExp, () => Promise<unknown>]>([
  [
    'no pattern and no schedule',
    /^ValidationException: Parameter\(s\) EventPattern or ScheduleExpression must be specified/,
    () => events.putRule({ Name: 'r' }),
  ],
  [
    'a name with a space',
    /^ValidationException: 1 validation error detected: Value 'a b' at 'name'/,
    () => putRule('a b'),
  ],
  [
    'a value that is not in a list',
    /^InvalidEventPatternException: Event pattern is not valid. Reason: "source" must be an object or an array at \$\.source$/,
    pattern('{"source":"shop"}'),
  ],
  [
    'an unknown operator',
    /Unrecognized match type contains at \$\.detail\.a\[0\]$/,
    pattern('{"detail":{"a":[{"contains":"b"}]}}'),
  ],
  ['no JSON', /^InvalidEventPatternException/, pattern('{')],
  [
    'a bad rate',
    /^ValidationException: Parameter ScheduleExpression is not valid/,
    schedule('rate(1 minutes)'),
  ],
  [
    'a bad cron',
    /^ValidationException: Parameter ScheduleExpression is not valid/,
    schedule('cron(* * * * * *)'),
  ],
  [
    'an unknown bus',
    /^ResourceNotFoundException: Event bus no does not exist/,
    () => putRule('r', { EventBusName: 'no' }),
  ],
  [
    'targets of an unknown rule',
    /^ResourceNotFoundException: Rule r does not exist on EventBus default/,
    () => putTarget({}),
  ],
  [
    'a target that is no ARN',
    /^ValidationException: Parameter q is not valid. Reason: Provided Arn is not in correct format/,
    target({ Arn: 'q' }),
  ],
  [
    'a kind of target that is not delivered to',
    /^ValidationException: .*delivers to Lambda functions, SQS queues and event buses only/,
    target({ Arn: 'arn:aws:sns:us-east-1:123456789012:t' }),
  ],
  [
    'a FIFO queue without a group',
    /^ValidationException: Parameter\(s\) SqsParameters must be specified for target: 1/,
    target({ Arn: `${QUEUE}.fifo` }),
  ],
  [
    'two kinds of input',
    /^ValidationException: Only one of Input, InputPath, or InputTransformer/,
    target({ Input: '1', InputPath: '$' }),
  ],
  [
    'an input that is no JSON',
    /^ValidationException: JSON syntax error in input for target 1/,
    target({ Input: '{' }),
  ],
  [
    'too many retries',
    /^ValidationException: .*maximumRetryAttempts.*less than or equal to 185/,
    target({ RetryPolicy: { MaximumRetryAttempts: 186 } }),
  ],
  [
    'a dead-letter queue elsewhere',
    /^ValidationException: .*same region/,
    target({ DeadLetterConfig: { Arn: QUEUE.replace('us-east-1', 'eu-west-1') } }),
  ],
  [
    'a FIFO dead-letter queue',
    /^ValidationException: .*standard queue/,
    target({ DeadLetterConfig: { Arn: `${QUEUE}.fifo` } }),
  ],
  [
    'eleven events',
    /^ValidationException: .*less than or equal to 10/,
    () => events.putEvents({ Entries: Array.from({ length: 11 }, () => ({})) }),
  ],
  [
    'too much at once',
    /^ValidationException: Total size of the entries in the request is over the limit/,
    () =>
      events.putEvents({
        Entries: [{ Source: 's', DetailType: 't', Detail: JSON.stringify('a'.repeat(2 ** 20)) }],
      }),
  ],
])('%s is refused', async (_, expected, attempt) => {
  expect(await refusal(attempt())).toMatch(expected)
})

test('names that objects have anyway are names like any other', async () => {
  for (const name of ['constructor', '__proto__']) {
    expect(await refusal(events.describeRule({ Name: name }))).toMatch(/^ResourceNotFoundException/)
    await putRule(name)
    await events.putTargets({ Rule: name, Targets: [{ Id: name, Arn: QUEUE }] })
    expect((await events.listTargetsByRule({ Rule: name })).Targets).toEqual([{ Id: name, Arn: QUEUE }])
    expect((await events.removeTargets({ Rule: name, Ids: ['toString', name] })).FailedEntryCount).toBe(1)
    await events.deleteRule({ Name: name })
    await events.createEventBus({ Name: name })
  }
  const odd = target({ Arn: 'arn:aws:constructor:us-east-1:123456789012:x' })
  expect(await refusal(odd())).toMatch(/^ValidationException/)
})

test('a rule has at most five targets', async () => {
  await putRule()
  const Targets = Array.from({ length: 6 }, (_, index) => ({ Id: `${index}`, Arn: QUEUE }))
  expect(await refusal(events.putTargets({ Rule: 'r', Targets }))).toMatch(/^LimitExceededException/)
  expect((await events.listTargetsByRule({ Rule: 'r' })).Targets).toEqual([])
})

test('an event may have nearly 1 MB', async () => {
  const Detail = JSON.stringify({ text: 'a'.repeat(1_048_000) })
  const { FailedEntryCount } = await events.putEvents({ Entries: [{ Source: 's', DetailType: 't', Detail }] })
  expect(FailedEntryCount).toBe(0)
})

test('each event of a request is accepted or refused by itself', async () => {
  const good = { Source: 'shop', DetailType: 'sold', Detail: '{}' }
  const { Entries, FailedEntryCount } = await events.putEvents({
    Entries: [good, { ...good, Source: 'aws.ecs' }, { ...good, Detail: '[1]' }, { ...good, DetailType: '' }],
  })
  expect(FailedEntryCount).toBe(3)
  expect(Entries?.map(({ EventId, ErrorCode }) => ErrorCode ?? typeof EventId)).toEqual([
    'string',
    'NotAuthorizedForSourceException',
    'MalformedDetail',
    'InvalidArgument',
  ])
})
