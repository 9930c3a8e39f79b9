/** Discovery's ledger in a real table: tasks that only newer sight overwrites, names of one version, nothing damaged. */
import { ledgerOf } from '@capstan/aws/ledger/ledger.ts'
import type { KnownTask, NameRecord, OwnedRecord } from '@capstan/core/discovery/view.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DiscoveryTable } from './discovery-table.ts'

let made: DiscoveryTable
beforeAll(async () => {
  made = await DiscoveryTable.start()
})
afterAll(() => made[Symbol.asyncDispose]())

const ids = (function* () {
  for (let id = 1; ; id++) yield `prod-${id}`
})()
/** A source that no other test uses. */
const freshSource = () => ({ cluster: ids.next().value ?? '', group: 'service:web' })

const task = (parts: Partial<KnownTask> = {}): KnownTask => ({
  id: 'a1',
  arn: 'arn:aws:ecs:us-east-1:123456789012:task/prod/a1',
  source: { cluster: 'prod', group: 'service:web' },
  version: 3,
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
  desired: 'RUNNING',
  last: 'RUNNING',
  health: 'UNKNOWN',
  addresses: { private: '10.0.0.1' },
  ports: [],
  isChecked: false,
  seenAt: made.now,
  ...parts,
})

test('a newer sight of a task overwrites an older one and keeps what was learnt', async () => {
  const source = freshSource()
  const first = task({
    source,
    interfaceId: 'eni-1',
    startedAt: 5,
    addresses: { private: '10.0.0.1', public: '3.3.3.3', ipv6: '::1' },
    ports: [{ container: 'app', port: 80, hostPort: 32768 }],
  })
  expect(await made.ledger.rememberTask(first)).toEqual(first)
  const stopping = task({ source, version: 4, desired: 'STOPPED', last: 'DEACTIVATING', addresses: {} })
  const known = { ...first, version: 4, desired: 'STOPPED', last: 'DEACTIVATING' }
  expect(await made.ledger.rememberTask(stopping)).toEqual(known)
  expect(await made.ledger.listTasks(source)).toEqual([known])
})

test('an older event changes nothing but adds the addresses that only it knew', async () => {
  const source = freshSource()
  const stopped = task({ source, version: 9, desired: 'STOPPED', last: 'STOPPED', addresses: {} })
  await made.ledger.rememberTask(stopped)
  const late = task({ source, version: 4, addresses: { private: '10.0.0.2' } })
  const known = { ...stopped, addresses: { private: '10.0.0.2' } }
  expect(await made.ledger.rememberTask(late)).toEqual(known)
  expect(await made.ledger.rememberTask(late)).toEqual(known)
  expect(await made.ledger.listTasks(source)).toEqual([known])
})

test('the same version adds what is learnt of it, from whichever side it comes', async () => {
  const source = freshSource()
  await made.ledger.rememberTask(task({ source }))
  await Promise.all([
    made.ledger.rememberTask(task({ source, addresses: { public: '3.3.3.3' } })),
    made.ledger.rememberTask(task({ source, addresses: { ipv6: '::1' } })),
  ])
  const [known] = await made.ledger.listTasks(source)
  expect(known?.addresses).toEqual({ private: '10.0.0.1', public: '3.3.3.3', ipv6: '::1' })
})

test('a task that stopped is kept for an hour, so that a doubled event does not bring it back', async () => {
  const source = freshSource()
  const stopped = task({ source, version: 5, desired: 'STOPPED', last: 'STOPPED' })
  await made.ledger.rememberTask(task({ source }))
  await made.ledger.rememberTask(stopped)
  const key = { pk: `TASK#${source.cluster}/service:web`, sk: 'a1' }
  const { Item } = await made.clients.dynamodb.get({ TableName: made.table, Key: key })
  expect(Item?.expiresAt).toBe(made.now / 1000 + 3600)
  made.now += 3_600_000
  expect(await made.ledger.rememberTask(task({ source }))).toEqual(stopped)
  expect(await made.ledger.listTasks(source)).toEqual([stopped])
  made.now += 1
  expect(await made.ledger.listTasks(source)).toEqual([])
  await made.ledger.forgetTasks([stopped])
  const gone = await made.clients.dynamodb.get({ TableName: made.table, Key: key })
  expect(gone.Item).toBeUndefined()
})

