/** Ids of EC2's resources: their form, and the errors for those that are malformed or name nothing. */
import { AwsError } from '../wire/errors.ts'

/** What ids of each kind look like and are called. The codes are spelt as EC2 spells them, each in its own way. */
const KINDS = {
  interface: {
    prefix: 'eni',
    code: 'InvalidNetworkInterfaceID',
    malformed: 'InvalidNetworkInterfaceId',
    noun: 'networkInterface',
  },
  vpc: { prefix: 'vpc', code: 'InvalidVpcID', malformed: 'InvalidVpcID', noun: 'vpc' },
  subnet: { prefix: 'subnet', code: 'InvalidSubnetID', malformed: 'InvalidSubnetID', noun: 'subnet' },
} as const

export type IdKind = keyof typeof KINDS

/** Eight or seventeen hexadecimal digits (EC2 User Guide: resource IDs). */
const DIGITS = /^([0-9a-f]{8}|[0-9a-f]{17})$/

/** Throws `Invalid….Malformed` unless `id` has the form of its kind (EC2 API Reference: Error codes). */
export function requireForm(kind: IdKind, id: string): void {
  const { prefix, malformed } = KINDS[kind]
  if (id.startsWith(`${prefix}-`) && DIGITS.test(id.slice(prefix.length + 1))) return
  throw new AwsError(`${malformed}.Malformed`, `Invalid id: "${id}" (expecting "${prefix}-...")`)
}

/** `Invalid….NotFound` for ids of the right form that name nothing (EC2 API Reference: Error codes). */
export function notFound(kind: IdKind, ids: readonly string[]): AwsError {
  const { code, noun } = KINDS[kind]
  const message =
    ids.length > 1
      ? `The ${noun} IDs '${ids.join(', ')}' do not exist`
      : `The ${noun} ID '${ids[0]}' does not exist`
  return new AwsError(`${code}.NotFound`, message)
}
