/** Pages of Describe operations: without MaxResults all comes at once (EC2 API Reference: pagination). */
import { type Page, pageOf } from '../page.ts'
import { invalidCombination, invalidToken, invalidValue } from './errors.ts'

const LEAST = 5
const MOST = 1000

/** What a request says of pages. */
export interface Paged {
  readonly MaxResults?: number | undefined
  readonly NextToken?: string | undefined
}

/** Throws where MaxResults is out of range, or stands beside ids (`idsName` is how EC2 calls them). */
export function requirePaging(
  { MaxResults }: Paged,
  ids: readonly string[] | undefined,
  idsName: string,
): void {
  if (MaxResults === undefined) return
  if (ids?.length)
    throw invalidCombination(`The parameter ${idsName} cannot be used with the parameter maxResults`)
  const value = `Value ( ${MaxResults} ) for parameter maxResults is invalid.`
  if (MaxResults < LEAST) throw invalidValue(`${value} Expecting a value greater than ${LEAST}.`)
  if (MaxResults > MOST) throw invalidValue(`${value} Expecting a value smaller than ${MOST}.`)
}

/** One page, in the order of ids. Throws InvalidNextToken. */
export function paged<T>(
  items: readonly T[],
  idOf: (item: T) => string | undefined,
  request: Paged,
): Page<T> {
  const { MaxResults: size = Number.POSITIVE_INFINITY, NextToken: token } = request
  return pageOf(items, (item) => idOf(item) ?? '', {
    size,
    token: token || undefined,
    badToken: invalidToken,
  })
}
