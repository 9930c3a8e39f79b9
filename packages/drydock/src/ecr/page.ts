/** Lists in pages, with ECR's limits and errors. */
import { type Page, pageOf } from '../page.ts'
import { requireCount, requireLength } from './constraints.ts'
import { invalidParameter } from './errors.ts'

/** ECR returns up to 100 results unless told, and up to 1,000 (API reference: DescribeImages). */
const USUAL_RESULTS = 100
const MOST_RESULTS = 1000
/** The longest token that it reads. */
const LONGEST_TOKEN = 4096

interface PageRequest {
  readonly nextToken?: string | undefined
  readonly maxResults?: number | undefined
}

/** The page that a request asks for, by key. Throws InvalidParameterException for a size or token that cannot be. */
export function requestedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults = USUAL_RESULTS, nextToken: token }: PageRequest,
): Page<T> {
  requireCount('maxResults', maxResults, 1, MOST_RESULTS)
  if (token !== undefined) requireLength('nextToken', token.length, 1, LONGEST_TOKEN)
  const badToken = () => invalidParameter('nextToken', 'must be a token of a page before')
  return pageOf(items, keyOf, { size: maxResults, token, badToken })
}
