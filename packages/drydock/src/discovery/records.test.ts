/** The records of an instance, by what its service has and what it is. */
import type { RecordType } from '@aws-sdk/client-servicediscovery'
import { expect, test } from 'vitest'
import { namesOf, type RecordPlace, recordSetsOf } from './records.ts'
import type { InstanceRecord, ServiceRecord } from './state.ts'

const SERVICE: ServiceRecord = {
  id: 'srv-1',
  arn: 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1',
  name: 'web',
  namespaceId: 'ns-1',
  hasCustomHealth: true,
  creatorRequestId: 'test',
  createdAt: 0,
  tags: {},
  attributes: {},
  revision: 1,
  instances: {},
}

const serviceOf = (types: readonly RecordType[], isWeighted = false): ServiceRecord => ({
  ...SERVICE,
  dns: {
    routingPolicy: isWeighted ? 'WEIGHTED' : 'MULTIVALUE',
    records: types.map((type, index) => ({ type, ttl: index + 1 })),
  },
})

const instanceOf = (attributes: Record<string, string>): InstanceRecord => ({
  id: 'i-1',
  attributes,
  creatorRequestId: 'test',
})

const PLACE: RecordPlace = { namespaceName: 'corp.local' }
const V4 = { AWS_INSTANCE_IPV4: '192.0.2.1' }
const V6 = { AWS_INSTANCE_IPV6: '2001:db8::1' }

/** `name type ttl value-or-alias routing [health check]` of each. */
const summaries = (service: ServiceRecord, attributes: Record<string, string>, place = PLACE) =>
  recordSetsOf(service, instanceOf(attributes), place).map((set) => {
    const data = set.AliasTarget?.DNSName ?? set.ResourceRecords?.map(({ Value }) => Value).join()
    const routing = set.MultiValueAnswer ? 'multivalue' : `weight ${set.Weight}`
    return [set.Name, set.Type, set.TTL ?? '-', data, routing, set.HealthCheckId ?? ''].join(' ').trim()
  })

test.each<[string, ServiceRecord, Record<string, string>, string[]]>([
  ['no records in a service without them', SERVICE, V4, []],
  [
    'each type with its own TTL',
    serviceOf(['A', 'AAAA']),
    { ...V4, ...V6 },
    ['web.corp.local A 1 192.0.2.1 multivalue', 'web.corp.local AAAA 2 2001:db8::1 multivalue'],
  ],
  [
    'of two addresses the one that the service has records of',
    serviceOf(['AAAA'], true),
    { ...V4, ...V6 },
    ['web.corp.local AAAA 1 2001:db8::1 weight 1'],
  ],
  [
    'a name for an SRV record to lead to',
    serviceOf(['SRV']),
    { ...V6, AWS_INSTANCE_PORT: '80' },
    [
      'web.corp.local SRV 1 1 1 80 i-1.web.corp.local multivalue',
      'i-1.web.corp.local AAAA 1 2001:db8::1 multivalue',
    ],
  ],
  [
    'aliases without a TTL',
    serviceOf(['A', 'AAAA'], true),
    { AWS_ALIAS_DNS_NAME: 'lb.example.com' },
    ['web.corp.local A - lb.example.com weight 1', 'web.corp.local AAAA - lb.example.com weight 1'],
  ],
])('an instance has %s', (_, service, attributes, expected) => {
  expect(summaries(service, attributes)).toEqual(expected)
})

test('an unhealthy instance is checked at the name of the service, not at its own', () => {
  const place = { ...PLACE, unhealthyCheckId: 'never' }
  expect(summaries(serviceOf(['SRV']), { ...V4, AWS_INSTANCE_PORT: '80' }, place)).toEqual([
    'web.corp.local SRV 1 1 1 80 i-1.web.corp.local multivalue never',
    'i-1.web.corp.local A 1 192.0.2.1 multivalue',
  ])
})

test('only with SRV records does an instance have a name of its own', () => {
  expect(namesOf(serviceOf(['A']), 'i-1', 'corp.local')).toEqual(['web.corp.local'])
  expect(namesOf(serviceOf(['SRV']), 'i-1', 'corp.local')).toEqual(['web.corp.local', 'i-1.web.corp.local'])
})
