/** Mistakes in settings while tasks come and go: what was last understood holds, until what is written is understood again. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DeleteServiceCommand,
  DescribeServicesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { discoveryEvent } from '@capstan/core/discovery/events.ts'
import { expect, test } from 'vitest'
import { Found } from './found.ts'

const NAME = 'web.example.com'

async function arnOf({ fleet }: Found): Promise<string> {
  const { services } = await fleet.ecs.send(new DescribeServicesCommand({ services: ['web'] }))
  return services?.[0]?.serviceArn ?? ''
}

async function tag(found: Found, key: string, value: string): Promise<void> {
  const resourceArn = await arnOf(found)
  await found.fleet.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key, value }] }))
  await found.deliver()
}

async function untag(found: Found, ...tagKeys: string[]): Promise<void> {
  await found.fleet.ecs.send(new UntagResourceCommand({ resourceArn: await arnOf(found), tagKeys }))
  await found.deliver()
}

const ttlsOf = async (found: Found) => [...new Set((await found.recordSets()).map(({ TTL }) => TTL))]

test.each([
  ['events', (found: Found) => found.play(1)],
  [
    'the sweep alone',
    async (found: Found) => {
      await found.fleet.advance('20s')
      await found.fleet.takeEvents('task-state-changed')
      await found.sweep()
    },
  ],
])(
  'a name whose TTL is nonsense follows its tasks by %s',
  async (_, look) => {
    await using found = await Found.start()
    await found.createService('web', { count: 2, tags: { 'capstan:dns': NAME, 'capstan:dns-ttl': '20' } })
    await found.play(10)
    const first = await found.records()
    await tag(found, 'capstan:dns-ttl', 'soon')
    expect(await found.records()).toEqual(first)
    await found.fleet.ecs.send(
      new UpdateServiceCommand({ service: 'web', taskDefinition: await found.define('web') }),
    )
    for (let times = 0; times < 60; times++) {
      await look(found)
      expect(await found.records()).not.toEqual([])
    }
    const second = await found.records()
    expect(second).toEqual(await found.expected(NAME))
    expect(second.filter((record) => first.includes(record))).toEqual([])
    await found.scale('web', 1)
    await look(found)
    await look(found)
    expect(await found.records()).toEqual(await found.expected(NAME))
    expect(await ttlsOf(found)).toEqual([20])
    const told = (await found.reasons('web')).filter((reason) => reason === 'skip invalid-settings')
    expect(told.length).toBeGreaterThan(0)
  },
  60_000,
)

test('settings that are corrected hold at once, and what they drop is released', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await tag(found, 'capstan:dns-ttl', 'soon')
  await tag(found, 'capstan:dns', 'shop.example.com')
  expect(await found.records()).toEqual(await found.expected(NAME))
  await tag(found, 'capstan:dns-ttl', '30')
  expect(await found.records()).toEqual(await found.expected('shop.example.com'))
  expect(await ttlsOf(found)).toEqual([30])
  await untag(found, 'capstan:dns', 'capstan:dns-ttl')
  expect(await found.records()).toEqual([])
})

test('what was never understood is told and found nowhere, and once it is corrected all that run are found', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2, tags: { 'capstan:dns': NAME, 'capstan:dns-ttl': 'soon' } })
  await found.play(5)
  await found.sweep()
  expect(await found.reasons('web')).toEqual(['skip invalid-settings'])
  expect(await found.records()).toEqual([])
  await tag(found, 'capstan:dns-ttl', '5')
  expect(await found.records()).toHaveLength(2)
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('a service that is deleted with a mistake in its settings is found no more', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  await tag(found, 'capstan:dns-ttl', 'soon')
  await found.fleet.ecs.send(new DeleteServiceCommand({ service: 'web', force: true }))
  await found.play(60, 10)
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.discovery.ledger.listSources()).toEqual([])
})

test('where the ledger has lost what was understood, what is there stays until the mistake is corrected', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  const before = await found.records()
  const [record] = await found.discovery.ledger.listSources()
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(found.fleet.engine.config))
  await table.send(
    new PutCommand({
      TableName: 'capstan-ledger',
      Item: { pk: 'SOURCE', sk: 'default/web', ...record, targets: 'damaged', publications: 'too' },
    }),
  )
  await tag(found, 'capstan:dns-ttl', 'soon')
  await found.sweep()
  expect(await found.records()).toEqual(before)
  await tag(found, 'capstan:dns-ttl', '10')
  await found.scale('web', 0)
  await found.play(2)
  expect(await found.records()).toEqual([])
  expect(await found.fleet.deadLetters()).toEqual([])
})

test('a door that knows older tags undoes nothing that another one has read since', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.play(5)
  const other = found.connect({ services: {} })
  await other.observeNames()
  await found.scale('web', 2)
  await found.fleet.advance('5s')
  const events = await found.fleet.takeEvents('task-state-changed')
  await tag(found, 'capstan:dns', 'shop.example.com')
  const outcomes = await other.takeBatch(events.map((event) => discoveryEvent.parse(event)))
  expect(outcomes.map(({ status }) => status)).not.toContain('rejected')
  const [source] = await found.discovery.ledger.listSources()
  expect(source?.targets).toEqual([{ kind: 'dns', name: 'shop.example.com' }])
  expect(await found.records()).toEqual(await found.expected('shop.example.com'))
})
