/** Cloud Map by the AWS SDK: namespaces, services, instances, operations, and their errors. */
import {
  CustomHealthNotFound,
  InstanceNotFound,
  InvalidInput,
  NamespaceAlreadyExists,
  NamespaceNotFound,
  OperationNotFound,
  ResourceInUse,
  ResourceNotFoundException,
  ServiceAlreadyExists,
  ServiceDiscovery,
  ServiceNotFound,
  TooManyTagsException,
} from '@aws-sdk/client-servicediscovery'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'

/** An engine and a client that leaves the host as it is: `data-127.0.0.1` is no name. */
async function testDiscovery() {
  const drydock = await testEngine()
  const client = new ServiceDiscovery({ ...drydock.config, disableHostPrefix: true })
  /** Waits for an operation; resolves with the id of what it is about. */
  const done = async (output: { OperationId?: string | undefined }, target: 'NAMESPACE' | 'INSTANCE') => {
    await drydock.engine.advance('1s')
    const { Operation } = await client.getOperation({ OperationId: output.OperationId })
    expect(Operation?.Status).toBe('SUCCESS')
    return Operation?.Targets?.[target] ?? ''
  }
  return {
    drydock,
    client,
    done,
    advance: (duration: string) => drydock.engine.advance(duration),
    async [Symbol.asyncDispose]() {
      expect(drydock.faults).toEqual([])
      await drydock.close()
    },
  }
}

test('a namespace, a service and an instance live and are discovered', async () => {
  await using stage = await testDiscovery()
  const { client, done } = stage
  const created = await client.createHttpNamespace({
    Name: 'shop',
    Description: 'all of it',
    Tags: [{ Key: 'team', Value: 'a' }],
  })
  const { Operations } = await client.listOperations({ Filters: [{ Name: 'STATUS', Values: ['PENDING'] }] })
  expect(Operations).toEqual([{ Id: created.OperationId, Status: 'PENDING' }])
  const Id = await done(created, 'NAMESPACE')
  const { Namespace } = await client.getNamespace({ Id })
  expect(Namespace).toMatchObject({
    Id: expect.stringMatching(/^ns-[a-z0-9]{16}$/),
    Arn: `arn:aws:servicediscovery:us-east-1:123456789012:namespace/${Id}`,
    Type: 'HTTP',
    Description: 'all of it',
    ServiceCount: 0,
    Properties: { HttpProperties: { HttpName: 'shop' } },
  })
  const { Service } = await client.createService({ Name: 'web', NamespaceId: Namespace?.Arn })
  expect(Service).toMatchObject({ NamespaceId: Id, Type: 'HTTP', InstanceCount: 0 })
  const ServiceId = Service?.Id
  const Attributes = { AWS_INSTANCE_IPV4: '10.0.0.1', version: '1' }
  expect(
    await done(await client.registerInstance({ ServiceId, InstanceId: 'a', Attributes }), 'INSTANCE'),
  ).toBe('a')
  const where = { NamespaceName: 'shop', ServiceName: 'web' }
  expect(await client.discoverInstances(where)).toMatchObject({
    Instances: [{ InstanceId: 'a', ...where, HealthStatus: 'UNKNOWN', Attributes }],
    InstancesRevision: 2,
  })
  expect((await client.discoverInstancesRevision(where)).InstancesRevision).toBe(2)
  expect((await client.getInstance({ ServiceId, InstanceId: 'a' })).Instance).toMatchObject({
    Id: 'a',
    Attributes,
  })
  expect((await client.listInstances({ ServiceId })).Instances).toMatchObject([{ Id: 'a', Attributes }])
  await expect(client.deleteNamespace({ Id })).rejects.toThrow(ResourceInUse)
  await expect(client.deleteService({ Id: ServiceId })).rejects.toThrow(ResourceInUse)
  await done(await client.deregisterInstance({ ServiceId, InstanceId: 'a' }), 'INSTANCE')
  await client.deleteService({ Id: ServiceId })
  await done(await client.deleteNamespace({ Id }), 'NAMESPACE')
  expect((await client.listNamespaces({})).Namespaces).toEqual([])
})

/** A namespace `shop` with a service `web`. */
async function shop(stage: Awaited<ReturnType<typeof testDiscovery>>, service: object = {}) {
  const NamespaceId = await stage.done(await stage.client.createHttpNamespace({ Name: 'shop' }), 'NAMESPACE')
  const { Service } = await stage.client.createService({ Name: 'web', NamespaceId, ...service })
  const register = async (InstanceId: string, Attributes: Record<string, string> = {}) => {
    await stage.client.registerInstance({ ServiceId: Service?.Id, InstanceId, Attributes })
    await stage.advance('1s')
  }
  return { NamespaceId, ServiceId: Service?.Id ?? '', ServiceArn: Service?.Arn ?? '', register }
}

