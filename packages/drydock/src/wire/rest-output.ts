/** Writes an output or a modelled error of a REST protocol: status, headers and body (Smithy: http bindings). */

import { Readable } from 'node:stream'
import type { NormalizedSchema } from '@smithy/core/schema'
import { writeEvents } from './event-stream.ts'
import type { Response, Serializer } from './protocol.ts'
import { bodySchemaOf } from './rest-body.ts'
import { membersOf, recordOf } from './structure.ts'
import { toText } from './text.ts'

/** `status` and `contentType` are the usual ones, which members may change. */
export function writeRest(
  schema: NormalizedSchema,
  output: Readonly<Record<string, unknown>>,
  codec: Serializer,
  status: number,
  contentType: string,
): Response {
  const response: Response = { status, headers: {} }
  if (schema.isUnitSchema()) return response
  let hasPayload = false
  for (const [name, member] of schema.structIterator()) {
    const value = output[name]
    const isPayload = member.getMergedTraits().httpPayload !== undefined
    hasPayload ||= isPayload
    if (value === undefined || value === null) continue
    if (isPayload) writePayload(response, member, value, codec, contentType)
    else writeBound(response, member, value)
  }
  if (!hasPayload) response.body = writeBody(schema, output, codec, contentType)
  return response
}

function writeBound(response: Response, member: NormalizedSchema, value: unknown): void {
  const { httpHeader, httpPrefixHeaders, httpResponseCode } = member.getMergedTraits()
  if (httpResponseCode) {
    response.status = Number(value)
  } else if (httpHeader) {
    response.headers[httpHeader.toLowerCase()] = headerText(member, value)
  } else if (httpPrefixHeaders !== undefined) {
    for (const [key, each] of Object.entries(recordOf(value))) {
      response.headers[(httpPrefixHeaders + key).toLowerCase()] = String(each)
    }
  }
}

function headerText(member: NormalizedSchema, value: unknown): string {
  if (!Array.isArray(value)) return toText(member, value)
  return value.map((each) => toText(member.getValueSchema(), each)).join(', ')
}

function writePayload(
  response: Response,
  member: NormalizedSchema,
  value: unknown,
  codec: Serializer,
  contentType: string,
): void {
  if (member.isStreaming() && member.isStructSchema()) {
    response.headers['content-type'] ??= 'application/vnd.amazon.eventstream'
    response.body = writeEvents(member, value as AsyncIterable<object>, codec, contentType)
  } else if (value instanceof Readable || value instanceof Uint8Array || typeof value === 'string') {
    response.body = value
  } else {
    codec.write(member, value)
    response.body = codec.flush()
  }
}

function writeBody(schema: NormalizedSchema, output: unknown, codec: Serializer, contentType: string) {
  const body = bodySchemaOf(schema)
  if (!membersOf(body).length) return contentType.endsWith('json') ? '{}' : ''
  codec.write(body, output)
  return codec.flush()
}
