/** Instances of tasks in Cloud Map: found by names, read to the last page, registered and deregistered some at a time. */
import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { Place } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { AFRESH, PRIVATE, type Stage, stageOf } from './registrars.ts'

const WEB = { kind: 'cloud-map', namespace: 'shop', service: 'web' } as const
const WRITTEN = { kind: 'written' }

const instance = (action: RecordWrite['action'], task: number | string): RecordWrite => ({
  action,
  record: {
    name: `capstan-${task}`,
    type: 'INSTANCE',
    values: [
      `AWS_INSTANCE_IPV4=10.0.0.${Number(task) % 250}`,
      'AWS_INSTANCE_PORT=80',
      'CAPSTAN_SOURCE=prod/a=b',
    ],
  },
})
const writes = (action: RecordWrite['action'], count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => instance(action, from + index))
const until = (stage: Stage, seconds: number) => stage.now() + seconds * 1000

/** Makes an HTTP namespace with a service; resolves with its place. */
async function shopOf({ others, drydock, registrar }: Stage): Promise<Place> {
  await others.discovery.createHttpNamespace({ Name: 'shop' })
  await drydock.engine.advance('1s')
  const { Namespaces } = await others.discovery.listNamespaces({})
  await others.discovery.createService({ Name: 'web', NamespaceId: Namespaces?.[0]?.Id })
  return registrar.find(WEB, PRIVATE)
}

const write = async (stage: Stage, place: Place, all: readonly RecordWrite[], seconds = 60) => {
  const outcomes = await stage.registrar.write(place, [{ target: WEB, writes: all }], until(stage, seconds))
  await stage.drydock.engine.advance('1s')
  return outcomes
}
const namesAt = async ({ registrar }: Stage, place: Place) =>
  (await registrar.read(place, [WEB]))[0]?.map(({ name }) => name)

test('a service is found by its names, which are remembered for a minute', async () => {
  await using stage = await stageOf()
  const { registrar, clients, others, drydock } = stage
  expect(await registrar.find(WEB, PRIVATE)).toMatchObject({ kind: 'none', reason: 'no-namespace' })
  await others.discovery.createPrivateDnsNamespace({ Name: 'shop', Vpc: 'vpc-1' })
  await drydock.engine.advance('1s')
  expect(await registrar.find(WEB, PRIVATE)).toMatchObject({ kind: 'none', reason: 'no-namespace' })
  expect(await registrar.find(WEB, PRIVATE, AFRESH)).toMatchObject({
    kind: 'none',
    reason: 'no-discovery-service',
  })
  const { Namespaces } = await others.discovery.listNamespaces({})
  const { Service } = await others.discovery.createService({
    Name: 'web',
    NamespaceId: Namespaces?.[0]?.Id,
    DnsConfig: {
      DnsRecords: [
        { Type: 'AAAA', TTL: 10 },
        { Type: 'A', TTL: 10 },
      ],
    },
  })
  await drydock.engine.advance('10s')
  const place = { kind: 'cloud-map', id: Service?.Id, types: ['AAAA', 'A'] }
  expect(await registrar.find(WEB, PRIVATE)).toEqual(place)
  expect(await registrar.find({ ...WEB, service: 'WEB' }, PRIVATE)).toEqual(place)
  expect(clients.calls).toEqual({
    'ServiceDiscovery ListNamespaces': 3,
    'ServiceDiscovery ListServices': 2,
  })
})

test('of two services of one name neither is taken', async () => {
  await using stage = await stageOf()
  const { others, drydock, registrar } = stage
  const first = await shopOf(stage)
  await others.discovery.createPrivateDnsNamespace({ Name: 'shop', Vpc: 'vpc-1' })
  await drydock.engine.advance('1s')
  const { Namespaces } = await others.discovery.listNamespaces({
    Filters: [{ Name: 'TYPE', Values: ['DNS_PRIVATE'] }],
  })
  await others.discovery.createService({ Name: 'web', NamespaceId: Namespaces?.[0]?.Id, Type: 'HTTP' })
  expect(await registrar.find(WEB, PRIVATE, AFRESH)).toMatchObject({
    kind: 'none',
    reason: 'no-discovery-service',
    note: expect.stringContaining(first.kind === 'cloud-map' ? first.id : '-'),
  })
})

