/** Reads the input of a restJson1 or restXml request: path labels, query, headers and body (Smithy: http bindings). */
import type { NormalizedSchema } from '@smithy/core/schema'
import { splitEvery, splitHeader } from '@smithy/core/serde'
import type { SchemaTraitsObject } from '@smithy/types'
import type { Operation } from './model.ts'
import type { Request } from './protocol.ts'
import { bodySchemaOf } from './rest-body.ts'
import { recordOf } from './structure.ts'
import { fromText } from './text.ts'

/** Reads a body, or throws where it cannot be read. */
export interface BodyReader {
  read(schema: NormalizedSchema, body: Uint8Array): Promise<unknown>
}

/** Throws where a label, header or the body cannot be read. */
export async function readRest(operation: Operation, request: Request, codec: BodyReader): Promise<unknown> {
  const { input: schema } = operation
  if (schema.isUnitSchema()) return {}
  const labels = operation.route?.match(request.method, request.url) ?? {}
  const input: Record<string, unknown> = {}
  let hasPayload = false
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits()
    if (traits.httpPayload) hasPayload = true
    const value = traits.httpPayload
      ? await readPayload(member, request.body, codec)
      : readBound(name, member, traits, request, labels)
    if (value !== undefined) input[name] = value
  }
  Object.assign(input, readQueryParams(operation, request.url))
  if (hasPayload || !request.body.length) return input
  return Object.assign(input, recordOf(await codec.read(bodySchemaOf(schema), request.body)))
}

function readBound(
  name: string,
  member: NormalizedSchema,
  traits: SchemaTraitsObject,
  { url, headers }: Request,
  labels: Record<string, string>,
): unknown {
  if (traits.httpLabel) return fromText(member, decodeURIComponent(labels[name] ?? ''))
  if (traits.httpQuery) return readParameter(member, url.searchParams.getAll(traits.httpQuery))
  if (traits.httpHeader) return readHeader(member, headers[traits.httpHeader.toLowerCase()])
  if (traits.httpPrefixHeaders !== undefined)
    return readPrefixed(headers, traits.httpPrefixHeaders.toLowerCase())
  return undefined
}

function readParameter(member: NormalizedSchema, values: readonly string[]): unknown {
  const [first] = values
  if (first === undefined) return undefined
  return member.isListSchema()
    ? values.map((each) => fromText(member.getValueSchema(), each))
    : fromText(member, first)
}

function readHeader(member: NormalizedSchema, header: string | string[] | undefined): unknown {
  if (header === undefined) return undefined
  const text = String(header)
  if (!member.isListSchema()) return fromText(member, text)
  const item = member.getValueSchema()
  // An HTTP date has a comma of its own.
  const hasDates = item.isTimestampSchema() && !/^[\d., ]+$/.test(text)
  const items = hasDates ? splitEvery(text, ',', 2) : splitHeader(text)
  return items.map((each) => fromText(item, each.trim()))
}

function readPrefixed(headers: Request['headers'], prefix: string): unknown {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  if (!found.length) return undefined
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), String(value)]))
}

async function readPayload(member: NormalizedSchema, body: Uint8Array, codec: BodyReader): Promise<unknown> {
  if (!body.length) return undefined
  if (member.isBlobSchema()) return body
  return member.isStringSchema() ? Buffer.from(body).toString() : codec.read(member, body)
}

/** The member that takes all query parameters that no other member and no route has taken. */
function readQueryParams({ input, route }: Operation, { searchParams }: URL): object {
  const members = [...input.structIterator()].map(([name, member]) => ({
    name,
    member,
    traits: member.getMergedTraits(),
  }))
  const rest = members.find(({ traits }) => traits.httpQueryParams)
  if (!rest) return {}
  const taken = new Set([
    ...(route?.query.keys() ?? []),
    ...members.flatMap(({ traits }) => traits.httpQuery ?? []),
  ])
  const keys = [...new Set(searchParams.keys())].filter((key) => !taken.has(key))
  const isLists = rest.member.getValueSchema().isListSchema()
  const values = keys.map((key) => [key, isLists ? searchParams.getAll(key) : searchParams.get(key)])
  return { [rest.name]: Object.fromEntries(values) }
}
