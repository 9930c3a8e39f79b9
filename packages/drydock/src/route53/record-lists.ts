/** ListResourceRecordSets: by reversed labels, then type, then set identifier (API Reference). */
import type * as client from '@aws-sdk/client-route-53'
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { invalidInput } from './errors.ts'
import { sortKeyOf } from './names.ts'
import type { RecordSetRecord, Route53Operation } from './state.ts'
import { pageSize } from './zone-lists.ts'
import { readDomainName, zoneOf } from './zones.ts'

/** API Reference: ListResourceRecordSets, MaxItems. */
const MOST_ITEMS = 300

export const recordListOperations = {
  ListResourceRecordSets(input, { state }) {
    const { StartRecordName, StartRecordType, StartRecordIdentifier } = input
    const zone = zoneOf(state, input.HostedZoneId)
    if (StartRecordType !== undefined && StartRecordName === undefined)
      throw invalidInput('The input is not valid: a record type was given without a record name')
    if (StartRecordIdentifier !== undefined && StartRecordType === undefined)
      throw invalidInput('The input is not valid: a record identifier was given without a record type')
    const size = pageSize(input.MaxItems, MOST_ITEMS)
    const from =
      StartRecordName === undefined
        ? ''
        : orderOf(readDomainName(StartRecordName), StartRecordType ?? '', StartRecordIdentifier)
    const rest = Object.values(zone.names)
      .flat()
      .map((set) => ({ set, order: orderOf(set.name, set.type, set.setIdentifier) }))
      .filter(({ order }) => order >= from)
      .sort((a, b) => (a.order < b.order ? -1 : 1))
    const next = rest[size]?.set
    return {
      ResourceRecordSets: rest.slice(0, size).map(({ set }) => recordSetView(set)),
      IsTruncated: next !== undefined,
      ...(next && {
        NextRecordName: next.name,
        NextRecordType: next.type as client.RRType,
        ...(next.setIdentifier !== undefined && { NextRecordIdentifier: next.setIdentifier }),
      }),
      MaxItems: size,
    }
  },
} satisfies Partial<Handlers<typeof client, Route53Operation>>

const orderOf = (name: string, type: string, identifier = '') =>
  `${sortKeyOf(name)}\u0000${type}\u0000${identifier}`

/** A record set as answers show it. */
export function recordSetView(set: RecordSetRecord): ResourceRecordSet {
  const { alias } = set
  return {
    Name: set.name,
    Type: set.type as client.RRType,
    ...(set.setIdentifier !== undefined && { SetIdentifier: set.setIdentifier }),
    ...(set.weight !== undefined && { Weight: set.weight }),
    ...(set.region !== undefined && { Region: set.region as client.ResourceRecordSetRegion }),
    ...(set.failover !== undefined && { Failover: set.failover }),
    ...(set.multivalue && { MultiValueAnswer: true }),
    ...(set.ttl !== undefined && { TTL: set.ttl }),
    ...(set.values && { ResourceRecords: set.values.map((Value) => ({ Value })) }),
    ...(alias && {
      AliasTarget: {
        HostedZoneId: alias.hostedZoneId,
        DNSName: alias.dnsName,
        EvaluateTargetHealth: alias.evaluateTargetHealth,
      },
    }),
    ...(set.healthCheckId !== undefined && { HealthCheckId: set.healthCheckId }),
  }
}
