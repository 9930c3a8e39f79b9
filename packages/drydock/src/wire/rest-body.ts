/** The part of a REST structure that goes into the body: what is not bound to the path, query or headers. */
import { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaTraitsObject, StaticStructureSchema } from '@smithy/types'
import { membersOf, tupleOf } from './structure.ts'

const bodies = new WeakMap<StaticStructureSchema, NormalizedSchema>()

/** The structure without its bound members, under the same name: an XML body is named after it. */
export function bodySchemaOf(schema: NormalizedSchema): NormalizedSchema {
  const tuple = tupleOf(schema)
  if (!tuple) return schema
  const known = bodies.get(tuple)
  if (known) return known
  const isUnbound = (name: string) => !isBound(schema.getMemberSchema(name).getMergedTraits())
  const members = membersOf(schema).filter(([name]) => isUnbound(name))
  const names = members.map(([name]) => name)
  const schemas = members.map(([, member]) => member)
  const made = NormalizedSchema.of([tuple[0], tuple[1], tuple[2], tuple[3], names, schemas])
  bodies.set(tuple, made)
  return made
}

function isBound(traits: SchemaTraitsObject): boolean {
  const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders } = traits
  const isInBody = !traits.httpPayload && !traits.httpResponseCode
  return (
    !isInBody ||
    Boolean(httpLabel ?? httpQuery ?? httpQueryParams ?? httpHeader) ||
    httpPrefixHeaders !== undefined
  )
}
