/** Reads and checks the input of a request, whichever protocol it came in. */
import { messageOf } from '../message-of.ts'
import { AwsError } from './errors.ts'
import type { Operation, ServiceModel } from './model.ts'
import { codecOf, isQuery, isRest, type ProtocolName, type Request } from './protocol.ts'
import { readQuery } from './query.ts'
import { type BodyReader, readRest } from './rest-input.ts'
import { validate } from './validate.ts'

/** Throws AwsError where the input cannot be read, or does not fit its schema. */
export async function readInput(
  service: ServiceModel,
  operation: Operation,
  protocol: ProtocolName,
  request: Request,
): Promise<unknown> {
  try {
    const input = await parseInput(service, operation, protocol, request)
    validate(operation.input, input)
    return input
  } catch (error) {
    if (error instanceof AwsError) throw error
    // The SDK's readers throw errors of many kinds, and a RangeError where the input is nested too deep.
    const message = `Could not parse the request: ${messageOf(error)}`
    throw new AwsError('SerializationException', message, { kind: 'malformed' })
  }
}

async function parseInput(
  service: ServiceModel,
  operation: Operation,
  protocol: ProtocolName,
  request: Request,
): Promise<unknown> {
  const { input: schema } = operation
  if (isQuery(protocol))
    return readQuery(schema, request.form ?? new URLSearchParams(), protocol === 'ec2Query')
  const reader = readerOf(service, protocol)
  if (isRest(protocol)) return readRest(operation, request, reader)
  if (schema.isUnitSchema() || !request.body.length) return {}
  return reader.read(schema, request.body)
}

/** Reads bodies as the SDK does, which takes a list for a structure without members: here it is refused. */
function readerOf(service: ServiceModel, protocol: ProtocolName): BodyReader {
  const deserializer = codecOf(service, protocol).createDeserializer()
  const isList = protocol === 'rpcv2Cbor' ? isCborList : isJsonList
  return {
    read: async (schema, body) => {
      if (schema.isStructSchema() && isList(body)) throw new TypeError('the body is a list')
      return deserializer.read(schema, body)
    },
  }
}

const isJsonList = (body: Uint8Array) => /^\s*\[/.test(Buffer.from(body.subarray(0, 1024)).toString('latin1'))

/** RFC 8949 section 3.1: major type 4. */
const isCborList = ([first = 0]: Uint8Array) => first >> 5 === 4
