/**
 * Addresses for tasks. Linux answers on all of 127.0.0.0/8, so each task gets an address of its own there; other
 * systems have only 127.0.0.1, which all tasks then share, each declared port being moved to a free one.
 */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

export interface ClaimedAddress {
  readonly address: string
  /** Lets others claim it. */
  release(): void
}

/** A datagram port that no task is likely to use: who holds it holds the address, across all engines of a machine. */
const CLAIM_PORT = 65_535
const MOST_TRIES = 100

/**
 * An address of 127.64.0.0/10 that no other task on this machine has. Where it cannot be claimed for want of sockets,
 * chance alone keeps it apart (one in four million), and starting the program will tell what is wanting.
 */
export async function claimAddress(): Promise<ClaimedAddress> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const address = `127.${randomInt(64, 128)}.${randomInt(256)}.${randomInt(1, 255)}`
    const socket = createSocket('udp4').unref()
    socket.bind({ address, port: CLAIM_PORT, exclusive: true })
    try {
      await once(socket, 'listening')
      return { address, release: () => socket.close() }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return { address, release: () => {} }
    }
  }
  throw new Error('No free address in 127.64.0.0/10')
}

/**
 * Makes sure that a container can listen at a port. Throws what ECS reports if it cannot: another program listens at
 * this port of all addresses, or the port is below 1024 and the user is not allowed to.
 */
export async function requireBindable(address: string, port: number): Promise<void> {
  try {
    await listenOnce(address, port)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const problem = code === 'EADDRINUSE' ? 'port is already allocated' : (code ?? String(cause))
    throw new Error(
      `CannotStartContainerError: Error response from daemon: bind for ${address}:${port} failed: ${problem}`,
      { cause },
    )
  }
}

/** A port that is free at the moment. */
export function freePort(address: string): Promise<number> {
  return listenOnce(address, 0)
}

async function listenOnce(address: string, port: number): Promise<number> {
  const server = createServer().listen({ host: address, port, exclusive: true })
  await once(server, 'listening')
  const bound = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return bound.port
}
