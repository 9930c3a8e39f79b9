/** Hosted zones through the SDK's client: made, listed, tagged, deleted, and refused. */
import { expect, test } from 'vitest'
import { records, testZone } from './harness.ts'

test('a public zone is made with four name servers and its NS and SOA records', async () => {
  await using stage = await testZone()
  const { route53, zoneId } = stage
  const { HostedZone, DelegationSet } = await route53.getHostedZone({ Id: zoneId })
  expect(HostedZone).toMatchObject({
    Id: expect.stringMatching(/^\/hostedzone\/Z[0-9A-Z]+$/),
    Name: 'example.com.',
    CallerReference: 'first',
    Config: { PrivateZone: false },
    ResourceRecordSetCount: 2,
  })
  expect(DelegationSet?.NameServers).toHaveLength(4)
  const { ResourceRecordSets } = await route53.listResourceRecordSets({ HostedZoneId: zoneId })
  expect(ResourceRecordSets).toEqual([
    {
      Name: 'example.com.',
      Type: 'NS',
      TTL: 172_800,
      ResourceRecords: DelegationSet?.NameServers?.map((name) => ({ Value: `${name}.` })),
    },
    {
      Name: 'example.com.',
      Type: 'SOA',
      TTL: 900,
      ResourceRecords: [
        {
          Value: expect.stringMatching(
            /^ns-\d+\..* awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 86400$/,
          ),
        },
      ],
    },
  ])
})

test('a change is PENDING, and then INSYNC on the engine’s clock', async () => {
  await using stage = await testZone()
  const { route53, drydock, zoneId } = stage
  const { ChangeInfo } = await route53.changeResourceRecordSets({
    HostedZoneId: zoneId,
    ChangeBatch: {
      Comment: 'why',
      Changes: [{ Action: 'CREATE', ResourceRecordSet: records('a.example.com', 'A', ['192.0.2.1']) }],
    },
  })
  expect(ChangeInfo).toMatchObject({
    Status: 'PENDING',
    Comment: 'why',
    Id: expect.stringContaining('/change/C'),
  })
  const Id = ChangeInfo?.Id ?? ''
  expect((await route53.getChange({ Id })).ChangeInfo?.Status).toBe('PENDING')
  await drydock.engine.advance('2s')
  expect((await route53.getChange({ Id })).ChangeInfo?.Status).toBe('INSYNC')
  await expect(route53.getChange({ Id: 'C00' })).rejects.toMatchObject({ name: 'NoSuchChange' })
})

test('zones belong to the account, whichever region a request is signed for', async () => {
  await using stage = await testZone()
  const { drydock, zoneId } = stage
  const { Route53 } = await import('@aws-sdk/client-route-53')
  const elsewhere = new Route53({ ...drydock.config, region: 'eu-west-1' })
  expect((await elsewhere.getHostedZone({ Id: zoneId })).HostedZone?.Name).toBe('example.com.')
})

test('zones are listed by id and by name, in pages', async () => {
  await using stage = await testZone()
  const { route53 } = stage
  for (const Name of ['b.org', 'a.example.com', 'a.org'])
    await route53.createHostedZone({ Name, CallerReference: Name })
  const first = await route53.listHostedZones({ MaxItems: 3 })
  expect(first).toMatchObject({ IsTruncated: true, MaxItems: 3 })
  const second = await route53.listHostedZones({ Marker: first.NextMarker })
  expect(second).toMatchObject({ IsTruncated: false, HostedZones: [{ Name: 'a.org.' }] })
  const byName = await route53.listHostedZonesByName({})
  expect(byName.HostedZones?.map(({ Name }) => Name)).toEqual([
    'example.com.',
    'a.example.com.',
    'a.org.',
    'b.org.',
  ])
  const from = await route53.listHostedZonesByName({ DNSName: 'a.org', MaxItems: 1 })
  expect(from).toMatchObject({ HostedZones: [{ Name: 'a.org.' }], IsTruncated: true, NextDNSName: 'b.org.' })
  expect((await route53.getHostedZoneCount({})).HostedZoneCount).toBe(4)
})

