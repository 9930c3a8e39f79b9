/** Lists in pages, with EventBridge's limits and errors. */
import { type Page, pageOf } from '../page.ts'
import { requireRange } from '../wire/violation.ts'
import { invalid } from './errors.ts'

/** API Reference, Limit: the most items of a page, which is also what a request gets that does not say. */
const MOST_ITEMS = 100

interface PageRequest {
  readonly Limit?: number | undefined
  readonly NextToken?: string | undefined
}

/** The page that a request asks for, by key. Throws ValidationException for a limit or token that cannot be. */
export function requestedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Limit, NextToken }: PageRequest,
): Page<T> {
  requireRange('limit', Limit, 1, MOST_ITEMS)
  const badToken = () => invalid('NextToken is not valid.')
  return pageOf(items, keyOf, { size: Limit ?? MOST_ITEMS, token: NextToken, badToken })
}
