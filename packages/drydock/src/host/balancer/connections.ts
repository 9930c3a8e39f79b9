/** Connections to targets, kept for the next request to the same one. */
import { Connection, type Destination } from './connection.ts'

export interface Connections {
  /** One that was kept or, where there is none or `isNew`, a new one. */
  take(to: Destination, isNew: boolean): Connection
  /** Ends those that are kept. */
  close(): void
}

export function createConnections(): Connections {
  const kept = new Map<string, Connection[]>()
  const all = new Set<Connection>()
  let ticking: NodeJS.Timeout | undefined
  const tick = () => {
    for (const connection of all) connection.tick()
  }
  const connect = (to: Destination, idle: Connection[]) => {
    const made = new Connection(to, (connection) => void idle.push(connection))
    all.add(made)
    ticking ??= setInterval(tick, 1000).unref()
    made.socket.once('close', () => {
      all.delete(made)
      const index = idle.indexOf(made)
      if (index >= 0) idle.splice(index, 1)
      if (all.size) return
      clearInterval(ticking)
      ticking = undefined
    })
    return made
  }
  const keptFor = ({ isTls, address, port, idleSeconds }: Destination) => {
    const key = `${address} ${port} ${idleSeconds} ${isTls}`
    const found = kept.get(key) ?? []
    kept.set(key, found)
    return found
  }
  return {
    take(to, isNew) {
      const idle = keptFor(to)
      for (let last = isNew ? undefined : idle.pop(); last; last = idle.pop()) if (last.isOpen) return last
      return connect(to, idle)
    },
    close() {
      for (const idle of kept.values()) for (const connection of [...idle]) connection.destroy()
      kept.clear()
    },
  }
}
