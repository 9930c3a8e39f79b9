/** Passes one request to a target and its response back, as both come, and says how it ended. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Connection, Destination, Receiver } from './connection.ts'
import type { Connections } from './connections.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly reply: ServerResponse
  readonly connections: Connections
  readonly to: Destination
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

/** Up to this size a body is written together with its head, which saves a system call. */
const SMALL = 16 * 1024

/** Starts the exchange. Returns what ends it by force. */
export function exchange(given: Exchange): () => void {
  const { request, reply, connections, to, onEnd } = given
  const hasBody = isWithBody(request)
  const head = headOf(given)
  const began = performance.now()
  let connection: Connection
  let targetStatus: number | undefined
  let targetMs = 0
  let isOver = false

  const end = (how: End) => {
    if (isOver) return
    isOver = true
    onEnd(how)
  }
  const fail = (own: 408 | 502 | 504) => {
    if (reply.headersSent) reply.destroy()
    end({ own, isUnconnected: !connection.isConnected })
  }
  const receiver: Receiver = {
    head(status, message, raw) {
      reply.writeHead(status, message, given.answerHeaders(raw))
      targetStatus = status
      targetMs = performance.now() - began
    },
    part: (bytes) => passOn(bytes, reply, connection),
    end(last) {
      if (typeof last === 'string') reply.end(last, 'latin1')
      else if (last && last.length <= SMALL) reply.end(last.toString('latin1'), 'latin1')
      else reply.end(last && Buffer.from(last))
    },
    failed(isUnseen) {
      // The target had closed a connection that was kept for later: it has not seen the request.
      if (isUnseen && !hasBody) send(true)
      else fail(502)
    },
    silent: () => fail(connection.isConnected && hasBody && !request.complete ? 408 : 504),
  }
  const send = (isRetry: boolean) => {
    connection = connections.take(to, isRetry)
    connection.expect(receiver, request.method === 'HEAD')
    connection.socket.write(head, 'latin1')
    if (hasBody) sendBody(request, connection)
    else connection.isSent = true
  }

  reply.on('close', () => {
    if (!reply.writableFinished) connection.destroy()
    end(targetStatus === undefined ? { own: 460 } : { targetStatus, targetMs })
  })
  send(false)
  return () => {
    connection.destroy()
    reply.destroy()
  }
}

/** RFC 9112 §6: a request has a body if its headers frame one. */
const isWithBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function headOf({ request, headers }: Exchange): string {
  let head = `${request.method} ${request.url} HTTP/1.1\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return `${head}Connection: keep-alive\r\n\r\n`
}

/** Framed as the client framed it. The client is held back while the target does not read. */
function sendBody(request: IncomingMessage, connection: Connection): void {
  const { socket } = connection
  const isChunked = request.headers['transfer-encoding'] !== undefined
  const onDrain = () => {
    connection.touch()
    request.resume()
  }
  const onData = (bytes: Buffer) => {
    connection.touch()
    if (isChunked) socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1')
    const isTaken = socket.write(bytes)
    if (isChunked) socket.write('\r\n', 'latin1')
    if (!isTaken) request.pause()
  }
  const onEnd = () => {
    if (isChunked) socket.write('0\r\n\r\n', 'latin1')
    connection.isSent = true
    socket.off('drain', onDrain).off('close', onClose)
  }
  /** Nobody wants the rest: it is read away. */
  const onClose = () => void request.off('data', onData).off('end', onEnd).resume()
  socket.on('drain', onDrain).once('close', onClose)
  request.on('data', onData).once('end', onEnd)
}

/** The target is held back while the client does not read. */
function passOn(bytes: Buffer | undefined, reply: ServerResponse, { socket }: Connection): void {
  if (!bytes) {
    if (reply.headersSent) reply.flushHeaders()
    return
  }
  if (reply.write(Buffer.from(bytes))) return
  socket.pause()
  reply.once('drain', () => socket.resume())
}
