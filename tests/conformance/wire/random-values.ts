/** Random values for a schema: the same ones for the same seed, with the characters that break naive writers. */
import type { NormalizedSchema } from '@smithy/core/schema'

const WORDS = [
  'a',
  'Ünï ✓',
  'x<y>&"z\'',
  ' lead',
  'new\nline\ttab',
  '',
  '100%',
  'a+b c/d?e=f&g',
  '__proto__',
  '😀',
  ']]>',
]
/** Headers carry less than bodies. */
const HEADER_WORDS = ['a', 'b-c', 'd e']
const EPOCH_2026_MS = 1_767_225_600_000

/**
 * Members that no server can get right: the EC2 client adds presigned URLs of its own, SQS's query model gives two
 * members one name, and EndpointId and EvaluationWindow are changed by the clients.
 */
const NOT_OURS = new Set(['PresignedUrl', 'EndpointId', 'EvaluationWindow', 'MessageSystemAttributeNames'])

/** Whether a member can be compared after a round trip. */
export const isOurs = (member: string): boolean => !NOT_OURS.has(member)

/** Makes values for any schema. */
export class RandomValues {
  #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A value for `schema`, small enough for deep and recursive ones. */
  make(schema: NormalizedSchema, depth = 0, inHeader = false): unknown {
    const traits = schema.getMergedTraits()
    const bound = inHeader || traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined
    if (schema.isUnitSchema()) return {}
    if (schema.isUnionSchema()) return this.#union(schema, depth)
    if (schema.isStructSchema()) return this.#structure(schema, depth, bound)
    if (schema.isListSchema()) return this.#list(schema, depth, bound)
    if (schema.isMapSchema()) return this.#map(schema, depth, bound)
    return this.#scalar(schema, bound)
  }

  #below(limit: number): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return (this.#seed >> 8) % limit
  }

  #oneOf<T>(values: readonly T[]): T {
    return values[this.#below(values.length)] as T
  }

  #union(schema: NormalizedSchema, depth: number): unknown {
    const members = [...schema.structIterator()]
    const flat = members.filter(([, member]) => !member.isStructSchema())
    const [name, member] = this.#oneOf(depth > 6 && flat.length ? flat : members)
    return { [name]: this.make(member, depth + 1) }
  }

  #structure(schema: NormalizedSchema, depth: number, inHeader: boolean): unknown {
    const members = [...schema.structIterator()].filter(
      ([name, member]) => isOurs(name) && !isEventStream(member),
    )
    const required = requiredMembers(schema)
    const value: Record<string, unknown> = {}
    for (const [name, member] of members) {
      const isNested = member.isStructSchema() || member.isListSchema() || member.isMapSchema()
      const isOptional =
        !required.has(name) && !member.getMergedTraits().httpLabel && !member.isIdempotencyToken()
      const isSpared = (depth > 3 || this.#below(4) === 0) && (Object.keys(value).length > 0 || isNested)
      if (!(isOptional && isSpared)) value[name] = this.#member(member, depth, inHeader)
    }
    const [first] = members
    // The query protocols cannot carry an empty structure.
    if (!Object.keys(value).length && first && depth < 12)
      value[first[0]] = this.make(first[1], depth + 1, inHeader)
    return value
  }

  #member(member: NormalizedSchema, depth: number, inHeader: boolean): unknown {
    const traits = member.getMergedTraits()
    if (traits.httpResponseCode) return 200
    return traits.httpLabel ? this.#label(member) : this.make(member, depth + 1, inHeader)
  }

  #label(member: NormalizedSchema): unknown {
    if (member.isNumericSchema()) return this.#below(99)
    return member.isTimestampSchema() ? new Date(EPOCH_2026_MS) : `l${this.#below(999)}/x:y z%`
  }

  #list(schema: NormalizedSchema, depth: number, inHeader: boolean): unknown {
    const make = () => this.make(schema.getValueSchema(), depth + 1, inHeader)
    return Array.from({ length: 1 + this.#below(2) }, make)
  }

  #map(schema: NormalizedSchema, depth: number, inHeader: boolean): unknown {
    const make = () => this.make(schema.getValueSchema(), depth + 1, inHeader)
    const first = { [`k-${this.#below(99)}`]: make() }
    return this.#below(2) ? { ...first, [`z.${this.#below(99)}`]: make() } : first
  }

  #scalar(schema: NormalizedSchema, inHeader: boolean): unknown {
    if (schema.isStringSchema()) return this.#text(schema, inHeader)
    if (schema.isBooleanSchema()) return this.#below(2) === 1
    if (schema.isNumericSchema()) return this.#below(100_000)
    if (schema.isBigIntegerSchema()) return BigInt(this.#below(99))
    if (schema.isTimestampSchema()) return new Date(EPOCH_2026_MS + this.#below(1e6) * 1000)
    if (schema.isBlobSchema()) return new Uint8Array([this.#below(256), 0, this.#below(256)])
    if (schema.isDocumentSchema()) return { a: [1, 'b', true] }
    throw new Error(`No value for ${schema.getName()}`)
  }

  #text(schema: NormalizedSchema, inHeader: boolean): string {
    if (String(schema.getMergedTraits().mediaType).includes('json')) return `{"a":${this.#below(9)}}`
    return this.#oneOf(inHeader ? HEADER_WORDS : WORDS)
  }
}

const isEventStream = (member: NormalizedSchema) => member.isStreaming() && member.isStructSchema()

/** Required members come first in a structure's schema; its seventh element says how many there are. */
function requiredMembers(schema: NormalizedSchema): Set<string> {
  const tuple = schema.getSchema()
  if (!Array.isArray(tuple) || tuple[0] !== 3) return new Set()
  return new Set(tuple[4].slice(0, tuple[6] ?? 0))
}

/** Drops what no protocol can carry, and turns the SDK's wrappers into plain values, so that two sides compare. */
export async function plain(value: unknown): Promise<unknown> {
  if (value === undefined || value === null) return undefined
  if (value instanceof Uint8Array) return [...value]
  if (value instanceof String) return String(value)
  if (typeof value !== 'object' || value instanceof Date) return value
  if (Array.isArray(value)) return Promise.all(value.map(plain))
  if ('transformToByteArray' in value && typeof value.transformToByteArray === 'function') {
    return [...(await value.transformToByteArray())]
  }
  const entries: [string, unknown][] = []
  for (const [key, member] of Object.entries(value)) {
    const kept = await plain(member)
    if (kept !== undefined && isOurs(key) && !SDK_MEMBERS.test(key)) entries.push([key, kept])
  }
  return Object.fromEntries(entries)
}

const SDK_MEMBERS = /^(\$metadata|EventStream|responseStream|fieldStream)$/
