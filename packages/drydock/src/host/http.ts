/** The one HTTP server: hands each request to the listener of the longest path that it is under. */

import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import type { Duplex } from 'node:stream'
import { messageOf } from '../message-of.ts'
import { StartError } from './start-error.ts'

/** What answers the requests under a path (`/v2` takes `/v2` and `/v2/…`; '' takes all). */
export interface Mount {
  readonly path: string
  readonly listener: RequestListener
  /** Takes requests whatever their path, before all that go by path. */
  readonly claims?: (request: IncomingMessage) => boolean
  /** Takes over a connection that asks for another protocol, such as WebSocket. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** Longer than clients keep an idle connection, so that the server never closes one that a request is under way on. */
const KEEP_ALIVE_MS = 75_000

/** A client that has not sent its headers in this time has lost its way. */
const HEADERS_TIMEOUT_MS = 30_000

/** ALB quotas: 64 KB of headers reach a load balancer, four times what Node takes by itself. More is answered with 431. */
export const MOST_HEADER_BYTES = 65_536

/** Connections that speak another protocol now: Node no longer counts them among the server's own. */
const upgraded = new WeakMap<Server, Set<Duplex>>()

/**
 * A server for `mounts`, not listening yet. It has no request timeout of its own, because pushing a layer takes as long
 * as it takes; the AWS gateway times its requests itself.
 */
export function createHttpServer(mounts: readonly Mount[]): Server {
  const claiming = mounts.filter(({ claims }) => claims)
  const ordered = mounts.filter(({ claims }) => !claims).toSorted((a, b) => b.path.length - a.path.length)
  const mountOf = (request: IncomingMessage) =>
    claiming.find(({ claims }) => claims?.(request)) ??
    ordered.find(({ path }) => isUnder(request.url ?? '/', path))
  const limits = {
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: 0,
    maxHeaderSize: MOST_HEADER_BYTES,
  }
  const server = createServer(limits, (request, reply) => {
    const mount = mountOf(request)
    if (mount) mount.listener(request, reply)
    else reply.writeHead(404).end()
  })
  const taken = new Set<Duplex>()
  upgraded.set(server, taken)
  server.on('upgrade', (request, socket, head) => {
    taken.add(socket)
    // A client may break off before anyone else listens for that.
    socket.on('error', () => socket.destroy()).on('close', () => taken.delete(socket))
    const upgrade = mountOf(request)?.upgrade
    if (upgrade) upgrade(request, socket, head)
    else socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
  return server
}

/**
 * Starts to listen, on any free port where `port` is 0. Resolves to the address that clients use.
 * Throws an Error that says what to do where the port is taken or the address is not this machine's.
 */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  try {
    await promise
  } catch (cause) {
    throw new StartError(explain(cause, host, port), { cause })
  }
  server.off('error', reject)
  return endpointOf(server, host)
}

/** Ends all connections and stops listening. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  const { promise, resolve } = Promise.withResolvers<void>()
  server.close(() => resolve())
  server.closeAllConnections()
  for (const socket of upgraded.get(server) ?? []) socket.destroy()
  await promise
}

function isUnder(url: string, path: string): boolean {
  if (!url.startsWith(path)) return false
  const next = url[path.length]
  return path === '' || next === undefined || next === '/' || next === '?'
}

function endpointOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  const isAny = host === '0.0.0.0' || host === '::'
  const name = isAny ? '127.0.0.1' : host
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`
}

function explain(cause: unknown, host: string, port: number): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use. Stop what listens there, or choose another port (0 for any free one).`
  }
  if (code === 'EACCES') return `Port ${port} of ${host} needs more rights. Choose a port from 1024 up.`
  if (code === 'EADDRNOTAVAIL')
    return `${host} is no address of this machine. Choose 127.0.0.1, or one that it has.`
  return `Cannot listen on ${host}:${port}: ${messageOf(cause)}`
}
