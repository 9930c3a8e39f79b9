/** Passes a connection that asks for another protocol, such as WebSocket, to a target, and then whatever either sends. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { errorAnswer, rawAnswer } from './answers.ts'

export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What the client sent behind its request. */
  readonly head: Buffer
  readonly isTls: boolean
  readonly address: string
  readonly port: number
  readonly headers: readonly string[]
  /** How long both may be silent. */
  readonly idleMs: number
  /** Called once, with the target's status or the load balancer's own. */
  readonly onEnd: (end: { targetStatus?: number; own?: 460 | 502 | 504 }) => void
}

/** Starts. Returns what ends it by force. */
export function upgradeThrough(given: Upgrade): () => void {
  const { socket, head } = given
  const upstream = outgoing(given)
  let isOver = false
  let isJoined = false
  const end: Upgrade['onEnd'] = (how) => {
    if (!isOver) given.onEnd(how)
    isOver = true
  }
  const fail = (own: 502 | 504) => {
    if (isOver || isJoined) return
    socket.end(rawAnswer(errorAnswer(own)))
    end({ own })
    upstream.destroy()
  }
  upstream.once('upgrade', (answer, target, first) => {
    isJoined = true
    socket.write(headOf(answer))
    // What goes either way goes through the target's connection, so its silence is that of both.
    target.setTimeout(given.idleMs, () => socket.destroy())
    if (first.length) socket.write(first)
    if (head.length) target.write(head)
    join(socket, target)
    socket.once('close', () => end({ targetStatus: 101 }))
  })
  upstream.once('response', (answer) => {
    socket.write(headOf(answer, 'close'))
    answer.pipe(socket)
    socket.once('close', () => end({ targetStatus: answer.statusCode ?? 502 }))
  })
  upstream.setTimeout(given.idleMs, () => fail(504))
  upstream.on('error', () => fail(502))
  socket.on('error', () => upstream.destroy())
  socket.once('close', () => {
    upstream.destroy()
    end({ own: 460 })
  })
  upstream.end()
  return () => {
    upstream.destroy()
    socket.destroy()
  }
}

function outgoing({ isTls, address, port, request, headers }: Upgrade): ClientRequest {
  const options = { agent: false, host: address, port, method: request.method, path: request.url, headers }
  return isTls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options)
}

/** The head of the target's response as it came; `connection` replaces its own header, and the body is as it is sent. */
function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage, connection?: string): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const isReplaced = connection !== undefined && /^(connection|transfer-encoding|keep-alive)$/i.test(name)
    if (!isReplaced) lines.push(`${name}: ${rawHeaders[i + 1]}`)
  }
  if (connection !== undefined) lines.push(`Connection: ${connection}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** Whatever one sends the other gets; the end of one is the end of both. */
export function join(a: Duplex, b: Duplex): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.once('close', () => to.destroy())
  }
}