test('a private zone has VPCs, which may come and go but for the last', async () => {
  await using stage = await testZone()
  const { route53 } = stage
  const VPC = { VPCId: 'vpc-1', VPCRegion: 'us-east-1' } as const
  const input = { Name: 'internal', CallerReference: 'private', VPC }
  const Id = (await route53.createHostedZone(input)).HostedZone?.Id ?? ''
  expect(await route53.getHostedZone({ Id })).toMatchObject({
    HostedZone: { Config: { PrivateZone: true } },
    VPCs: [VPC],
  })
  await expect(route53.createHostedZone({ ...input, CallerReference: 'again' })).rejects.toMatchObject({
    name: 'ConflictingDomainExists',
  })
  const second = { HostedZoneId: Id, VPC: { ...VPC, VPCId: 'vpc-2' } }
  await route53.associateVPCWithHostedZone(second)
  await route53.disassociateVPCFromHostedZone(second)
  await expect(route53.disassociateVPCFromHostedZone({ HostedZoneId: Id, VPC })).rejects.toMatchObject({
    name: 'LastVPCAssociation',
  })
})

test('a zone is deleted only when nothing but its own records is in it', async () => {
  await using stage = await testZone()
  const { route53, zoneId, create, batch } = stage
  const set = records('a.example.com', 'A', ['192.0.2.1'])
  await create(set)
  await expect(route53.deleteHostedZone({ Id: zoneId })).rejects.toMatchObject({
    name: 'HostedZoneNotEmpty',
    message: 'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
  })
  await batch({ Action: 'DELETE', ResourceRecordSet: set })
  await route53.deleteHostedZone({ Id: zoneId })
  await expect(route53.getHostedZone({ Id: zoneId })).rejects.toMatchObject({
    name: 'NoSuchHostedZone',
    message: `No hosted zone found with ID: ${zoneId.slice(12)}`,
    $metadata: { httpStatusCode: 404 },
  })
})

test('zones are tagged', async () => {
  await using stage = await testZone()
  const { route53, zoneId } = stage
  const ResourceId = zoneId.slice(12)
  const resource = { ResourceType: 'hostedzone', ResourceId } as const
  await route53.changeTagsForResource({
    ...resource,
    AddTags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  })
  await route53.changeTagsForResource({ ...resource, RemoveTagKeys: ['a'] })
  expect((await route53.listTagsForResource(resource)).ResourceTagSet).toEqual({
    ...resource,
    Tags: [{ Key: 'b', Value: '2' }],
  })
})

test.each([
  ['a name with an empty label', { Name: 'a..b', CallerReference: 'x' }, 'InvalidDomainName'],
  ['a reference that was used', { Name: 'b.org', CallerReference: 'first' }, 'HostedZoneAlreadyExists'],
  [
    'a private zone without a VPC',
    { Name: 'b.org', CallerReference: 'x', HostedZoneConfig: { PrivateZone: true } },
    'InvalidInput',
  ],
])('%s is refused', async (_, input, name) => {
  await using stage = await testZone()
  await expect(stage.route53.createHostedZone(input)).rejects.toMatchObject({ name })
})

test('requests beyond a rate that was asked for are throttled', async () => {
  await using stage = await testZone({ route53Rate: { perSecond: 5, burst: 5 } })
  const { route53, drydock } = stage
  const ask = async () => {
    const asked = Array.from({ length: 10 }, () => route53.getHostedZoneCount({}))
    const ends = await Promise.allSettled(asked)
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
    for (const error of refused) expect(error).toMatchObject({ name: 'Throttling', message: 'Rate exceeded' })
    return asked.length - refused.length
  }
  // The zone took one of the burst.
  expect(await ask()).toBe(4)
  await drydock.engine.advance('1s')
  expect(await ask()).toBe(5)
})
