/** Event stream answers: Lambda's InvokeWithResponseStream, CloudWatch Logs' StartLiveTail (Smithy: event streams). */

import { Readable } from 'node:stream'
import { EventStreamCodec } from '@smithy/core/event-streams'
import type { NormalizedSchema } from '@smithy/core/schema'
import type { MessageHeaders } from '@smithy/types'
import type { Serializer } from './protocol.ts'
import { recordOf } from './structure.ts'

/** The events of `union`, framed as they come. `initial` is the part of an RPC output that is not the stream. */
export function writeEvents(
  union: NormalizedSchema,
  events: AsyncIterable<object>,
  codec: Serializer,
  contentType: string,
  initial?: () => string | Uint8Array,
): Readable {
  return Readable.from(frames(union, events, codec, contentType, initial))
}

async function* frames(
  union: NormalizedSchema,
  events: AsyncIterable<object>,
  codec: Serializer,
  contentType: string,
  initial: (() => string | Uint8Array) | undefined,
): AsyncGenerator<Uint8Array> {
  if (initial) yield frame('initial-response', contentType, initial())
  for await (const event of events) {
    for (const [name, value] of Object.entries(event)) {
      yield writeEvent(name, union.getMemberSchema(name), value, codec, contentType)
    }
  }
}

function writeEvent(
  name: string,
  schema: NormalizedSchema,
  value: unknown,
  codec: Serializer,
  contentType: string,
): Uint8Array {
  const headers: MessageHeaders = {}
  let payload: [schema: NormalizedSchema, value: unknown] = [schema, value]
  for (const [key, member] of schema.structIterator()) {
    const { eventHeader, eventPayload } = member.getMergedTraits()
    const each = recordOf(value)[key]
    if (eventHeader && each !== undefined && each !== null) headers[key] = text(String(each))
    if (eventPayload) payload = [member, each]
  }
  const [payloadSchema, body] = payload
  if (payloadSchema.isBlobSchema())
    return frame(name, 'application/octet-stream', body as Uint8Array, headers)
  if (payloadSchema.isStringSchema()) return frame(name, 'text/plain', String(body), headers)
  codec.write(payloadSchema, body)
  return frame(name, contentType, codec.flush(), headers)
}

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()),
  (string) => Buffer.from(string),
)

const text = (value: string) => ({ type: 'string' as const, value })

function frame(
  name: string,
  contentType: string,
  body: string | Uint8Array,
  more: MessageHeaders = {},
): Uint8Array {
  const type = {
    ':message-type': text('event'),
    ':event-type': text(name),
    ':content-type': text(contentType),
  }
  return codec.encode({
    headers: { ...type, ...more },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  })
}
