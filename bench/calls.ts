/** The AWS calls that an engine in this process answers, as its HTTP server sees them: signed requests, in order. */
import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/** One call that was answered. */
export interface Call {
  /** As the signature names it: `ecs`, `elasticloadbalancing`. */
  readonly service: string
  /** Absent in the Query protocol, which names it in the body. */
  readonly operation: string | undefined
  readonly method: string
  /** When its answer was sent: wall-clock milliseconds since the epoch, with fractions. */
  readonly at: number
}

/** Calls from the beginning on. */
export interface Calls extends Disposable {
  readonly all: readonly Call[]
  /** The next call of one of these operations. */
  next(...operations: readonly string[]): Promise<Call>
}

/** Listens until it is disposed of. */
export function listenToCalls(): Calls {
  const all: Call[] = []
  const waiting = new Set<(call: Call) => void>()
  const onFinish = (message: unknown) => {
    const call = callOf((message as { request: IncomingMessage }).request)
    if (!call) return
    all.push(call)
    for (const take of waiting) take(call)
  }
  diagnostics.subscribe('http.server.response.finish', onFinish)
  return {
    all,
    next(...operations) {
      return new Promise((resolve) => {
        const take = (call: Call) => {
          if (!operations.includes(call.operation ?? '')) return
          waiting.delete(take)
          resolve(call)
        }
        waiting.add(take)
      })
    },
    [Symbol.dispose]: () => diagnostics.unsubscribe('http.server.response.finish', onFinish),
  }
}

/** By the credential scope of Signature Version 4, and the name in a header (JSON) or in the path (Smithy RPC v2). */
function callOf({ headers, method = '', url = '' }: IncomingMessage): Call | undefined {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1]
  if (service === undefined) return undefined
  const target = String(headers['x-amz-target'] ?? url)
  const operation = /(?:\.|\/operation\/)(\w+)$/.exec(target)?.[1]
  return { service, operation, method, at: performance.timeOrigin + performance.now() }
}

/** How often each call was made, the most frequent first: `3 ecs DescribeServices`. */
export function tally(calls: readonly Call[]): string {
  const groups = Map.groupBy(calls, ({ service, operation = '' }) => `${service} ${operation}`.trim())
  return [...groups]
    .map(([name, { length }]) => ({ name, length }))
    .sort((a, b) => b.length - a.length)
    .map(({ name, length }) => `${length} ${name}`)
    .join(', ')
}