test('a task that runs has no end, even after an event said that it stops', async () => {
  const source = freshSource()
  await made.ledger.rememberTask(task({ source, desired: 'STOPPED', version: 1 }))
  await made.ledger.rememberTask(task({ source, version: 2 }))
  made.now += 7_200_000
  expect(await made.ledger.listTasks(source)).toHaveLength(1)
  await made.ledger.forgetTasks([task({ source, version: 1 })])
  expect(await made.ledger.listTasks(source)).toHaveLength(1)
})

test('a damaged row of a task hinders its source alone, until the task is seen again', async () => {
  const source = freshSource()
  const other = freshSource()
  await made.ledger.rememberTask(task({ source: other }))
  await made.put({ pk: `TASK#${source.cluster}/service:web`, sk: 'a1', version: 'three' })
  await expect(made.ledger.listTasks(source)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(`TASK#${source.cluster}/service:web a1`),
  })
  expect(await made.ledger.listTasks(other)).toHaveLength(1)
  await made.ledger.rememberTask(task({ source }))
  expect(await made.ledger.listTasks(source)).toEqual([task({ source })])
})

test('a source is kept with its targets and what was told of it, and without either it is removed', async () => {
  const record = { source: freshSource(), targets: [{ kind: 'dns', name: 'web.example.com' }] } as const
  await made.ledger.putSource(record)
  expect(await made.ledger.getSource(record.source)).toEqual(record)
  expect(await made.ledger.listSources()).toContainEqual(record)
  const entry = {
    ...{ cluster: record.source.cluster, service: 'web', id: 's-1.0', at: made.now, kind: 'skip' },
    ...{ reason: 'invalid-settings', facts: {}, sentence: 'Its settings have problems.' },
  }
  const told = { ...record, targets: [], told: 'problems' }
  await made.ledger.putSource(told, [entry])
  expect(await made.ledger.getSource(record.source)).toEqual(told)
  const ledger = ledgerOf(made.clients.dynamodb, made.table, { now: () => made.now, newId: () => 'x' })
  expect(await ledger.listDecisions({ cluster: record.source.cluster, service: 'web' })).toEqual([entry])
  const last = { ...entry, id: 's-2.0' }
  await made.ledger.putSource({ ...record, targets: [] }, [last])
  expect(await made.ledger.getSource(record.source)).toBeUndefined()
  const one = await ledger.listDecisions({ cluster: record.source.cluster, service: 'web' }, 1)
  expect(one).toEqual([last])
})

const owned = (id: string): OwnedRecord => ({
  name: 'names.example.com',
  type: 'A',
  setIdentifier: `capstan-${id}`,
  ttl: 10,
  values: ['10.0.0.1'],
  task: id,
  state: 'written',
})
const nameOf = (name: string, version: number, parts: Partial<NameRecord> = {}): NameRecord => ({
  target: { kind: 'dns', name },
  version,
  placeId: 'Z1',
  sources: [{ cluster: 'prod', group: 'service:web' }],
  owned: [owned('a1')],
  ...parts,
})

test('a name is committed on the version before it, and a race is a conflict', async () => {
  const first = nameOf('race.example.com', 1)
  await made.ledger.commitName(first)
  await expect(made.ledger.commitName(first)).rejects.toMatchObject({ code: 'CONFLICT' })
  const second = nameOf('race.example.com', 2, { told: 'no-zone', isHindered: true, lookAt: 7 })
  await made.ledger.commitName(second)
  expect(await made.ledger.getName(second.target)).toEqual(second)
  await expect(made.ledger.commitName(second)).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(made.ledger.forgetName(first)).rejects.toMatchObject({ code: 'CONFLICT' })
  await made.ledger.forgetName(second)
  await made.ledger.forgetName(second)
  expect(await made.ledger.getName(second.target)).toBeUndefined()
})

