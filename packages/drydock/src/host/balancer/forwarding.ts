/** Passes one request to a target and its response back, as both come, and says how it ended. */
import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { request as httpsRequest } from 'node:https'

/** ALB User Guide, HTTP 504: how long a connection to a target may take. */
const CONNECT_MS = 10_000

export interface Exchange {
  readonly request: IncomingMessage
  readonly reply: ServerResponse
  readonly isTls: boolean
  /** Its `timeout` is the load balancer's idle timeout. */
  readonly agent: Agent
  readonly address: string
  readonly port: number
  /** For the target, raw. */
  readonly headers: readonly string[]
  /** The client's headers for those of the target, raw. */
  readonly answerHeaders: (raw: readonly string[]) => string[]
  /** Called once. */
  readonly onEnd: (end: End) => void
}

/** The status of the target, or why there is none: `own` is what the load balancer has to answer by itself. */
export interface End {
  readonly targetStatus?: number
  readonly targetMs?: number
  /** 460 where the client left before there was an answer. */
  readonly own?: 408 | 460 | 502 | 504
  /** Whether no connection to the target could be made. */
  readonly isUnconnected?: boolean
}

/** Starts the exchange. Returns what ends it by force. */
export function exchange(given: Exchange): () => void {
  const { request, reply } = given
  const hasBody = isWithBody(request)
  const began = performance.now()
  let upstream: ClientRequest
  let isOver = false

  const end = (how: End) => {
    if (isOver) return
    isOver = true
    given.onEnd(how)
  }
  const fail = (own: 408 | 460 | 502 | 504, isUnconnected = false) => {
    if (isOver) return
    upstream.destroy()
    if (reply.headersSent) reply.destroy()
    end({ own, ...(isUnconnected && { isUnconnected }) })
  }
  const answered = (answer: IncomingMessage) => {
    const targetStatus = answer.statusCode ?? 502
    const targetMs = performance.now() - began
    reply.writeHead(targetStatus, answer.statusMessage, given.answerHeaders(answer.rawHeaders))
    answer.on('error', () => reply.destroy())
    answer.pipe(reply)
    reply.once('close', () => end({ targetStatus, targetMs }))
  }
  const send = (isRetry: boolean) => {
    upstream = outgoing(given)
    upstream.once('response', answered)
    upstream.once('timeout', () => fail(hasBody && !request.complete ? 408 : 504))
    upstream.once('socket', (socket) => limitConnecting(socket.connecting, upstream, () => fail(504, true)))
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      if (isOver || reply.headersSent) return
      // The target had closed a connection that was kept for later: it has not seen the request.
      if (upstream.reusedSocket && !hasBody && !isRetry) send(true)
      else fail(502, error.syscall === 'connect')
    })
    if (hasBody) request.pipe(upstream)
    else upstream.end()
  }

  reply.once('close', () => {
    if (reply.writableFinished) return
    upstream.destroy()
    if (!reply.headersSent) end({ own: 460 })
  })
  send(false)
  return () => {
    upstream.destroy()
    reply.destroy()
  }
}

/** RFC 9112 §6: a request has a body if its headers frame one. */
const isWithBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function outgoing({ isTls, agent, address, port, request, headers }: Exchange): ClientRequest {
  const options = { agent, host: address, port, method: request.method, path: request.url, headers }
  // A target's certificate is not validated: ALB User Guide, target groups, routing configuration.
  return isTls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options)
}

function limitConnecting(isConnecting: boolean, upstream: ClientRequest, onLate: () => void): void {
  if (!isConnecting) return
  const timer = setTimeout(onLate, CONNECT_MS)
  const stop = () => clearTimeout(timer)
  upstream.socket?.once('connect', stop).once('close', stop)
}
