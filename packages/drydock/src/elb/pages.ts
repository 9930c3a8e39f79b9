/** Lists in pages: a marker names the last item given, so that what comes and goes meanwhile shifts nothing. */
import { assertRange, validation } from './errors.ts'

interface PageRequest {
  readonly Marker?: string | undefined
  readonly PageSize?: number | undefined
}

/** The items after the marker's, at most `PageSize` (1 to 400). Throws ValidationError. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, request: PageRequest) {
  assertRange('PageSize', request.PageSize, 1, 400)
  const rest = items.slice(start(items.map(keyOf), request.Marker))
  const found = rest.slice(0, request.PageSize ?? 400)
  const last = found.at(-1)
  const isMore = last !== undefined && rest.length > found.length
  return { items: found, ...(isMore && { NextMarker: Buffer.from(keyOf(last)).toString('base64') }) }
}

function start(keys: readonly string[], marker: string | undefined): number {
  if (marker === undefined) return 0
  const index = keys.indexOf(Buffer.from(marker, 'base64').toString())
  if (index < 0) throw validation(`The marker '${marker}' is not valid`)
  return index + 1
}
