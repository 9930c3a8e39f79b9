/**
 * Checks an input against its schema: types and required members. Lengths, ranges, patterns and enums are not in the
 * SDK's schemas; they are the operations' to check.
 */

import type { NormalizedSchema } from '@smithy/core/schema'
import { isRecord } from '../json.ts'
import { AwsError } from './errors.ts'
import { violationsMessage, violationText } from './violation.ts'

/** Throws AwsError: SerializationException for a wrong type, ValidationException that names all missing members. */
export function validate(schema: NormalizedSchema, input: unknown): void {
  const missing: string[] = []
  if (isNull(input)) throw wrongType('', 'structure')
  walk(schema, input, '', missing)
  if (!missing.length) return
  const reasons = missing.map((path) => violationText(path, null, 'Member must not be null'))
  throw new AwsError('ValidationException', violationsMessage(reasons), { kind: 'invalid' })
}

function walk(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (isNull(value)) return
  if (schema.isStructSchema()) walkStructure(schema, value, path, missing)
  else if (schema.isListSchema()) walkList(schema, value, path, missing)
  else if (schema.isMapSchema()) walkMap(schema, value, path, missing)
  else checkScalar(schema, value, path)
}

function walkStructure(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!isRecord(value)) throw wrongType(path, 'structure')
  const required = requiredCount(schema)
  let index = 0
  for (const [name, member] of schema.structIterator()) {
    const at = path ? `${path}.${name}` : name
    if (index++ < required && isNull(value[name])) missing.push(at)
    else walk(member, value[name], at, missing)
  }
}

function walkList(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!Array.isArray(value)) throw wrongType(path, 'list')
  const item = schema.getValueSchema()
  for (const [index, each] of value.entries()) {
    const at = `${path}.${index + 1}.member`
    refuseNull(schema, each, at)
    walk(item, each, at, missing)
  }
}

function walkMap(schema: NormalizedSchema, value: unknown, path: string, missing: string[]): void {
  if (!isRecord(value)) throw wrongType(path, 'map')
  const item = schema.getValueSchema()
  for (const [key, each] of Object.entries(value)) {
    refuseNull(schema, each, `${path}.${key}`)
    walk(item, each, `${path}.${key}`, missing)
  }
}

/** Smithy 2.0, sparse trait: lists and maps have no null values unless they are sparse. */
function refuseNull(schema: NormalizedSchema, value: unknown, path: string): void {
  if (!isNull(value) || schema.getMergedTraits().sparse) return
  throw new AwsError('SerializationException', `${path} must not be null`, { kind: 'malformed' })
}

function checkScalar(schema: NormalizedSchema, value: unknown, path: string): void {
  if (schema.isStringSchema()) {
    if (typeof value !== 'string' && !(value instanceof String)) throw wrongType(path, 'string')
  } else if (schema.isBooleanSchema()) {
    if (typeof value !== 'boolean') throw wrongType(path, 'boolean')
  } else if (schema.isNumericSchema()) {
    if (typeof value !== 'number') throw wrongType(path, 'number')
  } else if (schema.isTimestampSchema()) {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrongType(path, 'timestamp')
  } else if (schema.isBlobSchema()) {
    if (!(value instanceof Uint8Array)) throw wrongType(path, 'blob')
  }
}

/** Required members come first in a structure's schema; its seventh element says how many there are. */
function requiredCount(schema: NormalizedSchema): number {
  const tuple = schema.getSchema()
  return Array.isArray(tuple) && tuple[0] === 3 ? (tuple[6] ?? 0) : 0
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined

const wrongType = (path: string, expected: string) =>
  new AwsError('SerializationException', `${path || 'Input'} must be of type ${expected}`, {
    kind: 'malformed',
  })
