/** Lists in pages, with ECS's limits and errors. */
import { type Page, pageOf } from '../page.ts'
import { invalidParameter } from './errors.ts'

/** API Reference, maxResults of every List operation. */
const MOST_RESULTS = 100

interface PageRequest {
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

interface PageForm {
  /** The size of a page where the request does not say; 100 unless told. */
  readonly usualSize?: number
  readonly isDescending?: boolean
}

/** The page that a request asks for, by key. Throws InvalidParameterException for a size or token that cannot be. */
export function requestedPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  request: PageRequest,
  { usualSize = MOST_RESULTS, isDescending = false }: PageForm = {},
): Page<T> {
  const size = request.maxResults ?? usualSize
  if (size < 1 || size > MOST_RESULTS)
    throw invalidParameter(`maxResults must be between 1 and ${MOST_RESULTS}.`)
  const badToken = () => invalidParameter('Invalid token.')
  return pageOf(items, keyOf, { size, token: request.nextToken, isDescending, badToken })
}

/** The order of what is listed by its own name or ARN. */
export const byItself = (text: string) => text