test('a custom status counts after thirty seconds in which it was not taken back, and filters what is discovered', async () => {
  await using stage = await testDiscovery()
  const { client } = stage
  const { ServiceId, register } = await shop(stage, { HealthCheckCustomConfig: { FailureThreshold: 3 } })
  await register('a')
  await register('b', { AWS_INIT_HEALTH_STATUS: 'UNHEALTHY' })
  const found = async (HealthStatus?: 'HEALTHY' | 'UNHEALTHY' | 'ALL' | 'HEALTHY_OR_ELSE_ALL') => {
    const { Instances } = await client.discoverInstances({
      NamespaceName: 'shop',
      ServiceName: 'web',
      ...(HealthStatus && { HealthStatus }),
    })
    return Instances?.map(({ InstanceId }) => InstanceId)
  }
  expect([await found('HEALTHY'), await found('UNHEALTHY'), await found()]).toEqual([
    ['a'],
    ['b'],
    ['a', 'b'],
  ])
  const { InstancesRevision } = await client.discoverInstances({ NamespaceName: 'shop', ServiceName: 'web' })
  const tell = (Status: 'HEALTHY' | 'UNHEALTHY') =>
    client.updateInstanceCustomHealthStatus({ ServiceId, InstanceId: 'a', Status })
  await tell('UNHEALTHY')
  await stage.advance('20s')
  await tell('UNHEALTHY')
  await stage.advance('9s')
  expect(await found('HEALTHY')).toEqual(['a'])
  await stage.advance('2s')
  expect(await found('HEALTHY')).toEqual([])
  expect(await found('HEALTHY_OR_ELSE_ALL')).toEqual(['a', 'b'])
  expect((await client.getInstancesHealthStatus({ ServiceId })).Status).toEqual({
    a: 'UNHEALTHY',
    b: 'UNHEALTHY',
  })
  await tell('HEALTHY')
  await stage.advance('20s')
  await tell('UNHEALTHY')
  await stage.advance('1m')
  expect(await found('HEALTHY')).toEqual([])
  expect(
    (await client.discoverInstancesRevision({ NamespaceName: 'shop', ServiceName: 'web' })).InstancesRevision,
  ).toBe(InstancesRevision)
})

test('instances are found by their attributes, by optional ones where there are any', async () => {
  await using stage = await testDiscovery()
  const { register } = await shop(stage)
  await register('a', { version: '1', zone: 'x' })
  await register('b', { version: '2', zone: 'x' })
  const found = async (input: object) => {
    const where = { NamespaceName: 'shop', ServiceName: 'web', ...input }
    return (await stage.client.discoverInstances(where)).Instances?.map(({ InstanceId }) => InstanceId)
  }
  expect(await found({ QueryParameters: { zone: 'x' } })).toEqual(['a', 'b'])
  expect(await found({ QueryParameters: { zone: 'y' } })).toEqual([])
  expect(await found({ QueryParameters: { zone: 'x' }, OptionalParameters: { version: '2' } })).toEqual(['b'])
  expect(await found({ OptionalParameters: { version: '3' } })).toEqual(['a', 'b'])
  expect(await found({ MaxResults: 1 })).toEqual(['a'])
})

test('DNS namespaces say what their records would be', async () => {
  await using stage = await testDiscovery()
  const { client, done } = stage
  const request = { Name: 'corp.local', Vpc: 'vpc-1' }
  const NamespaceId = await done(await client.createPrivateDnsNamespace(request), 'NAMESPACE')
  expect((await client.getNamespace({ Id: NamespaceId })).Namespace).toMatchObject({
    Type: 'DNS_PRIVATE',
    Properties: { DnsProperties: { SOA: { TTL: 15 } }, HttpProperties: { HttpName: 'corp.local' } },
  })
  const DnsConfig = { DnsRecords: [{ Type: 'A', TTL: 10 } as const] }
  const { Service } = await client.createService({ Name: 'web', NamespaceId, DnsConfig })
  expect(Service).toMatchObject({
    Type: 'DNS_HTTP',
    DnsConfig: { ...DnsConfig, RoutingPolicy: 'MULTIVALUE' },
  })
  const Id = Service?.Id
  const changed = { DnsRecords: [{ Type: 'A', TTL: 5 } as const] }
  await client.updateService({ Id, Service: { Description: 'soon', DnsConfig: changed } })
  await stage.advance('1s')
  expect((await client.getService({ Id })).Service).toMatchObject({ Description: 'soon', DnsConfig: changed })
  await expect(client.registerInstance({ ServiceId: Id, InstanceId: 'a', Attributes: {} })).rejects.toThrow(
    'AWS_INSTANCE_IPV4',
  )
  const Public = await done(await client.createPublicDnsNamespace({ Name: 'corp.local' }), 'NAMESPACE')
  const twin = await client.getNamespace({ Id: Public })
  expect(twin.Namespace?.Properties?.HttpProperties?.HttpName).toMatch(/^corp\.local-./)
  const Namespace = { Properties: { DnsProperties: { SOA: { TTL: 60 } } } }
  await done(await client.updatePublicDnsNamespace({ Id: Public, Namespace }), 'NAMESPACE')
  const { Namespaces } = await client.listNamespaces({ Filters: [{ Name: 'TYPE', Values: ['DNS_PUBLIC'] }] })
  expect(Namespaces).toMatchObject([{ Id: Public, Properties: { DnsProperties: { SOA: { TTL: 60 } } } }])
})

