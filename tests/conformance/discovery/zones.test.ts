/** The hosted zones of namespaces through the SDK's clients: made, changed, protected, deleted, and refused. */
import { expect, test } from 'vitest'
import { type TestZones, testZones } from './zone-harness.ts'

/** The hosted zone that a namespace names. */
async function zoneOf({ map, route53 }: TestZones, namespaceId: string) {
  const { Namespace } = await map.getNamespace({ Id: namespaceId })
  const Id = Namespace?.Properties?.DnsProperties?.HostedZoneId
  return { namespace: Namespace ?? {}, Id, ...(await route53.getHostedZone({ Id })) }
}

/** The TTL of a zone's SOA record. */
async function soaTtlOf({ route53 }: TestZones, HostedZoneId: string | undefined) {
  const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId })
  return ResourceRecordSets.find(({ Type }) => Type === 'SOA')?.TTL
}

test('a private namespace has a private zone in its VPC, marked as made by Cloud Map', async () => {
  await using stage = await testZones()
  const id = await stage.namespace()
  const { namespace, Id, HostedZone, VPCs } = await zoneOf(stage, id)
  expect(Id).toMatch(/^Z[0-9A-Z]+$/)
  expect(HostedZone).toMatchObject({
    Id: `/hostedzone/${Id}`,
    Name: 'corp.local.',
    Config: {
      PrivateZone: true,
      Comment: `Created by AWS Cloud Map namespace with ARN ${namespace.Arn}`,
    },
    ResourceRecordSetCount: 2,
    LinkedService: { ServicePrincipal: 'servicediscovery.amazonaws.com', Description: namespace.Arn },
  })
  expect(VPCs).toEqual([{ VPCId: 'vpc-1', VPCRegion: 'us-east-1' }])
  expect(await soaTtlOf(stage, Id)).toBe(15)
  const { Namespaces } = await stage.map.listNamespaces({})
  expect(Namespaces?.[0]?.Properties?.DnsProperties).toEqual({ HostedZoneId: Id, SOA: { TTL: 15 } })
})

test('a public namespace has a public zone; its SOA has the TTL that was asked for, then another one', async () => {
  await using stage = await testZones()
  const { map, done } = stage
  const Properties = { DnsProperties: { SOA: { TTL: 60 } } }
  const { NAMESPACE: id = '' } = await done(
    await map.createPublicDnsNamespace({ Name: 'example.com', Properties }),
  )
  const { Id, HostedZone, DelegationSet } = await zoneOf(stage, id)
  expect(HostedZone?.Config?.PrivateZone).toBe(false)
  expect(DelegationSet?.NameServers).toHaveLength(4)
  expect(await soaTtlOf(stage, Id)).toBe(60)
  const change = { Properties: { DnsProperties: { SOA: { TTL: 5 } } } }
  await done(await map.updatePublicDnsNamespace({ Id: id, Namespace: change }))
  expect(await soaTtlOf(stage, Id)).toBe(5)
})

test('what Cloud Map has made in Route 53 is changed by nobody else', async () => {
  await using stage = await testZones()
  const { route53, map } = stage
  const id = await stage.namespace()
  const { Id, namespace } = await zoneOf(stage, id)
  const ResourceRecordSet = {
    Name: 'x.corp.local',
    Type: 'A' as const,
    TTL: 60,
    ResourceRecords: [{ Value: '192.0.2.1' }],
  }
  const refused = {
    name: 'AccessDenied',
    message: `The resource hostedzone/${Id} can only be managed through AWS Cloud Map (${namespace.Arn})`,
    $metadata: { httpStatusCode: 403 },
  }
  const ChangeBatch = { Changes: [{ Action: 'CREATE' as const, ResourceRecordSet }] }
  await expect(route53.changeResourceRecordSets({ HostedZoneId: Id, ChangeBatch })).rejects.toMatchObject(
    refused,
  )
  await expect(route53.deleteHostedZone({ Id })).rejects.toMatchObject(refused)
  await expect(route53.updateHostedZoneComment({ Id, Comment: 'x' })).rejects.toMatchObject(refused)
  const ServiceId = await stage.service(id, 'web', ['A'], { HealthCheckCustomConfig: {} })
  await stage.register(ServiceId, 'i-1', {
    AWS_INSTANCE_IPV4: '192.0.2.1',
    AWS_INIT_HEALTH_STATUS: 'UNHEALTHY',
  })
  const [{ Id: HealthCheckId = '', LinkedService } = {}] =
    (await route53.listHealthChecks({})).HealthChecks ?? []
  expect(LinkedService?.Description).toBe(namespace.Arn)
  const checkRefused = {
    name: 'AccessDenied',
    message: expect.stringContaining(`healthcheck/${HealthCheckId} `),
  }
  await expect(route53.deleteHealthCheck({ HealthCheckId })).rejects.toMatchObject(checkRefused)
  await expect(route53.updateHealthCheck({ HealthCheckId, Inverted: false })).rejects.toMatchObject(
    checkRefused,
  )
  await stage.done(await map.deregisterInstance({ ServiceId, InstanceId: 'i-1' }))
  await map.deleteService({ Id: ServiceId })
  // Its VPCs are the account's own affair.
  await route53.associateVPCWithHostedZone({
    HostedZoneId: Id,
    VPC: { VPCId: 'vpc-2', VPCRegion: 'us-east-1' },
  })
  expect((await zoneOf(stage, id)).VPCs).toHaveLength(2)
  await stage.done(await map.deleteNamespace({ Id: id }))
  await expect(route53.getHostedZone({ Id })).rejects.toMatchObject({ name: 'NoSuchHostedZone' })
})

test('a namespace whose zone Route 53 refuses fails, says why, and leaves nothing', async () => {
  await using stage = await testZones()
  const { map, route53, ended } = stage
  const VPC = { VPCId: 'vpc-1', VPCRegion: 'us-east-1' as const }
  const { HostedZone } = await route53.createHostedZone({ Name: 'corp.local', CallerReference: 'mine', VPC })
  const operation = await ended(await map.createPrivateDnsNamespace({ Name: 'corp.local', Vpc: 'vpc-1' }))
  const zoneId = HostedZone?.Id?.split('/').at(-1)
  expect(operation).toMatchObject({
    Status: 'FAIL',
    ErrorCode: 'CANNOT_CREATE_HOSTED_ZONE',
    ErrorMessage: `The VPC vpc-1 in region us-east-1 has already been associated with the hosted zone ${zoneId} with the same domain name.`,
  })
  expect((await map.listNamespaces({})).Namespaces).toEqual([])
  expect((await route53.listHostedZones({})).HostedZones).toHaveLength(1)
  await route53.deleteHostedZone({ Id: zoneId })
  await stage.namespace()
})
