/** Record sets as Route 53 has them, and as core sees them. */
import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { ActualRecord, DiscoveryRecord } from '@capstan/core/discovery/view.ts'
import type { ListedRecordSet, RecordSetChange } from '../wire/route53-protocol.ts'

const ACTIONS = { create: 'CREATE', upsert: 'UPSERT', delete: 'DELETE' } as const

/** One change of a batch. A set with an identifier is multivalue: Capstan writes, and takes over, no other. */
export function changeOf({ action, record }: RecordWrite): RecordSetChange {
  return { Action: ACTIONS[action], ResourceRecordSet: recordSetOf(record) }
}

function recordSetOf({
  name,
  type,
  setIdentifier,
  ttl,
  values,
}: DiscoveryRecord): RecordSetChange['ResourceRecordSet'] {
  return {
    Name: name,
    Type: type,
    ...(setIdentifier !== undefined && { SetIdentifier: setIdentifier, MultiValueAnswer: true }),
    TTL: ttl,
    ResourceRecords: values.map((Value) => ({ Value })),
  }
}

/** A record set that Route 53 lists, everybody's. */
export function actualRecord(set: ListedRecordSet): ActualRecord {
  return {
    name: plainName(set.Name ?? ''),
    type: set.Type ?? '',
    ...(set.SetIdentifier !== undefined && { setIdentifier: set.SetIdentifier }),
    ...(set.TTL !== undefined && { ttl: set.TTL }),
    values: (set.ResourceRecords ?? []).map(({ Value = '' }) => Value),
    isPlain: isPlain(set),
  }
}

/** A deletion names all that a set has, so one with more than a `DiscoveryRecord` can say cannot be taken over. */
function isPlain(set: ListedRecordSet): boolean {
  const more = [
    set.AliasTarget,
    set.Weight,
    set.Region,
    set.Failover,
    set.GeoLocation,
    set.GeoProximityLocation,
    set.CidrRoutingConfig,
    set.TrafficPolicyInstanceId,
    set.HealthCheckId,
  ]
  return more.every((member) => member === undefined)
}

/**
 * A name as people write it: lower case, without the last dot, and `*` where Route 53 lists `\052` (Developer Guide:
 * DNS domain name format). What would not be read back the same (a dot in a label, octets that are no text) stays escaped.
 */
export function plainName(name: string): string {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  const decoded = bare.replaceAll(/\\([0-7]{3})/g, (escaped, octal: string) => {
    const character = String.fromCharCode(Number.parseInt(octal, 8))
    return /[!-~]/.test(character) && character !== '.' && character !== '\\' ? character : escaped
  })
  return decoded.toLowerCase()
}
