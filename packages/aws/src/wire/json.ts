/**
 * AWS JSON 1.0 and 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html): JSON both ways, with times as seconds.
 *
 * The SDK reads by schemas, which are half of a door's bytes. A body is JSON all the same, and all that a schema adds to the
 * answers of these services is which numbers are times: their members' names tell (sdk.test.ts holds that
 * against the SDK's schemas, operation by operation).
 */
import type { Protocol, WireResponse } from './protocol.ts'

/** The names of members that are times, in all of the services that speak JSON; no number that is none has such a name. */
const TIME = /(?:At|Date|DateTime|Time|Timestamps?|LastModified|lastUpdated|lastStatusChange)$/

/** Makes of an answer, in place, what JSON cannot say. */
type Revive = (answer: Record<string, unknown>) => Record<string, unknown>

/** JSON of a version, to the service whose operations are named `target` and a dot before their own names. */
export function jsonProtocol(version: '1.0' | '1.1', target: string, revive: Revive = withTimes): Protocol {
  return {
    write: (operation, input) => ({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': `${target}.${operation}`,
      },
      body: JSON.stringify(input, asJson),
    }),
    read: (_, { body }) => revive(objectOf(body)),
    readError: (response) => {
      const details = revive(objectOf(response.body))
      return { code: codeOf(details, response), message: messageOf(details), details }
    },
  }
}

/** Times are seconds, bytes are Base64. `JSON.stringify` hands over a date as the text that it makes of itself. */
function asJson(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const own = this[key]
  if (own instanceof Date) return own.getTime() / 1000
  return own instanceof Uint8Array ? Buffer.from(own).toString('base64') : value
}

function objectOf(body: string): Record<string, unknown> {
  const parsed: unknown = body ? JSON.parse(body) : {}
  if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  throw new SyntaxError('The answer is no JSON object')
}

/** Makes dates of times, in place, and takes out what is null: the SDK's types know only what is not there. */
function withTimes<Value extends object>(value: Value): Value {
  for (const [key, member] of Object.entries(value)) {
    if (member === null) Reflect.deleteProperty(value, key)
    else if (typeof member === 'object')
      Reflect.set(value, key, TIME.test(key) ? timesOf(member) : withTimes(member))
    else if (typeof member === 'number' && TIME.test(key)) Reflect.set(value, key, dateOf(member))
  }
  return value
}

/** Makes bytes of Base64 in DynamoDB's attribute values (API reference: AttributeValue), of which no other member has such a name. */
export function withBytes<Value extends object>(value: Value): Value {
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null) withBytes(member)
    else if (key === 'B' && typeof member === 'string')
      Reflect.set(value, key, Uint8Array.from(Buffer.from(member, 'base64')))
  }
  return value
}

/** A list of times, or a structure that has such a name. */
const timesOf = (member: object) =>
  Array.isArray(member) && member.every((each) => typeof each === 'number')
    ? member.map(dateOf)
    : withTimes(member)

const dateOf = (seconds: number) => new Date(Math.round(seconds * 1000))

/** `com.amazonaws.ecs#ClientException`, `ClientException:http://…` (AWS JSON 1.0: Operation error serialization). */
function codeOf({ __type: type }: Record<string, unknown>, { headers, statusCode }: WireResponse): string {
  const told = typeof type === 'string' ? type : headers['x-amzn-errortype']
  return /[^#:]+$/.exec(told?.split(':')[0] ?? '')?.[0] ?? `HTTP ${statusCode}`
}

function messageOf({ message, Message }: Record<string, unknown>): string {
  return String(message ?? Message ?? 'The service gave no message.')
}