test('instances are registered, changed, deregistered, and read to the last page', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  expect(await write(stage, place, writes('create', 250))).toEqual([WRITTEN])
  expect(await namesAt(stage, place)).toHaveLength(250)
  expect(stage.clients.calls['ServiceDiscovery ListInstances']).toBe(3)
  const changed = {
    ...instance('upsert', 0),
    record: { ...instance('upsert', 0).record, values: ['AWS_INSTANCE_IPV4=10.9.9.9'] },
  }
  expect(await write(stage, place, [changed, ...writes('delete', 248, 2)])).toEqual([WRITTEN])
  expect(await stage.registrar.read(place, [WEB])).toEqual([
    [
      { ...changed.record, isPlain: true },
      { ...instance('create', 1).record, isPlain: true },
    ],
  ])
})

test('what is under way already, and what is gone already, counts as written', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  const names = [{ target: WEB, writes: [instance('create', 1)] }]
  await stage.registrar.write(place, names, until(stage, 60))
  expect(await stage.registrar.write(place, names, until(stage, 60))).toEqual([WRITTEN])
  expect(await write(stage, place, [instance('delete', 'nobody')])).toEqual([WRITTEN])
  expect(await namesAt(stage, place)).toEqual(['capstan-1'])
})

test('an instance that is being changed is waited for', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  await stage.registrar.write(place, [{ target: WEB, writes: [instance('create', 1)] }], until(stage, 60))
  expect(await write(stage, place, [instance('delete', 1)])).toEqual([WRITTEN])
  expect(stage.waits).toEqual([100])
  expect(await namesAt(stage, place)).toEqual([])
})

test('an instance that is refused hinders no other', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  const bad = {
    ...instance('create', 2),
    record: { ...instance('create', 2).record, values: ['AWS_INSTANCE_IPV4=nowhere'] },
  }
  const outcomes = await stage.registrar.write(
    place,
    [
      { target: WEB, writes: [instance('create', 1)] },
      { target: { ...WEB, service: 'WEB' }, writes: [bad, instance('create', 3)] },
    ],
    until(stage, 60),
  )
  expect(outcomes).toEqual([
    WRITTEN,
    { kind: 'refused', reason: expect.stringContaining('AWS_INSTANCE_IPV4') },
  ])
  await stage.drydock.engine.advance('1s')
  expect(await namesAt(stage, place)).toEqual(['capstan-1', 'capstan-3'])
})

test('a full service takes what finds room by deregistrations', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  expect(await write(stage, place, writes('create', 1000))).toEqual([WRITTEN])
  expect(await write(stage, place, writes('create', 1, 5000))).toMatchObject([
    { kind: 'refused', reason: expect.stringContaining('1000') },
  ])
  expect(stage.waits).toEqual([])
  expect(await write(stage, place, [...writes('create', 20, 2000), ...writes('delete', 20)])).toEqual([
    WRITTEN,
  ])
  const names = await namesAt(stage, place)
  expect(names).toHaveLength(1000)
  expect(names).toContain('capstan-2019')
})

test('where the service is deleted, nothing is there, and the name has no place', async () => {
  await using stage = await stageOf()
  const place = await shopOf(stage)
  await stage.others.discovery.deleteService({ Id: place.kind === 'cloud-map' ? place.id : '' })
  expect(await write(stage, place, writes('create', 3))).toEqual([
    { kind: 'place-gone', reason: expect.stringMatching(/srv-.* can't be found/) },
  ])
  expect(await stage.registrar.find(WEB, PRIVATE)).toMatchObject({
    kind: 'none',
    reason: 'no-discovery-service',
  })
  expect(await namesAt(stage, place)).toEqual([])
})
