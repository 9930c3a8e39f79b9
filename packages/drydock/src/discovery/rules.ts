/** What the members of requests may hold: the lengths, ranges and patterns of the Cloud Map API Reference. */
import { invalid } from './errors.ts'

const LONGEST_DESCRIPTION = 1024
const LONGEST_TTL = 2 ** 31 - 1
const LONGEST_REQUEST_ID = 64
const INSTANCE_ID = /^[0-9a-zA-Z_/:.@-]{1,64}$/
const LABEL = '([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])'
const SERVICE_NAME = new RegExp(`^(?=.{1,127}$)${LABEL}(\\.${LABEL})*$`)

/** Throws InvalidInput for a description that is too long. */
export function requireDescription(text: string | undefined): void {
  requireLength('Description', text, LONGEST_DESCRIPTION)
}

/** Throws InvalidInput for a request's own id that is too long. */
export function requireRequestId(id: string | undefined): void {
  requireLength('CreatorRequestId', id, LONGEST_REQUEST_ID)
}

function requireLength(member: string, text: string | undefined, most: number): void {
  if (text !== undefined && text.length > most)
    throw invalid(`${member} must have length less than or equal to ${most}.`)
}

/** A TTL in seconds, 0 to 2,147,483,647. Throws InvalidInput. */
export function requireTtl(ttl: number | undefined): number {
  if (ttl === undefined || !Number.isInteger(ttl) || ttl < 0 || ttl > LONGEST_TTL)
    throw invalid(`TTL must be between 0 and ${LONGEST_TTL}.`)
  return ttl
}

/** Throws InvalidInput for an id that no instance can have. */
export function requireInstanceId(id = ''): string {
  if (!INSTANCE_ID.test(id)) throw invalid(`The instance id '${id}' is not valid.`)
  return id
}

/** Throws InvalidInput for a name that no service can have. */
export function requireServiceName(name = ''): string {
  if (!SERVICE_NAME.test(name)) throw invalid(`The service name '${name}' is not valid.`)
  return name
}

/** Throws InvalidInput for a value that the API does not know. */
export function requireOneOf<T extends string>(
  member: string,
  value: string | undefined,
  known: Readonly<Record<string, T>>,
): T | undefined {
  const found = Object.values(known).find((each) => each === value)
  if (value !== undefined && found === undefined) throw invalid(`${member} '${value}' is not valid.`)
  return found
}

/** What an id or ARN of a request names: the id. */
export const idOf = (idOrArn = ''): string =>
  idOrArn.startsWith('arn:') ? (idOrArn.split('/').at(-1) ?? '') : idOrArn
