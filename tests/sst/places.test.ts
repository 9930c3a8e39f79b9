/** What `sst deploy` would make for another place: at home, and as a spoke in the place itself, so that the two fit. */
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { ECS } from '@aws-sdk/client-ecs'
import { STS } from '@aws-sdk/client-sts'
import { OPERATOR, placeRoleArn, placeRoleName } from '@capstan/core/place-roles.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forwarded, permissionsElsewhere, type Rule, rules } from '../../functions/rules.ts'
import { spokeOf } from '../../stacks/places.ts'
import { asFunction, configOf, credentialsOf, deployPlace, messagesOf } from './deployed-places.ts'
import { type Evaluated, evaluate } from './evaluate.ts'
import { allOf, componentOf, type Graph, oneOf, type Statement, statementsIn } from './graph.ts'

const places = {
  eu: { account: '222222222222', region: 'us-east-1' },
  'eu-2': { account: '123456789012', region: 'eu-central-1' },
  a: { account: '222222222222', region: 'eu-west-1' },
  b: { account: '222222222222', region: 'eu-west-2' },
  c: { account: '222222222222', region: 'eu-west-3' },
  d: { account: '333333333333', region: 'us-west-2' },
}
const config = `export default ${JSON.stringify({ services: {}, places })}`
const HOME = '123456789012'
const hubArn = `arn:aws:events:eu-west-1:${HOME}:event-bus/capstan-trial-hub`
const doors = rules.map((rule) => [rule.door, rule] as const)

let evaluated: readonly [Evaluated, Evaluated]
let home: Graph
let spoke: Graph

beforeAll(async () => {
  const inPlace = { config, where: places.eu, variables: { CAPSTAN_HUB_BUS: hubArn } }
  evaluated = await Promise.all([evaluate('trial', { config }), evaluate('trial-spoke-eu', inPlace)])
  home = evaluated[0].graph
  spoke = evaluated[1].graph
}, 300_000)
afterAll(() => Promise.all(evaluated?.map((stage) => stage.dispose()) ?? []))

