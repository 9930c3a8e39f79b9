/**
 * Writes an error, whichever protocol the operation was called in. A modelled error is written by its schema, an
 * AwsError by its code; anything else is a bug, and told to the caller only as InternalFailure.
 */
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema } from '@smithy/types'
import { AwsError } from './errors.ts'
import type { ServiceModel } from './model.ts'
import {
  codecOf,
  contentTypeOf,
  finish,
  isQuery,
  isXml,
  type ProtocolName,
  type Response,
  type Serializer,
} from './protocol.ts'
import { writeRest } from './rest-output.ts'
import { type Members, membersOfError, nested, recordOf, STRING, structureOf } from './structure.ts'

/** An error as a protocol needs it. */
interface Fault {
  readonly name: string
  readonly message: string
  readonly status: number
  /** The code of the query protocol, which may be another than the name. */
  readonly queryCode: string
  /** Whose fault it is: the caller's (`Sender`) or the service's. */
  readonly type: 'Sender' | 'Receiver'
  readonly schema: StaticErrorSchema | undefined
  readonly members: Members
  readonly values: Record<string, unknown>
}

/** The answer to a request that failed, whatever was thrown. */
export function writeError(
  service: ServiceModel,
  protocol: ProtocolName,
  error: unknown,
  requestId: string,
): Response {
  const fault = describe(service, protocol, error)
  const serializer = codecOf(service, protocol).createSerializer()
  const response = isXml(protocol)
    ? writeXml(protocol, fault, requestId, serializer)
    : writeJson(service, protocol, fault, serializer)
  return finish(response, protocol, requestId)
}

function describe(service: ServiceModel, protocol: ProtocolName, error: unknown): Fault {
  if (error instanceof AwsError) return describePlain(error, protocol)
  const schema = error instanceof Error ? service.findError(error.name) : undefined
  return schema ? describeModelled(schema, error as Error, protocol) : describePlain(INTERNAL, protocol)
}

const INTERNAL = new AwsError(
  'InternalFailure',
  'The request processing has failed because of an unknown error.',
  {
    status: 500,
  },
)

function describePlain(error: AwsError, protocol: ProtocolName): Fault {
  const { message } = error
  const status = statusOf(error, protocol)
  const name = codeOf(error, protocol)
  // What SDKs show of a service that once spoke query.
  const queryCode = isRefusal(error) ? codeOf(error, isXml(protocol) ? protocol : 'awsQuery') : name
  const type = status < 500 ? 'Sender' : 'Receiver'
  const members: Members = [['message', STRING]]
  return { name, message, status, queryCode, type, schema: undefined, members, values: { message } }
}

function describeModelled(schema: StaticErrorSchema, error: Error, protocol: ProtocolName): Fault {
  const traits = NormalizedSchema.of(schema).getOwnTraits()
  const [queryCode = error.name, queryStatus] = (traits.awsQueryError ?? []) as [string?, number?]
  const usual = traits.error === 'client' ? 400 : 500
  const status =
    (isQuery(protocol) ? queryStatus : undefined) ?? (traits.httpError as number | undefined) ?? usual
  return {
    name: error.name,
    message: error.message,
    status,
    queryCode,
    type: traits.error === 'client' ? 'Sender' : 'Receiver',
    schema,
    ...memberValues(schema, error),
  }
}

/**
 * Only the schema's members are written: an exception of the SDK carries more. Several errors have no message in their
 * schema; it is sent all the same.
 */
function memberValues(schema: StaticErrorSchema, error: Error): Pick<Fault, 'members' | 'values'> {
  const own = membersOfError(schema)
  const members: Members = own.some(([name]) => isMessage(name)) ? own : [...own, ['message', STRING]]
  const from = recordOf(error)
  const values = members.map(([name]) => [name, isMessage(name) ? error.message : from[name]])
  return { members, values: Object.fromEntries(values) }
}

const isMessage = (name: string) => name.toLowerCase() === 'message'

/** The code that a protocol uses for what the protocol itself found wrong. */
function codeOf({ kind, name }: AwsError, protocol: ProtocolName): string {
  if (kind === 'denied') return deniedCode(protocol)
  if (kind === 'expired' && isXml(protocol)) return 'ExpiredToken'
  if (kind === 'invalid' && isQuery(protocol)) return 'ValidationError'
  if (kind === 'malformed' && isXml(protocol)) return 'MalformedInput'
  return kind === 'unknown' && isQuery(protocol) ? 'InvalidAction' : name
}

/** EC2 API Reference, Common client error codes; elsewhere Common Errors of the query and REST services, and of the JSON ones. */
function deniedCode(protocol: ProtocolName): string {
  if (protocol === 'ec2Query') return 'UnauthorizedOperation'
  return isXml(protocol) ? 'AccessDenied' : 'AccessDeniedException'
}

const isRefusal = ({ kind }: AwsError) => kind === 'denied' || kind === 'expired'

/** JSON services answer a refusal with 400, all others with 403 (API References, Common Errors). */
function statusOf(error: AwsError, protocol: ProtocolName): number {
  if (!isRefusal(error)) return error.status
  return protocol.startsWith('awsJson') || protocol === 'rpcv2Cbor' ? 400 : 403
}

function writeJson(
  { namespace, queryCompatible }: ServiceModel,
  protocol: ProtocolName,
  { name, schema, members, values, status, queryCode, type }: Fault,
  serializer: Serializer,
): Response {
  const full = structureOf(schema?.[1] ?? namespace, 'Error', [['__type', STRING], ...members])
  const shape = schema && protocol !== 'restJson1' ? `${schema[1]}#${name}` : name
  const response = writeRest(full, { ...values, __type: shape }, serializer, status, contentTypeOf(protocol))
  response.headers['x-amzn-errortype'] = name
  if (queryCompatible) response.headers['x-amzn-query-error'] = `${queryCode};${type}`
  return response
}

function writeXml(protocol: ProtocolName, fault: Fault, requestId: string, serializer: Serializer): Response {
  const own = fault.members.filter(([name]) => !isMessage(name))
  // EC2 says of an error what it is, and not whose fault.
  const type: Members = protocol === 'ec2Query' ? [] : [['Type', STRING]]
  const error = structureOf('aws', 'Error', [...type, ['Code', STRING], ['Message', STRING], ...own])
  const value = { ...fault.values, Type: fault.type, Code: fault.queryCode, Message: fault.message }
  if (protocol === 'ec2Query') {
    const errors = structureOf('aws', 'Errors', [['Error', nested(error)]])
    const members: Members = [
      ['Errors', nested(errors)],
      ['RequestID', STRING],
    ]
    serializer.write(structureOf('aws', 'Response', members), {
      Errors: { Error: value },
      RequestID: requestId,
    })
  } else {
    const members: Members = [
      ['Error', nested(error)],
      ['RequestId', STRING],
    ]
    serializer.write(structureOf('aws', 'ErrorResponse', members), { Error: value, RequestId: requestId })
  }
  return { status: fault.status, headers: {}, body: serializer.flush() }
}
