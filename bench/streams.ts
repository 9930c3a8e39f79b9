/** A gigabyte through a load balancer: from a target that never waits, and to one that reads all. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const BYTES = 1e9
const CHUNK = Buffer.alloc(64_000)

export interface StreamTarget extends AsyncDisposable {
  readonly port: number
}

/** GET is answered with a gigabyte, POST with how many bytes came; HEAD, and what else there is, with nothing. */
export async function startStreamTarget(): Promise<StreamTarget> {
  const server = createServer(async (asked, reply) => {
    if (asked.method === 'POST') reply.end(String(await sizeOf(asked)))
    else if (asked.url === '/gigabyte') await pipeline(gigabyte(), reply)
    else reply.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const stop = async () => {
    server.close()
    server.closeAllConnections()
  }
  const port = typeof address === 'object' && address ? address.port : 0
  return { port, [Symbol.asyncDispose]: stop }
}

/** Throws where not all came through. */
export async function download(url: string): Promise<void> {
  const [answer] = (await once(request(new URL('/gigabyte', url)).end(), 'response')) as [IncomingMessage]
  assertWhole(await sizeOf(answer))
}

/** Throws where not all came through. */
export async function upload(url: string): Promise<void> {
  const outgoing = request(url, { method: 'POST' })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  await pipeline(gigabyte(), outgoing)
  const [answer] = await answered
  assertWhole(Number((await answer.setEncoding('utf8').toArray()).join('')))
}

function gigabyte(): Readable {
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < BYTES; sent += CHUNK.length) yield CHUNK
    })(),
  )
}

async function sizeOf(stream: IncomingMessage): Promise<number> {
  let size = 0
  for await (const chunk of stream) size += chunk.length
  return size
}

function assertWhole(size: number): void {
  if (size !== BYTES) throw new Error(`${size} of ${BYTES} bytes came through`)
}
