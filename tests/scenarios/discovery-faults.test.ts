/** Events are lost, doubled, late; processes die; doors race each other: the zone ends the same. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { targetName } from '@capstan/core/discovery/names.ts'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { dyingProxy } from './dying-proxy.ts'
import type { FleetEvent } from './fleet.ts'
import { Found } from './found.ts'

const NAME = 'web.example.com'

test('where all events are lost, the sweep finds the tasks, and takes those out that are gone', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 3 })
  await found.fleet.advance('10s')
  await found.fleet.takeEvents('task-state-changed')
  await found.sweep()
  expect(await found.records()).toEqual(await found.expected(NAME))
  await found.scale('web', 1)
  await found.fleet.advance('90s')
  await found.fleet.takeEvents('task-state-changed')
  await found.sweep()
  expect(await found.records()).toHaveLength(1)
  expect(await found.records()).toEqual(await found.expected(NAME))
})

test('a task that ECS has forgotten while events were lost is taken out', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.play(5)
  await found.scale('web', 0)
  await found.fleet.advance('2h')
  await found.fleet.takeEvents('task-state-changed')
  await found.sweep()
  expect(await found.records()).toEqual([])
  expect(await found.reasons('web')).toContain('deregister gone')
})

test('in whatever order and however often events come, the zone ends the same', async () => {
  await using found = await Found.start()
  const seen: FleetEvent[] = []
  const take = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await found.fleet.advance('1s')
      seen.push(...(await found.fleet.takeEvents('task-state-changed')))
    }
  }
  await found.createService('web', { count: 4 })
  await take(8)
  await found.scale('web', 1)
  await take(8)
  await found.scale('web', 3)
  await take(8)
  const expected = await found.expected(NAME)
  const orders = fc.sample(fc.shuffledSubarray([...seen, ...seen], { minLength: seen.length * 2 }), {
    numRuns: 4,
    seed: 7,
  })
  for (const order of orders) {
    await found.hand(order)
    await found.deliver()
    expect(await found.records()).toEqual(expected)
  }
})

test('what is right is not written again, and costs Route 53 nothing', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.fleet.advance('5s')
  const events = await found.fleet.takeEvents('task-state-changed')
  await found.hand(events)
  const [before] = await found.discovery.ledger.listNames()
  await found.hand(events)
  await found.sweep()
  const [after] = await found.discovery.ledger.listNames()
  expect(after).toEqual(before)
})

/** Hands a door all that waits, and lets it die after `left` requests; then time goes on without it, and the sweep comes. */
async function dieAndSweep(found: Found, left: number): Promise<void> {
  const { endpoint } = found.fleet.engine
  await using proxy = await dyingProxy(endpoint, left)
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint)
  found.fleet.coldStart()
  const dying = found.hand(await found.fleet.takeEvents('task-state-changed')).catch(() => {})
  await Promise.race([dying, proxy.died])
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint)
  found.fleet.coldStart()
  // By then the lease of the dead one is over.
  await found.fleet.advance('60s')
  await found.fleet.takeEvents('task-state-changed')
  await found.sweep()
}

/** More requests than a pass makes: the last ones die after all of it is done. */
const deaths = Array.from({ length: 17 }, (_, index) => index)

test.each(deaths)('a door that dies after %i requests is made up for by the sweep', async (left) => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.fleet.advance('5s')
  await dieAndSweep(found, left)
  expect(await found.records()).toEqual(await found.expected(NAME))
  const [name] = await found.discovery.ledger.listNames()
  expect(name?.owned.map(({ state }) => state)).toEqual(['written', 'written'])
})

test.each(deaths)('a removal that dies after %i requests is made up for by the sweep', async (left) => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.play(5)
  await found.scale('web', 1)
  await dieAndSweep(found, left)
  const records = await found.records()
  expect(records).toHaveLength(1)
  expect(records).toEqual(await found.expected(NAME))
})

test('of doors that are woken at once one writes, and nothing of the others is lost', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 12 })
  await found.createService('api', { count: 12, tags: { 'capstan:dns': NAME } })
  await found.fleet.advance('5s')
  const events = await found.fleet.takeEvents('task-state-changed')
  const doors = [0, 1, 2, 3].map((door) => found.hand(events.filter((_, index) => index % 4 === door)))
  await Promise.all(doors)
  await found.deliver()
  const records = await found.records()
  expect(records).toHaveLength(24)
  expect(records).toEqual(await found.expected(NAME))
})

test('a row of the ledger that something else has damaged hinders no other name', async () => {
  await using found = await Found.start()
  await found.createService('web')
  await found.createService('api')
  await found.play(5)
  const table = DynamoDBDocumentClient.from(new DynamoDBClient(found.fleet.engine.config))
  const rows = await table.send(
    new QueryCommand({
      TableName: 'capstan-ledger',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': 'NAME' },
    }),
  )
  const damaged = rows.Items?.find(({ sk }) => String(sk).includes(NAME))
  await table.send(
    new UpdateCommand({
      TableName: 'capstan-ledger',
      Key: { pk: damaged?.pk, sk: damaged?.sk },
      UpdateExpression: 'SET version = :wrong',
      ExpressionAttributeValues: { ':wrong': 'first' },
    }),
  )
  const reported = vi.spyOn(console, 'error').mockImplementation(() => {})
  await found.scale('api', 2)
  await found.play(5)
  await found.sweep()
  expect(reported.mock.calls.flat().join(' ')).toContain(NAME)
  reported.mockRestore()
  const api = (await found.records()).filter((record) => record.startsWith('A api.'))
  expect(api).toHaveLength(2)
  const seen = (await found.discovery.observeNames()).map(
    ({ kind, target }) => `${kind} ${targetName(target)}`,
  )
  expect(seen.sort()).toEqual(['failed web.example.com', 'seen api.example.com'])
})
