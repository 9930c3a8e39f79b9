/**
 * Ends connections of clients on which nothing goes either way. One timer looks after all: a timer for each, as Node's
 * own limit has it, is set anew by every request.
 */
import type { Server, Socket } from 'node:net'

interface Seen {
  /** Bytes either way. */
  bytes: number
  /** In whole seconds. */
  silentFor: number
}

/** A request that waits for its target is given up by then, and answered: that has to come first. */
const LATER_SECONDS = 1

/** Watches a server's connections for as long as it listens. ALB User Guide, connection idle timeout: in seconds. */
export function endIdleClients(server: Server, idleSeconds: () => number): void {
  const clients = new Map<Socket, Seen>()
  server.on('connection', (client: Socket) => {
    clients.set(client, { bytes: 0, silentFor: 0 })
    client.once('close', () => clients.delete(client))
  })
  const tick = () => {
    const most = idleSeconds() + LATER_SECONDS
    for (const [client, seen] of clients) {
      const bytes = client.bytesRead + client.bytesWritten
      seen.silentFor = bytes === seen.bytes ? seen.silentFor + 1 : 0
      seen.bytes = bytes
      if (seen.silentFor > most) client.destroy()
    }
  }
  const ticking = setInterval(tick, 1000).unref()
  server.once('close', () => clearInterval(ticking))
}
