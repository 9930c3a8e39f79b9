/** Whose a name is: what is asked for by whom, what others have written there, and what nobody can follow. */
import {
  DeleteServiceCommand,
  DescribeServicesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { Found } from './found.ts'

const NAME = 'web.example.com'

async function arnOf({ fleet }: Found, service: string): Promise<string> {
  const { services } = await fleet.ecs.send(new DescribeServicesCommand({ services: [service] }))
  return services?.[0]?.serviceArn ?? ''
}

async function tag(found: Found, service: string, key: string, value: string): Promise<void> {
  const resourceArn = await arnOf(found, service)
  await found.fleet.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key, value }] }))
}

async function untag(found: Found, service: string, key: string): Promise<void> {
  const resourceArn = await arnOf(found, service)
  await found.fleet.ecs.send(new UntagResourceCommand({ resourceArn, tagKeys: [key] }))
}

const A = (value: string, more: object = {}) => ({
  ...{ Name: NAME, Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: value }] },
  ...more,
})

test('two services are found at one name, and one that leaves takes its own records alone', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.createService('api', { tags: { 'capstan:dns': NAME } })
  await found.play(5)
  expect(await found.records()).toEqual(await found.expected(NAME))
  await found.scale('api', 0)
  await found.play(5)
  const records = await found.records()
  expect(records).toHaveLength(1)
  expect(records).toEqual(await found.expected(NAME))
})

test('a name is given up with its tag, and another one is taken with another tag', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await tag(found, 'web', 'capstan:dns', 'shop.example.com')
  await found.deliver()
  expect(await found.records()).toEqual(await found.expected('shop.example.com'))
  await untag(found, 'web', 'capstan:dns')
  await found.deliver()
  expect(await found.records()).toEqual([])
  expect(await found.discovery.ledger.listNames()).toEqual([])
  expect(await found.reasons('web')).toContain('deregister released')
})

test('where the event of a tag is lost, the sweep gives the name up', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await untag(found, 'web', 'capstan:dns')
  await found.fleet.takeEvents('task-state-changed')
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.discovery.ledger.listSources()).toEqual([])
})

test('the name of a deleted service is given up', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await found.fleet.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await found.play(60, 10)
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.discovery.ledger.listNames()).toEqual([])
})

test("someone else's record in the way is told of, and left as it is", async () => {
  await using found = await Found.start()
  await found.change('CREATE', A('192.0.2.1'))
  await found.createService('web')
  await found.play(5)
  await found.sweep()
  await found.sweep()
  expect(await found.records()).toEqual([`A ${NAME} 192.0.2.1`])
  const reasons = await found.reasons('web')
  expect(reasons.filter((reason) => reason === 'skip foreign-record')).toHaveLength(1)
  await found.change('DELETE', A('192.0.2.1'))
  await found.sweep()
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test("someone else's record is taken over on request", async () => {
  await using found = await Found.start()
  await found.change('CREATE', A('192.0.2.1'))
  await found.createService('web')
  await found.play(5)
  const adopted = await found.discovery.adopt({ kind: 'dns', name: NAME })
  expect(adopted).toMatchObject({ outcome: 'written' })
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('nothing is taken over where someone else writes, until they are done or have died', async () => {
  await using found = await Found.start()
  await found.change('CREATE', A('192.0.2.1'))
  await found.createService('web')
  await found.play(5)
  const target = { kind: 'dns', name: NAME } as const
  await found.discovery.ledger.claim(found.zoneId, [], 'slow', 20_000)
  await expect(found.discovery.adopt(target)).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await found.records()).toEqual([`A ${NAME} 192.0.2.1`])
  await found.fleet.advance('21s')
  expect(await found.discovery.adopt(target)).toMatchObject({ outcome: 'written' })
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('multivalue records of others stay beside ours', async () => {
  await using found = await Found.start()
  const theirs = A('192.0.2.1', { SetIdentifier: 'theirs', MultiValueAnswer: true })
  await found.change('CREATE', theirs)
  await found.createService('web')
  await found.play(5)
  expect(await found.records()).toEqual([`A ${NAME} 192.0.2.1`, ...(await found.expected(NAME))].sort())
  await found.scale('web', 0)
  await found.play(5)
  expect(await found.records()).toEqual([`A ${NAME} 192.0.2.1`])
})

test('names outside of every zone are told of, and found by the first sweep once their zone is there', async () => {
  await using found = await Found.start()
  await found.createService('web', { tags: { 'capstan:dns': 'web.example.org' } })
  await found.createService('api', { tags: { 'capstan:dns': 'api.example.org' } })
  await found.play(5)
  expect(await found.reasons('web')).toEqual(['skip no-zone'])
  const zoneId = await found.createZone('example.org')
  await found.fleet.advance('1s')
  const { discovery } = found
  await discovery.sweep()
  expect(discovery.calls['Route53 ListHostedZones']).toBe(1)
  const names = (await found.records(zoneId)).map((record) => record.split(' ')[1])
  expect(names).toEqual(['api.example.org', 'web.example.org'])
})

test('a task that comes soon after its zone is found without a sweep', async () => {
  await using found = await Found.start()
  await found.createService('web', { tags: { 'capstan:dns': 'web.example.org' } })
  await found.play(5)
  const zoneId = await found.createZone('example.org')
  await found.fleet.advance('10s')
  await found.scale('web', 2)
  await found.play(5)
  expect(await found.records(zoneId)).toEqual(await found.expected('web.example.org'))
})

test('a zone that was deleted and made again has its records again', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  for (const set of await found.recordSets()) await found.change('DELETE', set)
  await found.route53.deleteHostedZone({ Id: found.zoneId })
  await found.sweep()
  expect(await found.reasons('web')).toContain('skip no-zone')
  found.zoneId = await found.createZone('example.com')
  await found.fleet.advance('1s')
  await found.sweep()
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('a zone of a longer name takes the records over, and the old one is left without them', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  const zoneId = await found.createZone(NAME)
  await found.fleet.advance('1s')
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.records(zoneId)).toEqual(await found.expected(NAME))
})

test.each([
  ['a label that is too long', { 'capstan:dns': `${'a'.repeat(64)}.example.com` }],
  ['a TTL that is out of range', { 'capstan:dns': NAME, 'capstan:dns-ttl': '86401' }],
])('%s is told of its service once, and hinders no other', async (_name, tags) => {
  await using found = await Found.start()
  await found.createService('web', { tags })
  await found.createService('api')
  await found.play(5)
  await found.sweep()
  await found.sweep()
  expect((await found.reasons('web')).filter((reason) => reason === 'skip invalid-settings')).toHaveLength(1)
  expect((await found.records()).filter((record) => record.startsWith('A api.example.com'))).toHaveLength(1)
  expect(await found.fleet.deadLetters()).toEqual([])
})
