/**
 * The engine's own paths: health, state, reset. A page in a browser could be tricked to call them, so they check Host
 * (against DNS rebinding) and refuse what another site sends.
 */
import type { IncomingMessage, RequestListener } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

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

/**
 * Why a request may not call what is the engine's own, or undefined if it may. A program on this machine sends neither
 * Origin nor Sec-Fetch-Site; a page of the engine's own sends its own origin.
 */
export function refuse({ headers }: IncomingMessage, host: string): string | undefined {
  const called = hostOf(`http://${headers.host}`)
  if (!isOwnName(called, host)) return `This engine is not called ${headers.host}. Call it by its address.`
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') return 'Pages of other sites may not call this.'
  const { origin } = headers
  if (origin === undefined) return undefined
  return URL.parse(origin)?.host === URL.parse(`http://${headers.host}`)?.host
    ? undefined
    : `Pages of ${origin} may not call this.`
}

const hostOf = (url: string) => URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? ''

function isOwnName(called: string, host: string): boolean {
  if (called === host.toLowerCase() || called === 'localhost' || called.endsWith('.localhost')) return true
  if (!isIP(called)) return false
  // An address cannot be rebound to another, so listening on all addresses allows every one of them.
  return host === '0.0.0.0' || host === '::' || ipaddr.process(called).range() === 'loopback'
}