test('decisions about a name come with it or not at all, and are listed with all others', async () => {
  const source = { cluster: 'prod', group: 'family:worker' }
  await made.ledger.putSource({ source, targets: [{ kind: 'dns', name: 'worker.example.com' }] })
  const entry = (id: string) => ({
    ...{ cluster: 'prod', service: 'family:worker', id, at: made.now, kind: 'register', reason: 'serving' },
    ...{ facts: { tasks: 1 }, sentence: 'Registers one task.' },
  })
  const record = nameOf('worker.example.com', 1, { sources: [source] })
  await made.ledger.commitName(record, [entry('d-1.0'), entry('d-1.1')])
  await expect(made.ledger.commitName(record, [entry('d-2.0')])).rejects.toMatchObject({ code: 'CONFLICT' })
  const ledger = ledgerOf(made.clients.dynamodb, made.table, { now: () => made.now, newId: () => 'x' })
  expect(await ledger.listDecisions()).toEqual([entry('d-1.1'), entry('d-1.0')])
  expect(await ledger.listDecisions({ cluster: 'prod', service: 'family:worker' }, 1)).toEqual([
    entry('d-1.1'),
  ])
})

test('damaged rows of names and sources are left out of lists and named', async () => {
  await made.ledger.commitName(nameOf('good.example.com', 1))
  const { target, version, sources } = nameOf('bad.example.com', 1)
  await made.put({ pk: 'NAME', sk: 'dns bad.example.com', target, version, sources, owned: Buffer.from('?') })
  await made.put({ pk: 'SOURCE', sk: 'prod/bad', targets: 'none' })
  made.damaged.length = 0
  const names = (await made.ledger.listNames()).map((name) => name.target)
  expect(names).toContainEqual({ kind: 'dns', name: 'good.example.com' })
  expect(names).not.toContainEqual(target)
  await made.ledger.listSources()
  expect(made.damaged.map(({ message }) => message)).toEqual([
    expect.stringContaining('row NAME dns bad.example.com is not of the expected form'),
    expect.stringContaining('row SOURCE prod/bad is not of the expected form'),
  ])
  await expect(made.ledger.getName(target)).rejects.toMatchObject({ code: 'INVALID_CONFIG' })
})

/** Not to be told from random, and the same each time. */
function hexOf(seed: number): string {
  let state = seed + 1
  const next = () => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647
    return (state % 16).toString(16)
  }
  return Array.from({ length: 32 }, next).join('')
}

test.each([
  ['300 record sets of three types', 300, 20],
  ['1,000 instances with the longest names', 1000, 60],
])('a name with %s is far below what DynamoDB takes', async (_, count, most) => {
  const long = 'x'.repeat(255)
  const records = Array.from({ length: count }, (_each, index): OwnedRecord => {
    const id = hexOf(index)
    const address = `AWS_INSTANCE_IPV4=10.${index % 7}.${index % 256}.${(index * 31) % 256}`
    const source = `CAPSTAN_SOURCE=${long}/${long}`
    const values = [
      address,
      `AWS_INSTANCE_PORT=${32_768 + index}`,
      source,
      `ECS_TASK_DEFINITION_FAMILY=${long}`,
    ]
    if (count === 1000) return { name: `capstan-${id}`, type: 'INSTANCE', values, task: id, state: 'written' }
    return { ...owned(id), values: [address] }
  })
  const target = { kind: 'cloud-map', namespace: 'internal', service: `web-${count}` } as const
  const record = { ...nameOf('', 1), target, owned: records }
  await made.ledger.commitName(record)
  expect(await made.ledger.getName(target)).toEqual(record)
  const Key = { pk: 'NAME', sk: `cloud-map internal web-${count}` }
  const { Item } = await made.clients.dynamodb.get({ TableName: made.table, Key })
  expect(Item?.owned.length).toBeLessThan(most * 1024)
})