test('lists are paged and filtered', async () => {
  await using stage = await testDiscovery()
  const { NamespaceId } = await shop(stage)
  await stage.client.createService({ Name: 'api', NamespaceId })
  const first = await stage.client.listServices({ MaxResults: 1 })
  const second = await stage.client.listServices({ MaxResults: 1, NextToken: first.NextToken })
  const names = [...(first.Services ?? []), ...(second.Services ?? [])].map(({ Name }) => Name)
  expect(names.sort()).toEqual(['api', 'web'])
  expect(second.NextToken).toBeUndefined()
  const of = (Values: string[]) => ({ Filters: [{ Name: 'NAMESPACE_ID' as const, Values }] })
  expect((await stage.client.listServices(of([NamespaceId]))).Services).toHaveLength(2)
  expect((await stage.client.listServices(of(['ns-other']))).Services).toEqual([])
  await expect(stage.client.listServices(of([]))).rejects.toThrow(InvalidInput)
  await expect(stage.client.listServices({ NextToken: 'nonsense' })).rejects.toThrow(InvalidInput)
})

test('tags and attributes of a service are kept', async () => {
  await using stage = await testDiscovery()
  const { client } = stage
  const { ServiceArn: ResourceARN, ServiceId } = await shop(stage)
  await client.tagResource({
    ResourceARN,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
    ],
  })
  await client.untagResource({ ResourceARN, TagKeys: ['a'] })
  expect((await client.listTagsForResource({ ResourceARN })).Tags).toEqual([{ Key: 'b', Value: '' }])
  const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  await expect(client.tagResource({ ResourceARN, Tags })).rejects.toThrow(TooManyTagsException)
  await expect(client.listTagsForResource({ ResourceARN: `${ResourceARN}x` })).rejects.toThrow(
    ResourceNotFoundException,
  )
  await client.updateServiceAttributes({ ServiceId, Attributes: { port: '80', team: 'a' } })
  await client.deleteServiceAttributes({ ServiceId, Attributes: ['team'] })
  expect((await client.getServiceAttributes({ ServiceId })).ServiceAttributes?.Attributes).toEqual({
    port: '80',
  })
})

test('what is wrong is refused with the error of Cloud Map', async () => {
  await using stage = await testDiscovery()
  const { client } = stage
  const { NamespaceId, ServiceId } = await shop(stage)
  const refused = async (
    request: Promise<unknown>,
    error: new (options: never) => Error,
    more: object = {},
  ) => {
    const thrown = await request.catch((each: unknown) => each)
    expect(thrown).toBeInstanceOf(error)
    expect(thrown).toMatchObject(more)
  }
  await refused(client.createHttpNamespace({ Name: 'shop' }), NamespaceAlreadyExists, { NamespaceId })
  await refused(client.createHttpNamespace({ Name: 'two words' }), InvalidInput)
  await refused(client.createPublicDnsNamespace({ Name: 'localhost' }), InvalidInput)
  await refused(client.createService({ Name: 'web', NamespaceId }), ServiceAlreadyExists, { ServiceId })
  await refused(client.createService({ Name: 'web', NamespaceId: 'ns-none' }), NamespaceNotFound)
  await refused(client.createService({ Name: '-web', NamespaceId }), InvalidInput)
  const DnsConfig = { DnsRecords: [{ Type: 'A' as const, TTL: 5 }] }
  await refused(client.createService({ Name: 'dns', NamespaceId, DnsConfig }), InvalidInput)
  await refused(client.getService({ Id: 'srv-none' }), ServiceNotFound)
  await refused(client.getOperation({ OperationId: 'none' }), OperationNotFound)
  const of = { ServiceId, InstanceId: 'none' }
  await refused(client.getInstance(of), InstanceNotFound)
  await refused(client.deregisterInstance(of), InstanceNotFound)
  await refused(client.registerInstance({ ...of, InstanceId: 'a b', Attributes: {} }), InvalidInput)
  await client.registerInstance({ ...of, Attributes: {} })
  await stage.advance('1s')
  await refused(client.updateInstanceCustomHealthStatus({ ...of, Status: 'HEALTHY' }), CustomHealthNotFound)
  await refused(client.discoverInstances({ NamespaceName: 'shop', ServiceName: 'none' }), ServiceNotFound)
  await refused(client.discoverInstances({ NamespaceName: 'none', ServiceName: 'web' }), NamespaceNotFound)
  const HealthCheckConfig = { Type: 'HTTP' as const }
  await refused(client.createService({ Name: 'checked', NamespaceId, HealthCheckConfig }), Error, {
    name: 'NotImplementedException',
    $metadata: { httpStatusCode: 501 },
  })
})
