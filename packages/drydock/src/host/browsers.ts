/**
 * What a browser could be tricked to send: requests of other sites' pages, and of pages whose name was made to point to
 * this machine (DNS rebinding). The engine runs programs for whoever can call it, so none of these may.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Refuses what a page sends, unless it is a page of the engine's own. Programs are let through under whatever name they
 * call the engine: SDKs send neither Origin nor Sec-Fetch-Site, and a container may know the engine by any name.
 */
export function guarded(listener: RequestListener, host: string): RequestListener {
  return (request, reply) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    const isPage = origin !== undefined || (site !== undefined && site !== 'none')
    const message = isPage ? refuse(request, host) : undefined
    if (message === undefined) listener(request, reply)
    else refuseWith(request, reply, message)
  }
}

function refuseWith(request: IncomingMessage, reply: ServerResponse, message: string): void {
  request.resume()
  const body = JSON.stringify({ __type: 'AccessDeniedException', message })
  reply.writeHead(403, { 'content-type': 'application/json' }).end(body)
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
