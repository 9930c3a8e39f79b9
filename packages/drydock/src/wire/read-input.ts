/** Reads and checks the input of a request, whichever protocol it came in. */
import { AwsError } from './errors.ts'
import type { Operation, ServiceModel } from './model.ts'
import { codecOf, isQuery, isRest, type ProtocolName, type Request } from './protocol.ts'
import { readQuery } from './query.ts'
import { readRest } from './rest-input.ts'
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
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Could not parse the request: ${reason}`
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
  const deserializer = codecOf(service, protocol).createDeserializer()
  if (isRest(protocol)) return readRest(operation, request, deserializer)
  if (schema.isUnitSchema() || !request.body.length) return {}
  return deserializer.read(schema, request.body)
}
