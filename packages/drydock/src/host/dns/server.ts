/** The sockets of the DNS server: UDP, and TCP with its two bytes of length before each message (RFC 1035 section 4.2.2). */
import type { Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Engine } from '../../engine.ts'
import { lazy } from '../lazy.ts'
import type { Answering } from './answering.ts'
import type { Ask } from './ask.ts'
import { listenUdp } from './datagrams.ts'

export interface DnsOptions {
  readonly engine: Engine
  /** 0 for any free one. */
  readonly port: number
  readonly onFault: (error: unknown, what: string) => void
  /** A TCP connection that nothing comes over is closed, in milliseconds: ten seconds unless told. */
  readonly idleMs?: number
}

/** A DNS server that listens. */
export interface DnsServer {
  /** `127.0.0.1:5353`. */
  readonly address: string
  close(): Promise<void>
}

/** Only this machine may ask. */
const HOST = '127.0.0.1'
/** RFC 7766 section 6.2.3: of the order of seconds. */
const IDLE_MS = 10_000
/** A free UDP port may be taken in TCP: this many are tried. */
const ATTEMPTS = 10

/** Listens for queries. Throws an Error that says what to do where the port is taken. */
export async function startDns({ engine, port, onFault, idleMs = IDLE_MS }: DnsOptions): Promise<DnsServer> {
  const load = lazy(async () => (await import('./answering.ts')).answeringFor(engine))
  let loaded: Answering | undefined
  const answer: Ask = (message, transport, reply) => {
    try {
      if (loaded) reply(loaded(message, transport))
      else
        load().then(
          (answering) => {
            loaded = answering
            answer(message, transport, reply)
          },
          (error: unknown) => onFault(error, 'the DNS server'),
        )
    } catch (error) {
      onFault(error, 'the DNS server')
    }
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await listen(answer, port, idleMs)
    } catch (error) {
      if (port !== 0 || attempt === ATTEMPTS) throw unavailable(port, error)
    }
  }
}

async function listen(ask: Ask, port: number, idleMs: number): Promise<DnsServer> {
  const udp = await listenUdp(ask, HOST, port)
  const { port: found } = udp.address()
  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => serve(socket.setTimeout(idleMs), sockets, ask))
  try {
    tcp.listen(found, HOST)
    await once(tcp, 'listening')
  } catch (error) {
    udp.close()
    throw error
  }
  return { address: `${HOST}:${portOf(tcp)}`, close: () => close(udp, tcp, sockets) }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** One connection: several queries, answered in order. */
function serve(socket: Socket, sockets: Set<Socket>, ask: Ask): void {
  let unread: Buffer = Buffer.alloc(0)
  sockets.add(socket)
  socket.on('timeout', () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
  socket.on('data', (chunk) => {
    unread = unread.length ? Buffer.concat([unread, chunk]) : chunk
    while (unread.length >= 2) {
      const end = 2 + unread.readUInt16BE(0)
      if (unread.length < end) return
      const message = unread.subarray(2, end)
      unread = unread.subarray(end)
      ask(message, 'tcp', (answer) => send(socket, answer))
    }
  })
}

/** What gets no answer ends the connection: the client has lost count. */
function send(socket: Socket, answer: Buffer | undefined): void {
  if (!answer) {
    socket.destroy()
    return
  }
  const length = Buffer.alloc(2)
  length.writeUInt16BE(answer.length)
  if (socket.writable) socket.write(Buffer.concat([length, answer]))
}

async function close(udp: UdpSocket, tcp: Server, sockets: Set<Socket>): Promise<void> {
  const closed = Promise.all([once(udp, 'close'), once(tcp, 'close')])
  udp.close()
  tcp.close()
  for (const socket of sockets) socket.destroy()
  await closed
}

function unavailable(port: number, cause: unknown): Error {
  return new Error(`Cannot listen for DNS on ${HOST}:${port}. Choose another port, or 0 for any free one.`, {
    cause,
  })
}
