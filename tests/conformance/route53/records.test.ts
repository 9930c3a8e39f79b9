/** Record sets through the SDK's client: batches that hold together, the order of lists, and what is refused in which words. */
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53'
import { expect, test } from 'vitest'
import { records, testZone } from './harness.ts'

const create = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet })
const remove = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet })
const upsert = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet })
const a = (name: string, ...values: string[]) =>
  records(`${name}.example.com`, 'A', values.length ? values : ['192.0.2.1'])
const weighted = (id: string, Weight: number, address = '192.0.2.1') =>
  records('w.example.com', 'A', [address], { SetIdentifier: id, Weight })

test('a batch is done whole or not at all', async () => {
  await using stage = await testZone()
  const { route53, zoneId, batch } = stage
  await batch(create(a('old')))
  await expect(batch(create(a('new')), create(a('old')))).rejects.toMatchObject({
    name: 'InvalidChangeBatch',
    message:
      "[Tried to create resource record set [name='old.example.com.', type='A'] but it already exists]",
  })
  await batch(remove(a('old')), create(a('old', '192.0.2.9')), upsert(a('other')))
  const { ResourceRecordSets = [] } = await route53.listResourceRecordSets({ HostedZoneId: zoneId })
  expect(ResourceRecordSets.slice(2)).toEqual([
    { Name: 'old.example.com.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.9' }] },
    { Name: 'other.example.com.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
  ])
})

test('a deletion names the whole record set', async () => {
  await using stage = await testZone()
  await stage.batch(create(a('a', '192.0.2.1', '192.0.2.2')))
  for (const other of [a('a', '192.0.2.1'), { ...a('a', '192.0.2.1', '192.0.2.2'), TTL: 61 }])
    await expect(stage.batch(remove(other))).rejects.toMatchObject({
      message: `[Tried to delete resource record set ${label} but the values provided do not match the current values]`,
    })
  await stage.batch(remove(a('a', '192.0.2.2', '192.0.2.1')))
})

test('lists go by reversed labels, type and identifier, in pages from a given record', async () => {
  await using stage = await testZone()
  const { route53, zoneId, batch } = stage
  await batch(
    ...['z', 'b.a', 'a', '*'].map((name) => create(a(name))),
    create(weighted('two', 2)),
    create(weighted('one', 1)),
    create(records('a.example.com', 'TXT', ['"x" "y"'])),
  )
  const list = async (input: object) => {
    const page = await route53.listResourceRecordSets({ HostedZoneId: zoneId, ...input })
    const shown = page.ResourceRecordSets?.map((set) =>
      `${set.Name} ${set.Type} ${set.SetIdentifier ?? ''}`.trim(),
    )
    return { ...page, shown }
  }
  const names = [
    'example.com. NS',
    'example.com. SOA',
    '\\052.example.com. A',
    'a.example.com. A',
    'a.example.com. TXT',
    'b.a.example.com. A',
    'w.example.com. A one',
    'w.example.com. A two',
    'z.example.com. A',
  ]
  expect((await list({})).shown).toEqual(names)
  const page = await list({ MaxItems: 7 })
  expect(page).toMatchObject({
    IsTruncated: true,
    NextRecordName: 'w.example.com.',
    NextRecordType: 'A',
    NextRecordIdentifier: 'two',
  })
  const next = await list({
    StartRecordName: page.NextRecordName,
    StartRecordType: page.NextRecordType,
    StartRecordIdentifier: page.NextRecordIdentifier,
  })
  expect([...(page.shown ?? []), ...(next.shown ?? [])]).toEqual(names)
  await expect(list({ StartRecordType: 'A' })).rejects.toMatchObject({ name: 'InvalidInput' })
})

test('a name has at most 100 weighted record sets of a type', async () => {
  await using stage = await testZone()
  const many = Array.from({ length: 101 }, (_, i) => create(weighted(`${i}`, 1, `192.0.2.${i}`)))
  await stage.batch(...many.slice(0, 100))
  await expect(stage.batch(...many.slice(100))).rejects.toMatchObject({ name: 'InvalidChangeBatch' })
})

test('a batch has at most 1,000 records, of which those of UPSERT count twice', async () => {
  await using stage = await testZone()
  const many = (count: number) => Array.from({ length: count }, (_, i) => a(`n${i}`))
  const message = '[Number of records limit of 1000 exceeded.]'
  await expect(stage.batch(...many(501).map(upsert))).rejects.toMatchObject({ message })
  await expect(stage.batch(...many(1001).map(create))).rejects.toMatchObject({ message })
  await stage.batch(...many(1000).map(create))
})

const label = "[name='a.example.com.', type='A']"
const fatal = (code: string, what: string, value: string) =>
  `Invalid Resource Record: 'FATAL problem: ${code} (${what}) encountered with '${value}''`

