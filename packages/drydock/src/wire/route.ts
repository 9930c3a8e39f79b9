/** REST routes: which method and path belong to an operation (Smithy 2.0: http trait). */

export interface Route {
  readonly method: string
  /** The HTTP status of a success. */
  readonly status: number
  /** How specific it is: of two routes that match, the one that weighs more is meant. */
  readonly weight: number
  /** The query parameters that are part of the route itself. */
  readonly query: ReadonlyMap<string, string>
  /** The path's labels as they were sent, or undefined where method, path or query do not match. */
  match(method: string, url: URL): Record<string, string> | undefined
}

/** Compiles a trait's `[method, uri, status]`. Literal segments outrank labels, labels outrank greedy labels. */
export function compileRoute([method, uri, status]: readonly [string, string, number]): Route {
  const [path = '', search = ''] = uri.split('?')
  const segments = path.split('/').filter(Boolean).map(compileSegment)
  const query = new Map(new URLSearchParams(search))
  // botocore ends some of these paths in a slash where the JavaScript client does not.
  const pattern = new RegExp(`^/${segments.map((segment) => segment.pattern).join('/')}/?$`)
  const labels = segments.flatMap(({ label }) => (label === undefined ? [] : [label]))
  return {
    method,
    status,
    weight: segments.reduce((sum, segment) => sum + segment.weight, query.size),
    query,
    match(given, { pathname, searchParams }) {
      if (given !== method || !hasQuery(searchParams, query)) return undefined
      const match = pattern.exec(pathname)
      return match ? Object.fromEntries(labels.map((label, i) => [label, match[i + 1] ?? ''])) : undefined
    },
  }
}

interface Segment {
  readonly pattern: string
  readonly weight: number
  readonly label?: string
}

function compileSegment(segment: string): Segment {
  const [, label, greedy] = /^\{(\w+)(\+?)\}$/.exec(segment) ?? []
  if (label === undefined) return { pattern: segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), weight: 100 }
  return greedy ? { pattern: '(.+?)', weight: 1, label } : { pattern: '([^/]+)', weight: 10, label }
}

function hasQuery(given: URLSearchParams, wanted: ReadonlyMap<string, string>): boolean {
  return [...wanted].every(([key, value]) => given.has(key) && (value === '' || given.get(key) === value))
}
