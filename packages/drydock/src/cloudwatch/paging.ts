/** Cuts lists into pages. */
import { invalidToken } from './errors.ts'

interface Page<T> {
  readonly page: readonly T[]
  readonly nextToken?: string
}

/** The `size` items after those that the token says were given. Throws InvalidNextToken. */
export function pageOf<T>(items: readonly T[], size: number, token: string | undefined): Page<T> {
  const from = token === undefined ? 0 : parseToken(token)
  const page = items.slice(from, from + size)
  const more = from + size < items.length
  return { page, ...(more && { nextToken: tokenOf(from + size) }) }
}

/** The place that a token stands for. Throws InvalidNextToken. */
export function parseToken(token: string): number {
  const digits = /^after:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]
  if (digits === undefined) throw invalidToken()
  return Number(digits)
}

export const tokenOf = (place: number) => Buffer.from(`after:${place}`).toString('base64url')
