/** Which of several programs takes a connection now: one that has just been started may not listen yet. */
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** How long a program is waited for that has been started but does not listen yet. */
const PATIENCE_MS = 5000
const ASK_EVERY_MS = 25

/**
 * The first of the targets (`http://address:port`, in the order to try) that takes a connection. Where none does,
 * `targets` is asked again for a while, because tasks come and go; then undefined.
 */
export async function firstAccepting(targets: () => readonly string[]): Promise<string | undefined> {
  const giveUp = performance.now() + PATIENCE_MS
  do {
    for (const target of targets()) if (await accepts(target)) return target
    await wait(ASK_EVERY_MS)
  } while (performance.now() < giveUp)
  return undefined
}

function accepts(target: string): Promise<boolean> {
  const { hostname, port } = new URL(target)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) })
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
