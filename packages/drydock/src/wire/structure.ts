/** Structures by schema: members that are there, members that are added, and values as records. */
import { NormalizedSchema } from '@smithy/core/schema'
import type { $SchemaRef, StaticErrorSchema, StaticStructureSchema } from '@smithy/types'

/** The schema of a string. */
export const STRING = 0

/** A structure's members in the order of its schema. */
export type Members = readonly (readonly [name: string, schema: $SchemaRef])[]

/** The schema of a structure. Envelopes of answers are structures too, so the SDK's serializers write them. */
export function structureOf(namespace: string, name: string, members: Members): NormalizedSchema {
  const names = members.map(([each]) => each)
  const schemas = members.map(([, schema]) => schema)
  const tuple: StaticStructureSchema = [3, namespace, name, 0, names, schemas]
  return NormalizedSchema.of(tuple)
}

/** A structure as a member of another: by reference, so that it keeps its name. */
export const nested =
  (structure: NormalizedSchema): $SchemaRef =>
  () =>
    structure.getSchema()

/** The members of a structure or error; none for `unit`. */
export function membersOf(schema: NormalizedSchema): Members {
  const tuple = tupleOf(schema)
  return tuple ? zip(tuple[4], tuple[5]) : []
}

/** The members of an error's schema. */
export const membersOfError = (schema: StaticErrorSchema): Members => zip(schema[4], schema[5])

/** A schema's tuple, where it is a structure. */
export function tupleOf(schema: NormalizedSchema): StaticStructureSchema | undefined {
  const tuple = schema.getSchema()
  return Array.isArray(tuple) && tuple[0] === 3 ? tuple : undefined
}

function zip(names: readonly string[], schemas: readonly $SchemaRef[]): Members {
  return names.flatMap((name, index) => {
    const schema = schemas[index]
    return schema === undefined ? [] : [[name, schema] as const]
  })
}

/** A structure's value; what is not one has no members. */
export const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
