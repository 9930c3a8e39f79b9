/**
 * The ports of load balancers: each has a loopback address of its own, where the system allows, and listens there on
 * the ports of its listeners. What is open is compared with what the state says, so that repeating does no harm.
 */
import type { Server } from 'node:net'
import type { ElbReport } from '../../elb/effects.ts'
import { listenersOf } from '../../elb/listeners.ts'
import type { ElbState, ListenerRecord } from '../../elb/state.ts'
import { type ClaimedAddress, claimAddress } from '../process/address.ts'

/** What a listener's port is served by; not listening yet. */
export interface PortServer {
  readonly server: Server
  /** Ends all its connections. */
  readonly cut: () => void
}

export interface PortsOptions {
  readonly serve: (listener: ListenerRecord) => PortServer
}

interface Place {
  claimed?: ClaimedAddress | undefined
  readonly open: Map<string, PortServer>
  /** Works are done one after the other. */
  last: Promise<unknown>
}

type Listening = Extract<ElbReport, { kind: 'listening' }>

export interface Ports {
  /** Opens and closes ports of a load balancer until they are as the state says. */
  listen(loadBalancerArn: string, stateNow: () => ElbState): Promise<Listening>
  /** Closes all. */
  close(): Promise<void>
}

export function createPorts(options: PortsOptions): Ports {
  const places = new Map<string, Place>()
  const placeOf = (arn: string) => {
    const place = places.get(arn) ?? { open: new Map(), last: Promise.resolve() }
    places.set(arn, place)
    return place
  }
  return {
    listen(arn, stateNow) {
      const place = placeOf(arn)
      const work = place.last.then(() => bringInLine(place, arn, stateNow(), options))
      if (!stateNow().loadBalancers[arn]) places.delete(arn)
      place.last = work.catch(() => {})
      return work
    },
    async close() {
      const all = [...places.values()]
      places.clear()
      await Promise.all(all.map((place) => place.last.then(() => shut(place))))
    },
  }
}

async function bringInLine(
  place: Place,
  arn: string,
  state: ElbState,
  options: PortsOptions,
): Promise<Listening> {
  const balancer = state.loadBalancers[arn]
  if (!balancer) {
    shut(place)
    return { kind: 'listening', loadBalancerArn: arn, closedPorts: {} }
  }
  // Only Linux answers on all of 127.0.0.0/8.
  if (process.platform === 'linux') place.claimed ??= await claimAddress()
  const wanted = new Map(listenersOf(balancer, state).map((each) => [`${each.arn}:${each.port}`, each]))
  for (const key of place.open.keys()) if (!wanted.has(key)) closePort(place, key)
  const closedPorts: Record<string, string> = {}
  for (const [key, listener] of wanted) {
    const why = await openPort(place, key, listener, options)
    if (why !== undefined) closedPorts[listener.port] = why
  }
  const address = place.claimed?.address
  return { kind: 'listening', loadBalancerArn: arn, closedPorts, ...(address !== undefined && { address }) }
}

const ELSEWHERE = "Its DNS name is served on the engine's own port."

/** Opens a port if it is not open. Returns why it cannot be opened, if it cannot. */
async function openPort(
  { claimed, open }: Place,
  key: string,
  listener: ListenerRecord,
  { serve }: PortsOptions,
): Promise<string | undefined> {
  if (open.has(key)) return undefined
  if (!claimed) return `This system has no loopback addresses to spare. ${ELSEWHERE}`
  const port = serve(listener)
  const code = await listenAt(port.server, claimed.address, listener.port)
  if (code === undefined) open.set(key, port)
  else return `Cannot listen on ${claimed.address}:${listener.port} (${code}). ${ELSEWHERE}`
  return undefined
}

function listenAt(server: Server, host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)
    server.once('error', failed)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed)
      resolve(undefined)
    })
  })
}

function closePort({ open }: Place, key: string): void {
  const port = open.get(key)
  open.delete(key)
  port?.server.close()
  port?.cut()
}

function shut(place: Place): void {
  for (const key of [...place.open.keys()]) closePort(place, key)
  place.claimed?.release()
  place.claimed = undefined
}
