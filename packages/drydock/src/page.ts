/**
 * Lists in pages. A token carries the key of the last item given, so that what comes and goes between two pages neither
 * hides nor repeats another item.
 */

export interface Page<T> {
  readonly items: T[]
  /** Absent on the last page. */
  readonly nextToken: string | undefined
}

export interface PageOptions {
  /** The most items of a page, from 1. */
  readonly size: number
  /** The token of the page before. */
  readonly token: string | undefined
  /** Whether the highest key comes first. */
  readonly isDescending?: boolean
  /** What the service answers to a token that is none of these. */
  readonly badToken: () => Error
}

/** One page of `items` in the order of their keys, which are unique. Throws `badToken()`. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { size, token, isDescending = false, badToken }: PageOptions,
): Page<T> {
  const after = token === undefined ? undefined : readToken(token, badToken)
  const isLater = (key: string, than: string) => (isDescending ? key < than : key > than)
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || isLater(key, after))
    .sort((a, b) => (isLater(a.key, b.key) ? 1 : -1))
  const shown = rest.slice(0, size)
  const last = rest.length > size ? shown.at(-1) : undefined
  return { items: shown.map(({ item }) => item), nextToken: last && writeToken(last.key) }
}

/** Marks a token as one of these. */
const MARK = 'after:'

const writeToken = (key: string) => Buffer.from(MARK + key).toString('base64url')

function readToken(token: string, badToken: () => Error): string {
  const text = Buffer.from(token, 'base64url').toString()
  if (!text.startsWith(MARK)) throw badToken()
  return text.slice(MARK.length)
}
