/** Ids of EC2's resources: their form, and the errors for those that are malformed or name nothing. */
import { AwsError } from '../wire/errors.ts'

/** How ids of a kind begin, and the codes and words of their errors, which EC2 spells for each kind in its own way. */
interface Kind {
  readonly prefix: string
  /** Absent where EC2 does not look at the form: what is malformed is not found. */
  readonly malformed?: string
  readonly missing: string
  /** What stands before the id in the message of `missing`. */
  readonly noun: string
}

const KINDS = {
  interface: {
    prefix: 'eni',
    malformed: 'InvalidNetworkInterfaceId.Malformed',
    missing: 'InvalidNetworkInterfaceID.NotFound',
    noun: 'networkInterface ID',
  },
  instance: {
    prefix: 'i',
    malformed: 'InvalidInstanceID.Malformed',
    missing: 'InvalidInstanceID.NotFound',
    noun: 'instance ID',
  },
  vpc: { prefix: 'vpc', missing: 'InvalidVpcID.NotFound', noun: 'vpc ID' },
  subnet: { prefix: 'subnet', missing: 'InvalidSubnetID.NotFound', noun: 'subnet ID' },
  group: {
    prefix: 'sg',
    malformed: 'InvalidGroupId.Malformed',
    missing: 'InvalidGroup.NotFound',
    noun: 'security group',
  },
  rule: {
    prefix: 'sgr',
    malformed: 'InvalidSecurityGroupRuleId.Malformed',
    missing: 'InvalidSecurityGroupRuleId.NotFound',
    noun: 'security group rule ID',
  },
  routeTable: { prefix: 'rtb', missing: 'InvalidRouteTableID.NotFound', noun: 'routeTable ID' },
  networkAcl: { prefix: 'acl', missing: 'InvalidNetworkAclID.NotFound', noun: 'networkAcl ID' },
} as const satisfies Record<string, Kind>

export type IdKind = keyof typeof KINDS

/** Eight or seventeen hexadecimal digits (EC2 User Guide: resource IDs). */
const DIGITS = /^([0-9a-f]{8}|[0-9a-f]{17})$/

/** Throws `Invalid….Malformed` unless `id` has the form of its kind (EC2 API Reference: error codes). */
export function requireForm(kind: IdKind, id: string): void {
  const { prefix, malformed }: Kind = KINDS[kind]
  if (!malformed || (id.startsWith(`${prefix}-`) && DIGITS.test(id.slice(prefix.length + 1)))) return
  throw new AwsError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`)
}

/** `Invalid….NotFound` for ids of the right form that name nothing (EC2 API Reference: error codes). */
export function notFound(kind: IdKind, ids: readonly string[]): AwsError {
  const { missing, noun } = KINDS[kind]
  const message =
    ids.length > 1
      ? `The ${noun}s '${ids.join(', ')}' do not exist`
      : `The ${noun} '${ids[0]}' does not exist`
  return new AwsError(missing, message)
}

/** The record that an id names. Throws the one error or the other. */
export function named<T>(kind: IdKind, id: string, records: Readonly<Record<string, T>>): T {
  requireForm(kind, id)
  const record = Object.hasOwn(records, id) ? records[id] : undefined
  if (record === undefined) throw notFound(kind, [id])
  return record
}

/** Those of the records that ids name, or all if there are none. Throws the one error or the other. */
export function namedOrAll<T>(
  kind: IdKind,
  ids: readonly string[] | undefined,
  records: Readonly<Record<string, T>>,
): T[] {
  if (!ids?.length) return Object.values(records)
  for (const id of ids) requireForm(kind, id)
  const missing = ids.filter((id) => !Object.hasOwn(records, id))
  if (missing.length) throw notFound(kind, missing)
  return [...new Set(ids)].flatMap((id) => records[id] ?? [])
}
