/** The AWS calls that Drydock's functions make, counted where they are answered: by operation, and how Route 53 took them. */
import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Calls of one operation, of which so many were refused. */
export interface Counted {
  readonly name: string
  readonly calls: number
  readonly refused: number
}

/** How an API with a limit was used. */
export interface Usage {
  readonly calls: number
  readonly refused: number
  /** The longest row of refusals without a call that was taken, and how long it lasted (ms). */
  readonly longestRow: number
  readonly longestMs: number
}

interface Call {
  readonly name: string
  readonly isRefused: boolean
  /** Wall-clock milliseconds. */
  readonly at: number
}

export interface DoorCalls extends Disposable {
  /** All calls of functions so far, the most frequent first. */
  counts(): Counted[]
  /** Those whose names begin so. */
  usageOf(prefix: string): Usage
}

/** Counts until it is disposed of. */
export function countDoorCalls(): DoorCalls {
  const all: Call[] = []
  const onFinish = (message: unknown) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const name = nameOf(request)
    if (name) all.push({ name, isRefused: response.statusCode >= 400, at: performance.now() })
  }
  diagnostics.subscribe('http.server.response.finish', onFinish)
  return {
    counts: () =>
      [...Map.groupBy(all, ({ name }) => name)]
        .map(([name, calls]) => ({ name, calls: calls.length, refused: refusedOf(calls) }))
        .sort((a, b) => b.calls - a.calls),
    usageOf: (prefix) => usageOf(all.filter(({ name }) => name.startsWith(prefix))),
    [Symbol.dispose]: () => diagnostics.unsubscribe('http.server.response.finish', onFinish),
  }
}

/**
 * `dynamodb UpdateItem`, `route53 POST /hostedzone/rrset`; nothing for what no function asks: a function's access key is its
 * account.
 */
function nameOf({ headers, method, url = '' }: IncomingMessage): string | undefined {
  const scope = /Credential=\d{12}\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')
  if (!scope) return undefined
  const target = headers['x-amz-target']
  if (target !== undefined) return `${scope[1]} ${String(target).split('.').at(-1)}`
  const path = url.replace(/\?.*/, '').replace(/\/(\d{4}-\d\d-\d\d|Z[0-9A-Z]+)(?=\/|$)/g, '')
  return `${scope[1]} ${method} ${path}`
}

const refusedOf = (calls: readonly Call[]): number => calls.filter(({ isRefused }) => isRefused).length

function usageOf(calls: readonly Call[]): Usage {
  const rows: Call[][] = [[]]
  for (const call of calls) {
    if (call.isRefused) rows.at(-1)?.push(call)
    else if (rows.at(-1)?.length) rows.push([])
  }
  const last = calls.at(-1)?.at ?? 0
  const lasted = rows.map(
    (row, index) => (rows[index + 1] ? (row.at(-1)?.at ?? 0) : last) - (row[0]?.at ?? last),
  )
  return {
    calls: calls.length,
    refused: refusedOf(calls),
    longestRow: Math.max(...rows.map(({ length }) => length)),
    longestMs: Math.max(0, ...lasted),
  }
}
