/** Pages of a list in the order of a key, so that what comes and goes between two pages shifts nothing. */
import { requireLength } from './constraints.ts'
import { invalidParameter } from './errors.ts'

export interface PageRequest {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

/** ECR returns up to 100 results unless told. */
const USUAL_RESULTS = 100

/** One page of `items`, sorted by `keyOf`. Throws InvalidParameterException for a token that is not ours. */
export function page<T>(
  items: T[],
  keyOf: (item: T) => string,
  request: PageRequest,
): { items: T[]; nextToken?: string } {
  const limit = request.maxResults ?? USUAL_RESULTS
  requireCount('maxResults', limit, 1, 1000)
  const after = request.nextToken === undefined ? undefined : readToken(request.nextToken)
  const keyed = items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : 1))
  const rest = after === undefined ? keyed : keyed.filter(({ key }) => key > after)
  const shown = rest.slice(0, limit)
  const last = shown.at(-1)
  const found = shown.map(({ item }) => item)
  return last && rest.length > limit ? { items: found, nextToken: writeToken(last.key) } : { items: found }
}

function requireCount(parameter: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value)) throw invalidParameter(parameter, 'Member must be an integer')
  if (value < least)
    throw invalidParameter(parameter, `Member must have value greater than or equal to ${least}`)
  if (value > most) throw invalidParameter(parameter, `Member must have value less than or equal to ${most}`)
}

const writeToken = (key: string) => Buffer.from(`after:${key}`).toString('base64url')

function readToken(token: string): string {
  requireLength('nextToken', token.length, 1, 4096)
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('after:')) throw invalidParameter('nextToken', 'must be a token of a page before')
  return text.slice('after:'.length)
}
