/** One change of a batch, read: what may be said together is InvalidInput, what is said wrongly a problem of the batch. */
import type { Change, ResourceRecord, ResourceRecordSet } from '@aws-sdk/client-route-53'
import { invalidInput, notImplemented } from './errors.ts'
import { bareId, canonicalName } from './names.ts'
import { badRecord, RecordProblem } from './record-problem.ts'
import { READABLE_TYPES, readValue } from './record-values.ts'
import type { AliasTarget, RecordSetRecord } from './state.ts'

/** A change with its record set in the form that is kept. */
export interface ReadChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT'
  readonly set: RecordSetRecord
}

/** Types that Route 53 has besides. */
const OTHER_TYPES = ['DS', 'HTTPS', 'NAPTR', 'SSHFP', 'SVCB', 'TLSA']
/** Developer Guide, quotas: records in a record set. */
const MOST_VALUES = 400
const LONGEST_TTL = 2 ** 31 - 1

/** Throws InvalidInput and NotImplementedException at once; RecordProblem for what the batch tells together. */
export function readChange(change: Change): ReadChange {
  const { Action: action, ResourceRecordSet: set } = change
  if (action !== 'CREATE' && action !== 'DELETE' && action !== 'UPSERT')
    throw invalidInput(`Invalid request: Unknown action ${action}`)
  if (!set) throw invalidInput('Invalid request: Missing ResourceRecordSet in Change')
  requireForm(
    set,
    ` in Change with [Action=${action}, Name=${set.Name}, Type=${set.Type}, SetIdentifier=${set.SetIdentifier ?? null}]`,
  )
  return { action, set: readSet(set) }
}

/** Members that go together, and those that do not (API Reference: ResourceRecordSet). */
function requireForm(set: ResourceRecordSet, where: string): void {
  const { Type: type = '', AliasTarget, TTL, ResourceRecords, SetIdentifier, TrafficPolicyInstanceId } = set
  if (OTHER_TYPES.includes(type)) throw notImplemented(`Records of type ${type} are`)
  if (!READABLE_TYPES.includes(type)) throw invalidInput(`Invalid request: Unknown type '${type}'${where}`)
  if (TrafficPolicyInstanceId !== undefined) throw notImplemented('Traffic policies are')
  if (set.GeoLocation ?? set.GeoProximityLocation ?? set.CidrRoutingConfig)
    throw notImplemented('Routing by geography and by CIDR is')
  const forms =
    'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]'
  const hasValues = TTL !== undefined || Boolean(ResourceRecords?.length)
  if (AliasTarget && hasValues) throw invalidInput(`${forms}, but found more than one${where}`)
  if (!AliasTarget && !hasValues) throw invalidInput(`${forms}, but found none${where}`)
  if (!AliasTarget && TTL === undefined) throw invalidInput(`Invalid request: Missing field 'TTL'${where}`)
  if (!AliasTarget && !ResourceRecords?.length)
    throw invalidInput(`Invalid request: Missing field 'ResourceRecords'${where}`)
  const routings = [set.Weight, set.Region, set.Failover, set.MultiValueAnswer || undefined]
  const count = routings.filter((each) => each !== undefined).length
  const names =
    '[Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig]'
  if (count > 1)
    throw invalidInput(`Invalid request: Expected exactly one of ${names}, but found more than one${where}`)
  if (count && !SetIdentifier) throw invalidInput(`Invalid request: Missing field 'SetIdentifier'${where}`)
  if (!count && SetIdentifier !== undefined)
    throw invalidInput(`Invalid request: Expected exactly one of ${names}, but found none${where}`)
  requireRanges(set, where)
}

function requireRanges(
  {
    TTL,
    Weight,
    SetIdentifier = '',
    Failover,
    Type,
    Region,
    MultiValueAnswer,
    AliasTarget,
  }: ResourceRecordSet,
  where: string,
): void {
  if (TTL !== undefined && (!Number.isInteger(TTL) || TTL < 0 || TTL > LONGEST_TTL))
    throw invalidInput(`Invalid request: TTL must be from 0 to ${LONGEST_TTL}${where}`)
  if (Weight !== undefined && (!Number.isInteger(Weight) || Weight < 0 || Weight > 255))
    throw invalidInput(`Invalid request: Weight must be from 0 to 255${where}`)
  if (SetIdentifier.length > 128)
    throw invalidInput(`Invalid request: SetIdentifier must have 1 to 128 characters${where}`)
  if (Failover !== undefined && Failover !== 'PRIMARY' && Failover !== 'SECONDARY')
    throw invalidInput(`Invalid request: Failover must be PRIMARY or SECONDARY${where}`)
  const isRouted = Weight !== undefined || Region !== undefined || Failover !== undefined || MultiValueAnswer
  if (isRouted && (Type === 'NS' || Type === 'SOA'))
    throw invalidInput(`Invalid request: Only simple routing is there for records of type ${Type}${where}`)
  if (MultiValueAnswer && (AliasTarget || Type === 'CNAME'))
    throw invalidInput(`Invalid request: MultiValueAnswer is not there for aliases and CNAME records${where}`)
  if (AliasTarget && (Type === 'NS' || Type === 'SOA'))
    throw invalidInput(`Invalid request: Records of type ${Type} cannot be aliases${where}`)
}

function readSet(set: ResourceRecordSet): RecordSetRecord {
  const { AliasTarget, HealthCheckId, Failover, Region } = set
  const type: string = set.Type ?? ''
  const name = canonicalName(set.Name ?? '')
  const values = AliasTarget ? undefined : readValues(type, set.ResourceRecords ?? [])
  return {
    name,
    type,
    ...(set.SetIdentifier !== undefined && { setIdentifier: set.SetIdentifier }),
    ...(set.TTL !== undefined && { ttl: set.TTL }),
    ...(values && { values }),
    ...(AliasTarget && { alias: readAlias(AliasTarget) }),
    ...(set.Weight !== undefined && { weight: set.Weight }),
    ...(Region !== undefined && { region: Region }),
    ...(Failover !== undefined && { failover: Failover }),
    ...(set.MultiValueAnswer && { multivalue: true }),
    ...(HealthCheckId && { healthCheckId: HealthCheckId }),
  }
}

function readValues(type: string, ResourceRecords: readonly ResourceRecord[]): string[] {
  const values = ResourceRecords.map(({ Value = '' }) => Value)
  if (values.length > MOST_VALUES)
    throw new RecordProblem(`Cannot have more than ${MOST_VALUES} records in a RRSet.`)
  for (const value of values) readValue(type, value)
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  if (twice !== undefined) throw new RecordProblem(`Duplicate Resource Record: '${twice}'`)
  if (type === 'CNAME' && values.length > 1)
    throw badRecord(
      'CNAMERRSetHasMoreThanOneRecord',
      'A CNAME record set can have one value',
      values.join(', '),
    )
  return values
}

function readAlias(target: NonNullable<ResourceRecordSet['AliasTarget']>): AliasTarget {
  return {
    hostedZoneId: bareId(target.HostedZoneId ?? ''),
    dnsName: canonicalName(target.DNSName ?? ''),
    evaluateTargetHealth: target.EvaluateTargetHealth ?? false,
  }
}