test.each<[string, Change[], string]>([
  [
    'a deletion of nothing',
    [remove(a('a'))],
    `Tried to delete resource record set ${label} but it was not found`,
  ],
  [
    'a CNAME beside another record',
    [create(a('a')), create(records('a.example.com', 'CNAME', ['b.example.com']))],
    'RRSet of type CNAME with DNS name a.example.com. is not permitted because a conflicting RRSet of type A with the same DNS name already exists in zone example.com.',
  ],
  [
    'a CNAME at the apex',
    [create(records('example.com', 'CNAME', ['b.example.org']))],
    'RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.',
  ],
  [
    'a name outside the zone',
    [create(records('a.example.org', 'A', ['192.0.2.1']))],
    'RRSet with DNS name a.example.org. is not permitted in zone example.com.',
  ],
  [
    'the same record set twice',
    [create(a('a')), create(a('a'))],
    "The request contains an invalid set of changes for a resource record set 'A a.example.com.'",
  ],
  [
    'an alias to a name that is not in its zone',
    [
      create({
        Name: 'a.example.com',
        Type: 'A',
        AliasTarget: { HostedZoneId: 'ZONE', DNSName: 'b.example.com', EvaluateTargetHealth: false },
      }),
    ],
    'Tried to create an alias that targets b.example.com., type A in zone ZONE, but that target was not found',
  ],
  [
    'an address that is none',
    [create(a('a', '1.2.3'))],
    fatal('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', '1.2.3'),
  ],
  [
    'a text without quotation marks',
    [create(records('a.example.com', 'TXT', ['text']))],
    fatal('InvalidCharacterString', 'Value should be enclosed in quotation marks', 'text'),
  ],
  [
    'a text that is too long',
    [create(records('a.example.com', 'TXT', [`"${'x'.repeat(256)}"`]))],
    fatal('CharacterStringTooLong', 'Value is too long', `"${'x'.repeat(256)}"`),
  ],
  [
    'an MX with one field',
    [create(records('a.example.com', 'MX', ['10']))],
    fatal('MXRRDATANotTwoFields', "MX record doesn't have 2 fields", '10'),
  ],
  [
    'an SRV with three fields',
    [create(records('a.example.com', 'SRV', ['1 2 3']))],
    fatal('SRVRRDATANotFourFields', "SRV record doesn't have 4 fields", '1 2 3'),
  ],
  ['an empty label', [create(a('a.'))], fatal('DomainLabelEmpty', 'Domain label is empty', 'a..example.com')],
  [
    'a label of 64 characters',
    [create(a('x'.repeat(64)))],
    fatal('DomainLabelTooLong', 'Domain label is too long', `${'x'.repeat(64)}.example.com`),
  ],
  ['a value twice', [create(a('a', '192.0.2.1', '192.0.2.1'))], "Duplicate Resource Record: '192.0.2.1'"],
  [
    'a latency record beside a weighted one',
    [
      create(weighted('one', 1)),
      create(records('w.example.com', 'A', ['192.0.2.2'], { SetIdentifier: 'two', Region: 'eu-west-2' })),
    ],
    'RRSet with DNS name w.example.com., type A, SetIdentifier two, and Region Name=eu-west-2 cannot be created because a non-latency RRSet with the same name and type already exists.',
  ],
])('%s is refused, and nothing is changed', async (_, changes, message) => {
  await using stage = await testZone()
  const sent = changes.map((change) => {
    const target = change.ResourceRecordSet?.AliasTarget
    return target
      ? {
          ...change,
          ResourceRecordSet: {
            ...change.ResourceRecordSet,
            AliasTarget: { ...target, HostedZoneId: stage.zoneId.slice(12) },
          },
        }
      : change
  }) as Change[]
  await expect(stage.batch(...sent)).rejects.toMatchObject({
    name: 'InvalidChangeBatch',
    message: `[${message.replace('zone ZONE', `zone ${stage.zoneId.slice(12)}`)}]`,
  })
  const { HostedZone } = await stage.route53.getHostedZone({ Id: stage.zoneId })
  expect(HostedZone?.ResourceRecordSetCount).toBe(2)
})

test.each<[string, Partial<ResourceRecordSet>, string]>([
  ['no TTL', { TTL: undefined }, "Missing field 'TTL'"],
  ['no values', { ResourceRecords: undefined }, "Missing field 'ResourceRecords'"],
  ['a weight without an identifier', { Weight: 1 }, "Missing field 'SetIdentifier'"],
  ['a weight of 256', { Weight: 256, SetIdentifier: 'x' }, 'Weight must be from 0 to 255'],
  ['two routings', { Weight: 1, MultiValueAnswer: true, SetIdentifier: 'x' }, 'but found more than one'],
  ['a TTL below 0', { TTL: -1 }, 'TTL must be'],
])('%s is invalid input', async (_, more, message) => {
  await using stage = await testZone()
  const set = { ...a('a'), ...more } as ResourceRecordSet
  await expect(stage.batch(create(set))).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining(message),
  })
})

test('what Route 53 has and Drydock has not is said, not pretended', async () => {
  await using stage = await testZone()
  const set = { ...a('a'), SetIdentifier: 'x', GeoLocation: { CountryCode: 'DE' } }
  await expect(stage.batch(create(set))).rejects.toMatchObject({ name: 'NotImplementedException' })
})
