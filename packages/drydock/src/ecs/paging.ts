/** Cuts a list into pages, as every List operation of ECS does. */
import { invalidParameter } from './errors.ts'

interface PageRequest {
  readonly maxResults?: number | undefined
  readonly nextToken?: string | undefined
}

/**
 * The page of `keys` (sorted, unique) that a request asks for. The token names the last key of the page before, so
 * that what is added or removed meanwhile shifts nothing. Throws InvalidParameterException.
 */
export function pageOf(keys: readonly string[], request: PageRequest, defaultSize = 100) {
  const size = request.maxResults ?? defaultSize
  if (size < 1 || size > 100) throw invalidParameter('maxResults must be between 1 and 100.')
  const after = request.nextToken === undefined ? undefined : decodeToken(request.nextToken)
  const rest = after === undefined ? keys : keys.slice(firstAfter(keys, after))
  const page = rest.slice(0, size)
  const last = page.at(-1)
  return { page, nextToken: rest.length > size && last !== undefined ? encodeToken(last) : undefined }
}

function firstAfter(keys: readonly string[], after: string): number {
  const index = keys.indexOf(after)
  if (index >= 0) return index + 1
  const next = keys.findIndex((key) => key > after)
  return next < 0 ? keys.length : next
}

const encodeToken = (key: string) => Buffer.from(`page:${key}`).toString('base64url')

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith('page:')) throw invalidParameter('Invalid token.')
  return text.slice('page:'.length)
}