const arnAtHome = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:${HOME}:${rest}`
const arnInPlace = (service: string, rest: string) => `arn:aws:${service}:us-east-1:222222222222:${rest}`
const queueAtHome = (name: string) => arnAtHome('sqs', String(oneOf(home, 'Queue', `${name}Queue`).name))
const rootOf = (account: string) => `arn:aws:iam::${account}:root`

function inlineOf(graph: Graph, role: string): Statement[] {
  const { inlinePolicies, managedPolicyArns } = oneOf(graph, 'Role', role)
  expect(managedPolicyArns).toEqual([])
  return (inlinePolicies as { policy: string }[]).flatMap(({ policy }) => statementsIn(policy))
}

test('home has a bus that takes events of AWS alone, and of the accounts of its places alone', () => {
  expect([...allOf(home, 'EventBus')]).toEqual([['Hub', { name: 'capstan-trial-hub' }]])
  const { eventBusName, policy } = oneOf(home, 'EventBusPolicy', 'HubPolicy')
  expect(eventBusName).toBe('capstan-trial-hub')
  expect(statementsIn(policy)).toEqual([
    {
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: hubArn,
      Principal: { AWS: ['222222222222', HOME, '333333333333'].map(rootOf) },
      Condition: {
        'ForAllValues:StringEquals': { 'events:source': ['aws.ecr', 'aws.ecs', 'aws.cloudwatch', 'aws.tag'] },
        Null: { 'events:source': 'false' },
      },
    },
  ])
})

const queueOf = (rule: Rule) => ('pattern' in rule ? rule.queue : undefined)
const woken = doors.filter(([, rule]) => 'pattern' in rule)
const scheduled = doors.filter(([, rule]) => 'schedule' in rule)
const direct = doors.filter(([, rule]) => queueOf(rule) === undefined)

test.each(woken)('the door %s is woken by the events of other places as by those of home', (door, rule) => {
  const component = componentOf(door)
  const name = `capstan-trial-${door}`
  const { eventPattern, ...rest } = oneOf(home, 'EventRule', `Hub${component}Rule`)
  expect(rest).toEqual({ name, description: rule.description, eventBusName: 'capstan-trial-hub' })
  expect(eventPattern).toEqual(oneOf(home, 'EventRule', `${component}Rule`).eventPattern)
  const { eventBusName, ...same } = oneOf(home, 'EventTarget', `Hub${component}Target`)
  expect(eventBusName).toBe('capstan-trial-hub')
  expect(same).toEqual(oneOf(home, 'EventTarget', `${component}Target`))
  expect(same.arn).toBe(queueOf(rule) ? queueAtHome('Discovery') : arnAtHome('lambda', `function:${name}`))
})

test.each(scheduled)('the door %s is told which place to look at, each for itself', (door) => {
  const component = componentOf(door)
  const groups = [Object.keys(places).slice(0, 5), Object.keys(places).slice(5)]
  for (const [index, group] of groups.entries()) {
    const trigger = `${component}Elsewhere${index + 1}`
    const name = `capstan-trial-${door}-elsewhere-${index + 1}`
    const scheduleExpression = 'rate(1 minute)'
    expect(oneOf(home, 'EventRule', `${trigger}Rule`)).toMatchObject({ name, scheduleExpression })
    for (const place of group)
      expect(oneOf(home, 'EventTarget', `${trigger}Target-${place}`)).toEqual({
        ...oneOf(home, 'EventTarget', `${component}Target`),
        ...{ rule: name, targetId: place, input: JSON.stringify({ place }) },
      })
  }
  expect(oneOf(home, 'EventTarget', `${component}Target`)).not.toHaveProperty('input')
})

test.each(direct)(
  'the door %s may be called by these rules too, and by none of another account',
  (door, rule) => {
    const name = `capstan-trial-${door}`
    const permissions = [...allOf(home, 'Permission').values()].filter((one) => one.function === name)
    const more =
      'schedule' in rule ? [`${name}-elsewhere-1`, `${name}-elsewhere-2`] : [`capstan-trial-hub/${name}`]
    expect(permissions.map(({ sourceArn }) => sourceArn)).toEqual(
      [name, ...more].map((one) => arnAtHome('events', `rule/${one}`)),
    )
    for (const { principal } of permissions) expect(principal).toBe('events.amazonaws.com')
  },
)

describe.each(doors)('the door %s', (door, rule) => {
  const component = componentOf(door)

  test('may take its own role on in each place, and knows its name', () => {
    const roles = Object.values(places).map((place) => placeRoleArn(placeRoleName(door), place))
    const assuming = inlineOf(home, `${component}Role`).filter(({ Action }) => Action === 'sts:AssumeRole')
    expect(assuming).toEqual([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roles }])
    const { variables } = oneOf(home, 'Function', `${component}Function`).environment as {
      variables: Record<string, string>
    }
    expect(variables.CAPSTAN_PLACE_ROLE).toBe(`capstan-spoke-{region}-${door}`)
    expect(`arn:aws:iam::222222222222:role/${oneOf(spoke, 'Role', `${component}Role`).name}`).toBe(roles[0])
  })

  test('has a role in the place that its own role at home takes on, and nobody else', () => {
    const role = oneOf(spoke, 'Role', `${component}Role`)
    expect(String(role.name).length).toBeLessThanOrEqual(64)
    expect(statementsIn(role.assumeRolePolicy)).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: rootOf(HOME) },
        Condition: {
          ArnEquals: {
            'aws:PrincipalArn': `arn:aws:iam::${HOME}:role/${oneOf(home, 'Role', `${component}Role`).name}`,
          },
        },
      },
    ])
  })

  test("may do there what rules.ts says, on the place's own resources", () => {
    const allowed = inlineOf(spoke, `${component}Role`)
    expect(allowed.map(({ Action }) => [Action].flat())).toEqual(
      permissionsElsewhere(rule).map(({ actions }) => [...actions]),
    )
    for (const { Resource } of allowed) {
      expect(String(Resource)).not.toContain(HOME)
      expect(String(Resource)).toMatch(/^(\*|arn:aws:[a-z0-9]+:(us-east-1)?:(222222222222)?:.+)$/)
    }
  })
})

test('an operator may do there what the doors may, if the account of home allows it', () => {
  const role = oneOf(spoke, 'Role', 'OperatorRole')
  expect(role.name).toBe('capstan-spoke-us-east-1-operator')
  expect(statementsIn(role.assumeRolePolicy)).toEqual([
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: rootOf(HOME) } },
  ])
  const actionsOf = (name: string) => inlineOf(spoke, name).flatMap(({ Action }) => [Action].flat())
  const ofDoors = rules.flatMap(({ door }) => actionsOf(`${componentOf(door)}Role`))
  expect(new Set(actionsOf('OperatorRole'))).toEqual(new Set(ofDoors))
})

test('an event of the place is forwarded to home once, whatever doors it wakes, or is kept', () => {
  const [[, { eventPattern, ...rest }] = ['', {} as Record<string, unknown>], ...others] = allOf(
    spoke,
    'EventRule',
  )
  expect({ rest, others }).toMatchObject({ rest: { name: 'capstan-spoke' }, others: [] })
  expect(JSON.parse(String(eventPattern))).toEqual(forwarded)
  const queue = arnInPlace('sqs', 'capstan-trial-spoke-eu-dead-letters')
  expect([...allOf(spoke, 'EventTarget').values()]).toEqual([
    {
      rule: 'capstan-spoke',
      targetId: 'home',
      arn: hubArn,
      roleArn: 'arn:aws:iam::222222222222:role/capstan-spoke-us-east-1-events',
      deadLetterConfig: { arn: queue },
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
    },
  ])
  expect(statementsIn(oneOf(spoke, 'QueuePolicy', 'DeadLettersPolicy').policy)).toEqual([
    {
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: queue,
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': arnInPlace('events', 'rule/capstan-spoke') } },
    },
  ])
})

test('forwarding may put events on the bus of home and nothing else, for this rule alone', () => {
  expect(inlineOf(spoke, 'ForwardRole')).toEqual([
    { Effect: 'Allow', Action: 'events:PutEvents', Resource: hubArn },
  ])
  expect(statementsIn(oneOf(spoke, 'Role', 'ForwardRole').assumeRolePolicy)).toEqual([
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'events.amazonaws.com' },
      Condition: {
        ArnEquals: { 'aws:SourceArn': arnInPlace('events', 'rule/capstan-spoke') },
        StringEquals: { 'aws:SourceAccount': '222222222222' },
      },
    },
  ])
})

const atHome = { account: HOME, region: 'eu-west-1' }

async function deployed(): Promise<TestEngine> {
  const drydock = await testEngine({ iam: 'enforce' })
  await deployPlace(evaluated[0], configOf(drydock, atHome), atHome)
  await deployPlace(evaluated[1], configOf(drydock, places.eu), places.eu)
  return drydock
}

test('deployed, a service of the place that is tagged wakes each door at home that it concerns, once', async () => {
  await using drydock = await deployed()
  const ecs = new ECS(configOf(drydock, places.eu))
  await ecs.createCluster({})
  const containerDefinitions = [{ name: 'app', image: 'app:1', memory: 128 }]
  await ecs.registerTaskDefinition({ family: 'web', containerDefinitions })
  const { service } = await ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 0 })
  const tags = [{ key: 'capstan:dns', value: 'web.example.com' }]
  await ecs.tagResource({ resourceArn: service?.serviceArn, tags })
  await drydock.engine.settle()
  const config = configOf(drydock, atHome)
  const queued = await messagesOf(config, queueAtHome('Discovery').split(':').at(-1) ?? '')
  const lost = await messagesOf(config, queueAtHome('DeadLetters').split(':').at(-1) ?? '')
  const ofTag = ({ event }: { event: object }) => JSON.stringify(event).includes('Tag Change on Resource')
  expect(queued.filter(ofTag).map(({ event }) => [event.account, event.region])).toEqual([
    ['222222222222', 'us-east-1'],
  ])
  expect(lost.filter(ofTag).map(({ rule }) => rule)).toEqual([
    arnAtHome('events', 'rule/capstan-trial-hub/capstan-trial-tags-changed'),
  ])
  expect(await messagesOf(configOf(drydock, places.eu), 'capstan-trial-spoke-eu-dead-letters')).toEqual([])
  expect(drydock.faults).toEqual([])
})

test('deployed, a door takes on its own role in the place and no other, and may there what it may at home', async () => {
  await using drydock = await deployed()
  const door = await asFunction(drydock, atHome, 'capstan-trial-image-pushed')
  const take = (who: string) =>
    new STS(door).assumeRole({
      RoleArn: placeRoleArn(placeRoleName(who), places.eu),
      RoleSessionName: `capstan-${who}`,
    })
  const there = { ...door, region: 'us-east-1', credentials: credentialsOf(await take('image-pushed')) }
  await expect(new ECS(there).describeServices({ services: ['web'] })).rejects.toMatchObject({
    name: 'ClusterNotFoundException',
  })
  const refused: (() => Promise<unknown>)[] = [
    () => new ECS(there).createCluster(),
    () => new ECS({ ...there, region: 'eu-west-1' }).describeServices({ services: ['web'] }),
    () => new DynamoDB(there).query({ TableName: 'capstan-ledger' }),
    () => take('reconcile'),
    () => take(OPERATOR),
  ]
  for (const call of refused)
    await expect(call()).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) })
  expect(drydock.faults).toEqual([])
})

test('queues at home take events from the rules of other places as well', () => {
  const sourcesOf = (name: string) =>
    statementsIn(oneOf(home, 'QueuePolicy', name).policy).map(({ Condition }) => Condition)
  const ruleArn = (name: string) => arnAtHome('events', `rule/${name}`)
  expect(sourcesOf('DiscoveryPolicy')).toEqual([
    {
      ArnEquals: {
        'aws:SourceArn': [
          ruleArn('capstan-trial-task-state-changed'),
          ruleArn('capstan-trial-hub/capstan-trial-task-state-changed'),
        ],
      },
    },
  ])
  const all = [...allOf(home, 'EventRule').values()].map(({ eventBusName, name }) =>
    ruleArn(eventBusName ? `${eventBusName}/${name}` : String(name)),
  )
  const [{ ArnEquals: kept } = {}] = sourcesOf('DeadLettersPolicy') as {
    ArnEquals: Record<string, string[]>
  }[]
  expect(new Set(kept?.['aws:SourceArn'])).toEqual(new Set(all))
})

test('a spoke is roles and one rule, with a queue and alarms for what fails: no function, no table, nothing public', () => {
  const kinds = spoke.resources.flatMap(({ type, custom }) => (custom ? [type.split(':').at(-1)] : []))
  const once = ['EventRule', 'EventTarget', 'MetricAlarm', 'Queue', 'QueuePolicy', 'Role', 'Topic']
  expect([...new Set(kinds)].sort()).toEqual(once)
  expect(kinds.filter((kind) => kind === 'Role')).toHaveLength(rules.length + 2)
  const alarms = [...allOf(spoke, 'MetricAlarm').values()].map(({ name, dimensions }) => ({
    name,
    dimensions,
  }))
  expect(alarms).toEqual([
    {
      name: 'capstan/trial-spoke-eu/dead-letters',
      dimensions: { QueueName: 'capstan-trial-spoke-eu-dead-letters' },
    },
    { name: 'capstan/trial-spoke-eu/forwarding-fails', dimensions: { RuleName: 'capstan-spoke' } },
  ])
  const tags = { 'sst:app': 'capstan', 'sst:stage': 'trial-spoke-eu' }
  expect(JSON.parse(spoke.config['aws:defaultTags'] ?? '')).toEqual({ tags })
  for (const { name } of [...allOf(spoke, 'Role').values(), ...allOf(spoke, 'Queue').values()])
    expect(name).toMatch(/^capstan-/)
})

test('what a person is told at home is what the deployment of a spoke needs', () => {
  expect(home.outputs['pulumi:pulumi:Stack::capstan-trial']).toMatchObject({ CAPSTAN_HUB_BUS: hubArn })
})

test('a stage that is not production keeps little: logs for a month, and the ledger till it is removed', () => {
  for (const { retentionInDays } of allOf(home, 'LogGroup').values()) expect(retentionInDays).toBe(30)
  expect(oneOf(home, 'Table', 'LedgerTable')).toMatchObject({ deletionProtectionEnabled: false })
  expect(home.outputs['pulumi:pulumi:Stack::capstan-trial']).not.toMatchObject({ _protect: true })
})

const known = Object.entries(places).map(([name, place]) => ({ name, ...place }))
const bus = (stage: string) => `arn:aws:events:eu-west-1:${HOME}:event-bus/capstan-${stage}-hub`

test('a stage is a home or a spoke by its name', () => {
  expect(spokeOf('capstan', 'production', known, undefined)).toBeUndefined()
  expect(spokeOf('capstan', 'my-trial-spoke-eu-2', known, bus('my-trial'))).toEqual({
    place: { name: 'eu-2', ...places['eu-2'] },
    home: { stage: 'my-trial', account: HOME, region: 'eu-west-1', busArn: bus('my-trial') },
  })
})

test.each([
  ['a home with a bus of another', 'production', bus('production'), 'name it production-spoke-PLACE'],
  ['a spoke without a bus', 'production-spoke-eu', undefined, 'the stage production has printed'],
  [
    'a spoke with the bus of another home',
    'trial-spoke-eu',
    bus('production'),
    'the stage trial has printed',
  ],
  ['a spoke with no bus at all', 'trial-spoke-eu', 'capstan-trial-hub', 'the stage trial has printed'],
  ['a spoke of no place', 'trial-spoke-mars', bus('trial'), 'no place "mars"'],
])('%s is refused, with what to do', (_, stage, busArn, text) => {
  expect(() => spokeOf('capstan', stage, known, busArn)).toThrow(text)
})
