/** Lists in pages of at most 100, 100 unless told (API Reference: MaxResults). */
import { type Page, pageOf } from '../page.ts'
import { invalid } from './errors.ts'

const LARGEST_PAGE = 100

interface PageRequest {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** Throws InvalidInput for a size out of range and for a token that is none. */
export function requestedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { MaxResults = LARGEST_PAGE, NextToken: token }: PageRequest,
): Page<T> {
  requireSize(MaxResults, LARGEST_PAGE)
  return pageOf(items, keyOf, {
    size: MaxResults,
    token,
    badToken: () => invalid('The NextToken is not valid.'),
  })
}

/** Throws InvalidInput for a page size out of range. */
export function requireSize(size: number, largest: number): void {
  if (!Number.isInteger(size) || size < 1 || size > largest)
    throw invalid(`MaxResults must be between 1 and ${largest}.`)
}
