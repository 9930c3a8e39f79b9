/** The sockets of the DNS server: UDP, and TCP with its two bytes of length before each message (RFC 1035 section 4.2.2). */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Engine } from '../../engine.ts'
import { lazy } from '../lazy.ts'
import type { Answering } from './answering.ts'

export interface DnsOptions {
  readonly engine: Engine
  /** 0 for any free one. */
  readonly port: number
  readonly onFault: (error: unknown, what: string) => void
}

/** A DNS server that listens. */
export interface DnsServer {
  /** `127.0.0.1:5353`. */
  readonly address: string
  close(): Promise<void>
}

/** Only this machine may ask. */
const HOST = '127.0.0.1'
/** RFC 7766 section 6.2.3: a connection that nothing comes over is closed, in milliseconds. */
const IDLE_MS = 10_000
/** A free UDP port may be taken in TCP: this many are tried. */
const ATTEMPTS = 10

/** Listens for queries. Throws an Error that says what to do where the port is taken. */
export async function startDns({ engine, port, onFault }: DnsOptions): Promise<DnsServer> {
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
      return await listen(answer, port)
    } catch (error) {
      if (port !== 0 || attempt === ATTEMPTS) throw unavailable(port, error)
    }
  }
}

type Ask = (message: Buffer, transport: 'udp' | 'tcp', reply: (answer: Buffer | undefined) => void) => void

async function listen(ask: Ask, port: number): Promise<DnsServer> {
  const udp = await listenUdp(ask, port)
  const { port: found } = udp.address()
  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => serve(socket, sockets, ask))
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

async function listenUdp(ask: Ask, port: number): Promise<UdpSocket> {
  const udp = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
  udp.on('message', (message, { address, port: from }) => {
    ask(message, 'udp', (answer) => {
      // A client that has gone away is no fault; a closed socket is the end of the engine.
      if (answer) udp.send(answer, from, address, () => {})
    })
  })
  udp.bind(port, HOST)
  await once(udp, 'listening')
  udp.on('error', () => {})
  return udp
}

/** One connection: several queries, answered in order. */
function serve(socket: Socket, sockets: Set<Socket>, ask: Ask): void {
  let unread: Buffer = Buffer.alloc(0)
  sockets.add(socket)
  socket.setTimeout(IDLE_MS, () => socket.destroy())
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
