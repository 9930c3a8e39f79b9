/** Discovery's verbs as an operator uses them: whole commands against a Drydock with Capstan in it. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecs'
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  Route53Client,
} from '@aws-sdk/client-route-53'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkout, type Running, run, startProgram, until } from '../fixtures/program.ts'

const ZONE = 'harbour.test'
const network = { awsvpcConfiguration: { subnets: ['subnet-12345678'] } }
let capstan: Running
let dynamodb: DynamoDBClient
let ecs: ECSClient
let route53: Route53Client
let zoneId: string
let serviceArn: string

beforeAll(async () => {
  capstan = await startProgram('capstan', ['dev', '--empty', '--port', '0', '--tasks', 'simulated'])
  const { endpoint, region } = capstan.ready
  const config = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  dynamodb = new DynamoDBClient(config)
  ecs = new ECSClient(config)
  route53 = new Route53Client(config)
  await ecs.send(new CreateClusterCommand({ clusterName: 'default' }))
  const zone = await route53.send(new CreateHostedZoneCommand({ Name: ZONE, CallerReference: 'one' }))
  zoneId = zone.HostedZone?.Id?.replace('/hostedzone/', '') ?? ''
})
afterAll(async () => {
  await capstan?.stop()
})

const cli = (...args: string[]) =>
  run(process.execPath, [`${checkout}/packages/cli/bin/capstan.js`, ...args], {
    AWS_ENDPOINT_URL: capstan.ready.endpoint,
  })

interface Listed {
  readonly name: string
  readonly state: string
  readonly records: number
}

/** The names as programs see them, by name. */
async function listed(): Promise<Record<string, Listed>> {
  const { stdout } = await cli('discovery', 'list', '--json')
  return Object.fromEntries((JSON.parse(stdout) as Listed[]).map((one) => [one.name, one]))
}

const untilState = (name: string, state: string, records?: number) =>
  until(`${name} is ${state}`, async () => {
    const found = (await listed())[name]
    return found?.state === state && found.records === (records ?? found.records) ? found : undefined
  })

const tagsOf = (tags: Record<string, string>) => Object.entries(tags).map(([key, value]) => ({ key, value }))

/** A family of one container of an image that is never pulled: tasks are simulated. */
const register = (family: string, tags: Record<string, string> = {}) =>
  ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family, networkMode: 'awsvpc' },
      containerDefinitions: [{ name: 'app', image: 'harbour/web:1.0.0', memory: 128 }],
      ...(Object.keys(tags).length > 0 && { tags: tagsOf(tags) }),
    }),
  )

test('where nothing is to be found, it is told how something is', async () => {
  expect(await cli('discovery', 'list')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^No task is found by a name\. Tag a service with capstan:dns/),
  })
  expect(await cli('discovery', 'plan')).toEqual({ code: 0, stdout: 'Nothing to do.\n', stderr: '' })
  const unknown = await cli('discovery', 'show', 'web.harbour.test')
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toContain('Tag a service with capstan:dns')
})

test('a service with the tag is found by its tasks', async () => {
  await register('web')
  const { service } = await ecs.send(
    new CreateServiceCommand({
      ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 2, networkConfiguration: network },
      tags: tagsOf({ 'capstan:dns': `web.${ZONE}`, 'capstan:dns-ttl': '5' }),
    }),
  )
  serviceArn = service?.serviceArn ?? ''
  expect(await untilState(`web.${ZONE}`, 'found', 2)).toMatchObject({ records: 2 })
}, 120_000)

test('the list, the name whole and the plan agree', async () => {
  const list = await cli('discovery', 'list')
  expect(list).toMatchObject({ code: 0, stderr: '' })
  expect(list.stdout).toMatch(
    new RegExp(
      `^NAME +WHERE +RECORDS +TASKS +STATE +WHY\nweb\\.${ZONE} +public zone ${ZONE} \\(${zoneId}\\) +2 +2/2 +found\n$`,
    ),
  )
  const shown = await cli('discovery', 'show', `web.${ZONE}`)
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(/^Name +web\.harbour\.test\nWhere +public zone/)
  expect(shown.stdout).toMatch(
    /\nFound +default\/web, by its tags: A of private addresses, TTL 5 s, policy sync\n/,
  )
  expect(shown.stdout).toMatch(
    /\n\nTASK +SOURCE +STATUS +ADDRESS +FOUND +WHY\n([0-9a-f]{32} +default\/web +RUNNING +\S+ +yes +it serves\n){2}/,
  )
  expect(shown.stdout).toMatch(
    /\n\nRECORD +WHOSE\n(web\.harbour\.test 5 A \S+ \(capstan-[0-9a-f]{32}\) +Capstan\n){2}/,
  )
  expect(shown.stdout).toMatch(/ register +Adds A web\.harbour\.test/)
  expect(JSON.parse((await cli('discovery', 'show', `web.${ZONE}`, '--json')).stdout)).toMatchObject({
    ...{ name: `web.${ZONE}`, state: 'found', problems: [] },
    sources: [{ source: 'default/web' }],
    tasks: [{ isFound: true }, { isFound: true }],
    records: [{ whose: 'Capstan' }, { whose: 'Capstan' }],
    decisions: expect.arrayContaining([expect.objectContaining({ kind: 'register' })]),
  })
  expect(await cli('discovery', 'plan')).toEqual({ code: 0, stdout: 'Nothing to do.\n', stderr: '' })
  const one = await cli('discovery', 'plan', `web.${ZONE}`)
  expect(one.stdout).toMatch(/2 tasks are found there\.\nNothing to do\.\n$/)
})

