/**
 * The engine's own paths: health, state, reset. No program but the user's own, and no page but the engine's own, may
 * call them.
 */
import type { IncomingMessage, RequestListener } from 'node:http'
import { refuse } from './browsers.ts'

export interface AdminOptions {
  /** The host that the engine was told to listen on: it may be called by that name as well. */
  readonly host: string
  readonly health: () => object
  readonly state: () => unknown
  readonly reset: () => Promise<void>
  readonly onFault: (error: unknown, what: string) => void
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Answers `GET /_drydock/health`, `GET /_drydock/state` and `POST …/reset` in JSON. */
export function admin(options: AdminOptions): RequestListener {
  return (request, reply) => {
    answer(options, request)
      .catch((error: unknown) => {
        options.onFault(error, `${request.method} ${request.url}`)
        return { status: 500, body: { message: 'The engine failed to do this; its output says why.' } }
      })
      .then(({ status, body }) => {
        request.resume()
        reply.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
      })
      .catch((error: unknown) => options.onFault(error, 'answering'))
  }
}

async function answer(options: AdminOptions, request: IncomingMessage): Promise<Answer> {
  const refusal = refuse(request, options.host)
  if (refusal) return { status: 403, body: { message: refusal } }
  const path = request.url?.split('?')[0]
  switch (`${request.method} ${path}`) {
    case 'GET /_drydock/health':
      return { status: 200, body: options.health() }
    case 'GET /_drydock/state':
      return { status: 200, body: options.state() }
    case 'POST /_drydock/reset':
    case 'POST /moto-api/reset':
      await options.reset()
      return { status: 200, body: { status: 'ok' } }
  }
  return { status: 404, body: { message: `There is no ${request.method} ${path} here.` } }
}
