/** Writes the output of an operation, whichever protocol it was called in. */
import type { NormalizedSchema } from '@smithy/core/schema'
import { writeEvents } from './event-stream.ts'
import type { Operation, ServiceModel } from './model.ts'
import {
  codecOf,
  contentTypeOf,
  finish,
  isQuery,
  isRest,
  type ProtocolName,
  type Response,
  type Serializer,
} from './protocol.ts'
import { writeRest } from './rest-output.ts'
import { type Members, membersOf, nested, recordOf, STRING, structureOf } from './structure.ts'

/** Throws where the output does not fit its schema, which is a bug of the handler. */
export function writeOutput(
  service: ServiceModel,
  operation: Operation,
  protocol: ProtocolName,
  output: unknown,
  requestId: string,
): Response {
  const serializer = codecOf(service, protocol).createSerializer()
  const value = recordOf(output)
  return finish(write(service, operation, protocol, value, requestId, serializer), protocol, requestId)
}

function write(
  service: ServiceModel,
  operation: Operation,
  protocol: ProtocolName,
  value: Record<string, unknown>,
  requestId: string,
  serializer: Serializer,
): Response {
  const { output: schema, route } = operation
  if (isRest(protocol)) {
    return writeRest(schema, value, serializer, route?.status ?? 200, contentTypeOf(protocol))
  }
  if (isQuery(protocol)) return writeQuery(operation, protocol, value, requestId, serializer)
  const response: Response = { status: 200, headers: {} }
  if (schema.isUnitSchema()) return protocol === 'rpcv2Cbor' ? response : { ...response, body: '{}' }
  const stream = schema.getEventStreamMember()
  if (stream) return writeStream(service, operation, stream, value, serializer, contentTypeOf(protocol))
  serializer.write(schema, value)
  return { ...response, body: serializer.flush() }
}

function writeStream(
  service: ServiceModel,
  { name, output: schema }: Operation,
  stream: string,
  value: Record<string, unknown>,
  serializer: Serializer,
  contentType: string,
): Response {
  const rest = membersOf(schema).filter(([member]) => member !== stream)
  const initial = () => {
    serializer.write(structureOf(service.namespace, name, rest), value)
    return serializer.flush()
  }
  const events = value[stream] as AsyncIterable<object>
  const body = writeEvents(schema.getMemberSchema(stream), events, serializer, contentType, initial)
  return { status: 200, headers: { 'content-type': 'application/vnd.amazon.eventstream' }, body }
}

function writeQuery(
  operation: Operation,
  protocol: ProtocolName,
  value: Record<string, unknown>,
  requestId: string,
  serializer: Serializer,
): Response {
  const isEc2 = protocol === 'ec2Query'
  const wrapped = { [`${operation.name}Result`]: value, ResponseMetadata: { RequestId: requestId } }
  serializer.write(envelopeOf(operation, isEc2), isEc2 ? { ...value, requestId } : wrapped)
  return { status: 200, headers: {}, body: serializer.flush() }
}

const envelopes = new WeakMap<Operation, NormalizedSchema>()

/** `<OpResponse><OpResult>…</OpResult><ResponseMetadata>…`, or EC2's flat `<OpResponse>`, made once. */
function envelopeOf(operation: Operation, isEc2: boolean): NormalizedSchema {
  const known = envelopes.get(operation)
  if (known) return known
  const members = isEc2 ? ec2Members(operation) : queryMembers(operation)
  const made = structureOf('aws', `${operation.name}Response`, members)
  envelopes.set(operation, made)
  return made
}

const ec2Members = ({ output }: Operation): Members => [['requestId', STRING], ...membersOf(output)]

function queryMembers({ name, output }: Operation): Members {
  const metadata = structureOf('aws', 'ResponseMetadata', [['RequestId', STRING]])
  const result: Members = output.isUnitSchema() ? [] : [[`${name}Result`, nested(output)]]
  return [...result, ['ResponseMetadata', nested(metadata)]]
}