test('a name that is none is used wrongly, and the nearest one is told', async () => {
  for (const verb of ['show', 'plan', 'adopt']) {
    const refused = await cli('discovery', verb, `wbe.${ZONE}`)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain(`Write web.${ZONE}.`)
  }
})

test("others' records are seen, planned and taken over, and the name leads to the tasks alone", async () => {
  const old = { Name: `api.${ZONE}`, Type: 'A' as const, TTL: 300, ResourceRecords: [{ Value: '192.0.2.1' }] }
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: old }] },
    }),
  )
  await register('api', { 'capstan:dns': `api.${ZONE}` })
  await ecs.send(new RunTaskCommand({ taskDefinition: 'api', count: 1, networkConfiguration: network }))
  await untilState(`api.${ZONE}`, 'blocked')
  const shown = await cli('discovery', 'show', `api.${ZONE}`)
  expect(shown.stdout).toMatch(/api\.harbour\.test 300 A 192\.0\.2\.1 +someone else\n/)

  const planned = await cli('discovery', 'plan', '--adopt', `api.${ZONE}`)
  expect(planned).toMatchObject({ code: 0, stderr: '' })
  const lines = [
    / = api\.harbour\.test 300 A 192\.0\.2\.1\n/,
    / \+ api\.harbour\.test 10 A \S+ \(capstan-/,
    / - api\.harbour\.test 300 A 192\.0\.2\.1\n/,
  ]
  for (const line of lines) expect(planned.stdout).toMatch(line)
  expect((await listed())[`api.${ZONE}`]?.state).toBe('blocked')

  const adopted = await cli('discovery', 'adopt', `api.${ZONE}`)
  expect(adopted).toMatchObject({ code: 0, stderr: '' })
  expect(adopted.stdout).toMatch(new RegExp(`Done: 1 record at api\\.${ZONE} taken over\\.\n$`))
  expect(await untilState(`api.${ZONE}`, 'found')).toMatchObject({ records: 1 })
  const again = await cli('discovery', 'adopt', `api.${ZONE}`, '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({ code: 0, decisions: [] })
}, 120_000)

test('a name without a zone is told with what to do, and hinders no other', async () => {
  await register('lost', { 'capstan:dns': 'lost.nowhere.test' })
  await ecs.send(new RunTaskCommand({ taskDefinition: 'lost', count: 1, networkConfiguration: network }))
  expect(await untilState('lost.nowhere.test', 'nowhere')).toMatchObject({ records: 0 })
  const { code, stdout } = await cli('discovery', 'list')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /lost\.nowhere\.test +- +0 +1\/1 +nowhere +.*no hosted zone of this account .*create one/,
  )
  expect(stdout).toMatch(/web\.harbour\.test .* found\n/)
}, 120_000)

test('decisions are listed by service and by family', async () => {
  const kindsOf = async (name: string) => {
    const { stdout } = await cli('decision', 'list', name, '--json')
    return (JSON.parse(stdout) as { kind: string }[]).map(({ kind }) => kind)
  }
  expect(await kindsOf('default/web')).toContain('register')
  expect(await kindsOf('default/family:api')).toContain('adopt')
  const all = await cli('decision', 'list')
  expect(all.stdout).toContain(`Takes over what others have written at api.${ZONE}`)
  expect(await cli('decision', 'list', 'a/b/c')).toMatchObject({ code: 2 })
})

test('settings that cannot be read are told on stderr, and the rest goes on', async () => {
  const tags = tagsOf({ 'capstan:dns-ttl': 'soon' })
  await ecs.send(new TagResourceCommand({ resourceArn: serviceArn, tags }))
  await untilState(`web.${ZONE}`, 'wrong')
  const { code, stderr, stdout } = await cli('discovery', 'list')
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('capstan:dns-ttl') })
  expect(stdout).toMatch(/api\.harbour\.test .* found/)
}, 120_000)

test('a name that cannot be looked at is told on stderr, and the others are shown', async () => {
  const Item = { pk: { S: 'NAME' }, sk: { S: `dns web.${ZONE}` }, version: { S: 'damaged' } }
  await dynamodb.send(new PutItemCommand({ TableName: 'capstan-ledger', Item }))
  const { code, stderr, stdout } = await cli('discovery', 'list')
  expect(code).toBe(1)
  expect(stderr).toContain(`web.${ZONE} cannot be shown: `)
  expect(stdout).toMatch(/api\.harbour\.test .* found/)
  expect(stdout).not.toContain(`web.${ZONE}`)
}, 120_000)
