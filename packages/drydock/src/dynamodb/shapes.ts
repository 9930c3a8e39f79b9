/** The forms of what our own code reads of a request; dynalite checks the rest. */
import { isRecord } from '../json.ts'
import type { Json } from './dynalite.ts'
import { malformed, missing } from './errors.ts'

/** A JSON type (with `!`, required), a list of one shape, or an object with members of known shapes. */
type Shape =
  | 'string'
  | 'string!'
  | 'boolean'
  | 'object'
  | readonly [Shape]
  | { readonly [member: string]: Shape }

const throughput = 'object'
const index = { IndexName: 'string!' } as const
const shapes: Readonly<Record<string, Shape>> = {
  CreateTable: {
    DeletionProtectionEnabled: 'boolean',
    StreamSpecification: { StreamEnabled: 'boolean' },
    TableClass: 'string',
    Tags: [{ Key: 'string!', Value: 'string!' }],
  },
  UpdateTable: {
    AttributeDefinitions: [{ AttributeName: 'string!', AttributeType: 'string!' }],
    DeletionProtectionEnabled: 'boolean',
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          ...index,
          KeySchema: [{ AttributeName: 'string!' }],
          Projection: 'object',
          ProvisionedThroughput: throughput,
        },
        Update: { ...index, ProvisionedThroughput: throughput },
        Delete: index,
      },
    ],
    ProvisionedThroughput: throughput,
    StreamSpecification: { StreamEnabled: 'boolean' },
    TableClass: 'string',
  },
  TransactWriteItems: {
    ClientRequestToken: 'string',
    TransactItems: [{ ConditionCheck: 'object', Put: 'object', Update: 'object', Delete: 'object' }],
  },
  TransactGetItems: { TransactItems: [{ Get: 'object' }] },
  TagResource: { Tags: [{ Key: 'string!', Value: 'string!' }] },
  UpdateTimeToLive: { TimeToLiveSpecification: { Enabled: 'boolean', AttributeName: 'string' } },
  UpdateContinuousBackups: { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: 'boolean' } },
}

/** Throws SerializationException or ValidationException for an input that the operation could not read. */
export function requireShape(operation: string, input: Json): void {
  const shape = shapes[operation]
  if (shape !== undefined) check(input, shape, '')
}

function check(value: unknown, shape: Shape, path: string): void {
  if (value === undefined || value === null) {
    if (typeof shape === 'string' && shape.endsWith('!')) throw missing(path)
  } else if (isList(shape)) {
    if (!Array.isArray(value)) throw malformed(`${path} must be a list`)
    for (const [at, one] of value.entries()) requireMember(one, shape[0], `${path}.${at + 1}.member`)
  } else if (typeof shape === 'object') {
    if (!isRecord(value)) throw malformed(`${path} must be a structure`)
    for (const [name, member] of Object.entries(shape)) {
      const key = name.charAt(0).toLowerCase() + name.slice(1)
      check(value[name], member, path ? `${path}.${key}` : key)
    }
  } else if (shape === 'object' ? !isRecord(value) : typeof value !== shape.replace('!', '')) {
    throw malformed(`${path} must be of type ${shape.replace('!', '')}`)
  }
}

/** Lists have no holes. */
function requireMember(value: unknown, shape: Shape, path: string): void {
  if (value === undefined || value === null) throw missing(path)
  check(value, shape, path)
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
