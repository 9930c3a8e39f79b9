/** The records of instances in the zone of their namespace: made, changed, removed, and refused. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type TestZones, testZones } from './zone-harness.ts'

const A = { AWS_INSTANCE_IPV4: '192.0.2.1' }
const multivalue = { SetIdentifier: 'i-1', MultiValueAnswer: true, TTL: 10 }
const weighted = { SetIdentifier: 'i-1', Weight: 1 }
const values = (...all: string[]) => ({ ResourceRecords: all.map((Value) => ({ Value })) })

test.each<[string, Parameters<TestZones['service']>[2], boolean, Record<string, string>, object[]]>([
  [
    'an address of each kind',
    ['A', 'AAAA'],
    false,
    { ...A, AWS_INSTANCE_IPV6: '2001:db8::1' },
    [
      { Name: 'web.corp.local.', Type: 'A', ...multivalue, ...values('192.0.2.1') },
      { Name: 'web.corp.local.', Type: 'AAAA', ...multivalue, ...values('2001:db8::1') },
    ],
  ],
  [
    'a weighted address',
    ['A'],
    true,
    A,
    [{ Name: 'web.corp.local.', Type: 'A', ...weighted, TTL: 10, ...values('192.0.2.1') }],
  ],
  [
    'a port, and the addresses of the name that it leads to',
    ['SRV'],
    false,
    { ...A, AWS_INSTANCE_IPV6: '2001:db8::1', AWS_INSTANCE_PORT: '8080' },
    [
      { Name: 'web.corp.local.', Type: 'SRV', ...multivalue, ...values('1 1 8080 i-1.web.corp.local') },
      { Name: 'i-1.web.corp.local.', Type: 'A', ...multivalue, ...values('192.0.2.1') },
      { Name: 'i-1.web.corp.local.', Type: 'AAAA', ...multivalue, ...values('2001:db8::1') },
    ],
  ],
  [
    'another name',
    ['CNAME'],
    true,
    { AWS_INSTANCE_CNAME: 'www.example.com' },
    [{ Name: 'web.corp.local.', Type: 'CNAME', ...weighted, TTL: 10, ...values('www.example.com') }],
  ],
  [
    'an alias to a load balancer, whose health is looked at',
    ['A', 'AAAA'],
    true,
    { AWS_ALIAS_DNS_NAME: 'lb.example.com' },
    ['A', 'AAAA'].map((Type) => ({
      Name: 'web.corp.local.',
      Type,
      ...weighted,
      AliasTarget: {
        HostedZoneId: 'Z35SXDOTRQ7X7K',
        DNSName: 'lb.example.com.',
        EvaluateTargetHealth: true,
      },
    })),
  ],
])('an instance has %s', async (_, types, isWeighted, attributes, expected) => {
  await using stage = await testZones()
  const namespace = await stage.namespace()
  const ServiceId = await stage.service(namespace, 'web', types, { isWeighted })
  await stage.register(ServiceId, 'i-1', attributes)
  expect(await stage.records(namespace)).toEqual(expected)
  await stage.done(await stage.map.deregisterInstance({ ServiceId, InstanceId: 'i-1' }))
  expect(await stage.records(namespace)).toEqual([])
})

test('an instance that is registered again has the records of its new attributes alone', async () => {
  await using stage = await testZones()
  const namespace = await stage.namespace()
  const ServiceId = await stage.service(namespace, 'web', ['SRV'])
  const port = { AWS_INSTANCE_PORT: '80' }
  await stage.register(ServiceId, 'a', { ...A, AWS_INSTANCE_IPV6: '2001:db8::1', ...port })
  await stage.register(ServiceId, 'b', { ...A, ...port })
  expect(await stage.records(namespace)).toHaveLength(5)
  await stage.register(ServiceId, 'a', { AWS_INSTANCE_IPV4: '192.0.2.9', AWS_INSTANCE_PORT: '81' })
  const records = await stage.records(namespace)
  expect(records.map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
    'web.corp.local. SRV',
    'web.corp.local. SRV',
    'a.web.corp.local. A',
    'b.web.corp.local. A',
  ])
  expect(records[2]?.ResourceRecords).toEqual([{ Value: '192.0.2.9' }])
  expect(records[0]?.ResourceRecords).toEqual([{ Value: '1 1 81 a.web.corp.local' }])
})

test('new TTLs of a service are those of all its records, and of those that come', async () => {
  await using stage = await testZones()
  const namespace = await stage.namespace()
  const ServiceId = await stage.service(namespace, 'web', ['A'])
  const ids = Array.from({ length: 100 }, (_, i) => `i-${i}`)
  for (const InstanceId of ids) await stage.map.registerInstance({ ServiceId, InstanceId, Attributes: A })
  await stage.advance('1s')
  const DnsConfig = { DnsRecords: [{ Type: 'A' as const, TTL: 99 }] }
  // Under way at the same time, in this order and in the other one.
  await stage.map.registerInstance({ ServiceId, InstanceId: 'before', Attributes: A })
  const update = await stage.map.updateService({ Id: ServiceId, Service: { DnsConfig } })
  await stage.map.registerInstance({ ServiceId, InstanceId: 'after', Attributes: A })
  await stage.map.deregisterInstance({ ServiceId, InstanceId: 'i-0' })
  await stage.done(update)
  const records = await stage.records(namespace)
  expect(records).toHaveLength(101)
  expect(new Set(records.map(({ TTL }) => TTL))).toEqual(new Set([99]))
})

test('what Route 53 refuses fails and leaves all as it was; what was under way with it succeeds', async () => {
  await using stage = await testZones()
  const { map } = stage
  const namespace = await stage.namespace()
  const ServiceId = await stage.service(namespace, 'web', ['SRV'])
  const Attributes = { ...A, AWS_INSTANCE_PORT: '80' }
  const good = await map.registerInstance({ ServiceId, InstanceId: 'good', Attributes })
  // Ids have up to 64 characters, labels of names up to 63.
  const bad = await map.registerInstance({ ServiceId, InstanceId: 'x'.repeat(64), Attributes })
  await stage.done(good)
  expect((await map.getOperation({ OperationId: bad.OperationId })).Operation).toMatchObject({
    Status: 'FAIL',
    ErrorCode: 'INVALID_CHANGE_BATCH',
    ErrorMessage: expect.stringContaining('DomainLabelTooLong'),
  })
  expect((await map.listInstances({ ServiceId })).Instances?.map(({ Id }) => Id)).toEqual(['good'])
  expect(await stage.records(namespace)).toHaveLength(2)
  const failed = await map.listOperations({ Filters: [{ Name: 'STATUS', Values: ['FAIL'] }] })
  expect(failed.Operations).toEqual([{ Id: bad.OperationId, Status: 'FAIL' }])
})

test('a service that is found by API alone has no records', async () => {
  await using stage = await testZones()
  const namespace = await stage.namespace()
  const { Service } = await stage.map.createService({ Name: 'web', NamespaceId: namespace, Type: 'HTTP' })
  await stage.register(Service?.Id ?? '', 'i-1', A)
  expect(await stage.records(namespace)).toEqual([])
})

test('an operation under way when the engine ends is done when it is started again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  try {
    const first = await testZones({ dataDir })
    const namespace = await first.namespace()
    const ServiceId = await first.service(namespace, 'web', ['A'])
    const { OperationId } = await first.map.registerInstance({ ServiceId, InstanceId: 'i-1', Attributes: A })
    await first[Symbol.asyncDispose]()
    await using second = await testZones({ dataDir })
    // A virtual clock starts anew with the engine, before the operation was due.
    await second.advance('1m')
    await second.done({ OperationId })
    expect(await second.records(namespace)).toMatchObject([{ Name: 'web.corp.local.', SetIdentifier: 'i-1' }])
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
