/** Lists in pages: a token is the key of the last item given. */
import { invalid, violation } from './errors.ts'

const MOST_ITEMS = 100

/** The items after the token's, by key. Throws ValidationException for a limit or token that cannot be. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  limit: number | undefined,
  token: string | undefined,
): { items: T[]; next: { NextToken?: string } } {
  if (limit !== undefined && (limit < 1 || limit > MOST_ITEMS)) {
    throw violation(
      limit,
      'limit',
      limit < 1 ? 'have value greater than or equal to 1' : `have value less than or equal to ${MOST_ITEMS}`,
    )
  }
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString()
  if (token !== undefined && !after) throw invalid('NextToken is not valid.')
  const rest = items.filter((item) => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const found = rest.slice(0, limit ?? MOST_ITEMS)
  const last = found.at(-1)
  if (rest.length === found.length || last === undefined) return { items: found, next: {} }
  return { items: found, next: { NextToken: Buffer.from(keyOf(last)).toString('base64url') } }
}
