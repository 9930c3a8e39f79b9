/** The records of instances in the hosted zone of their namespace: made to be what they should, whatever they are. */
import { isDeepStrictEqual } from 'node:util'
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53'
import { namesOf, recordSetsOf } from '../discovery/records.ts'
import type { InstanceRecord, ServiceRecord } from '../discovery/state.ts'
import { canonicalName } from '../route53/names.ts'
import { recordSetView } from '../route53/record-lists.ts'
import { RecordProblem } from '../route53/record-problem.ts'
import { aliasZoneOf, callRoute53, type NamespaceZone, unhealthyCheckOf, zoneIn } from './namespace-zone.ts'

/** An instance of a service as it should be; without `instance` it should not be there. */
export interface Touch {
  readonly service: ServiceRecord
  readonly instanceId: string
  readonly instance?: InstanceRecord
}

/** Changes what is not right in one batch, whole or not at all. Throws what Route 53 answers. */
export function putRecords(touches: readonly Touch[], zone: NamespaceZone): void {
  const Changes = touches.flatMap((touch) => changesFor(touch, zone))
  if (!Changes.length) return
  const HostedZoneId = zone.namespace.hostedZoneId
  callRoute53(zone, 'ChangeResourceRecordSets', { HostedZoneId, ChangeBatch: { Changes } })
}

function changesFor(touch: Touch, zone: NamespaceZone): Change[] {
  const { service, instanceId, instance } = touch
  const names = namesOf(service, instanceId, zone.namespace.name).map(keptName)
  const record = zoneIn(zone)
  const there = names
    .flatMap((name) => record?.names[name]?.filter((set) => set.setIdentifier === instanceId) ?? [])
    .map(recordSetView)
  const wanted = instance ? wantedSets(service, instance, zone) : []
  const isAt = (a: ResourceRecordSet) => (b: ResourceRecordSet) => a.Name === b.Name && a.Type === b.Type
  return [
    ...there
      .filter((set) => !wanted.some(isAt(set)))
      .map((ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet })),
    ...wanted
      .filter((set) => !isDeepStrictEqual(there.find(isAt(set)), set))
      .map((ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet })),
  ]
}

/** The record sets of an instance, with names in the form that they are kept in. */
function wantedSets(
  service: ServiceRecord,
  instance: InstanceRecord,
  zone: NamespaceZone,
): ResourceRecordSet[] {
  const alias = instance.attributes.AWS_ALIAS_DNS_NAME
  const place = {
    namespaceName: zone.namespace.name,
    ...(instance.health === 'UNHEALTHY' && { unhealthyCheckId: unhealthyCheckOf(zone) }),
    ...(alias !== undefined && { aliasZoneId: aliasZoneOf(zone, alias) }),
  }
  return recordSetsOf(service, instance, place).map(({ AliasTarget, ...set }) => ({
    ...set,
    Name: keptName(set.Name ?? ''),
    ...(AliasTarget && { AliasTarget: { ...AliasTarget, DNSName: keptName(AliasTarget.DNSName ?? '') } }),
  }))
}

/** A name in the form that it is kept in. One that no zone can have stays as it is: Route 53 says what is wrong with it. */
function keptName(name: string): string {
  try {
    return canonicalName(name)
  } catch (error) {
    if (error instanceof RecordProblem) return name
    throw error
  }
}
