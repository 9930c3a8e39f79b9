/**
 * The data plane of Elastic Load Balancing: health checks, the load balancers' own ports, and their DNS names on the
 * engine's port. It keeps no configuration: every request is decided by the state as it is at that moment.
 */
import { setMaxListeners } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import type { DataPlaneEffect } from '../../elb/effects.ts'
import { listenerFor, loadBalancerByDnsName } from '../../elb/readers.ts'
import type { ListenerRecord, LoadBalancerRecord } from '../../elb/state.ts'
import type { Engine } from '../../engine.ts'
import type { Scope } from '../../service.ts'
import type { Performers } from '../effects.ts'
import { MOST_HEADER_BYTES, type Mount } from '../http.ts'
import { errorAnswer, rawAnswer, sendAnswer } from './answers.ts'
import { endIdleClients } from './idle-clients.ts'
import { createMetrics } from './metrics.ts'
import { createPorts, type PortServer } from './ports.ts'
import { probe } from './probing.ts'
import { publish } from './publishing.ts'
import { createServing, idleSecondsOf, type Place } from './serving.ts'
import { serveTcp } from './tcp.ts'
import { createTraffic } from './traffic.ts'

export interface BalancerOptions {
  readonly engine: Engine
  /**
   * For addresses at which no program can be: the HTTP status with which checks of their health are answered, or
   * `none` where there is not even a simulated task. Undefined for addresses that are really reached.
   */
  readonly simulated?: (address: string) => number | 'none' | undefined
}

type Door = Required<Pick<Mount, 'listener' | 'upgrade'>>

export interface Balancer {
  readonly performers: Performers<DataPlaneEffect>
  /** Serves load balancers by their DNS names, which the Host of the requests must be. */
  readonly door: Door
  /** Ends all connections and stops to listen; it can be used again. */
  close(): Promise<void>
}

export function createBalancer({ engine, simulated = () => undefined }: BalancerOptions): Balancer {
  const traffic = createTraffic()
  const metrics = createMetrics()
  const now = () => engine.clock.now()
  let life = newLife()
  const unreachable = (address: string) => (simulated(address) === undefined ? undefined : SIMULATED)
  const serving = createServing({ now, traffic, metrics, unreachable })
  const stateOf = (scope: Scope) => engine.state('elb', scope)

  /** A listener that has gone meanwhile has no place. */
  const placeOf = (scope: Scope, listenerArn: string): Place | undefined => {
    const state = stateOf(scope)
    const listener = state.listeners[listenerArn]
    const balancer = listener && state.loadBalancers[listener.loadBalancerArn]
    return listener && balancer && { scope, state, listener, balancer }
  }
  const serveTcpAt = (place: Place | undefined, client: Socket) => {
    if (place) serveTcp(place, client, { now, traffic, unreachable })
    else client.resetAndDestroy()
  }
  const portsOf = perScope((scope) =>
    createPorts({
      serve: ({ arn, protocol }: ListenerRecord) =>
        protocol === 'TCP'
          ? tcpServer((client) => serveTcpAt(placeOf(scope, arn), client))
          : httpServer(serving, () => placeOf(scope, arn)),
    }),
  )

  return {
    performers: {
      async 'probe-target'({ targetGroupArn, target, registration, ...asked }, scope) {
        const known = simulated(asked.address)
        const answer =
          known === undefined ? await probe(asked, life.signal) : simulatedAnswer(known, asked.protocol)
        engine.report('elb', scope, { kind: 'target-answered', targetGroupArn, target, registration, answer })
      },
      async listen({ loadBalancerArn }, scope) {
        engine.report('elb', scope, await portsOf.get(scope).listen(loadBalancerArn, () => stateOf(scope)))
      },
      async 'end-connections'({ targetGroupArn, target }) {
        traffic.cutAll(targetGroupArn, target)
      },
      'publish-metrics': ({ at }, scope) => publish(engine, scope, metrics.take(scope), at),
    },
    door: doorOf(engine, serving),
    async close() {
      life.abort()
      life = newLife()
      traffic.reset()
      serving.close()
      await portsOf.closeAll()
    },
  }
}

/** Ends all health checks that are under way; there may be any number of them. */
function newLife(): AbortController {
  const life = new AbortController()
  setMaxListeners(0, life.signal)
  return life
}

const SIMULATED = 'Tasks are simulated here: there is no program to answer.'

function simulatedAnswer(known: number | 'none', protocol: string) {
  if (known === 'none') return { kind: 'failed' } as const
  return protocol === 'TCP' ? ({ kind: 'connected' } as const) : ({ kind: 'status', status: known } as const)
}

function perScope(create: (scope: Scope) => ReturnType<typeof createPorts>) {
  const made = new Map<string, ReturnType<typeof createPorts>>()
  return {
    get({ accountId, region }: Scope) {
      const key = `${accountId}/${region}`
      const ports = made.get(key) ?? create({ accountId, region })
      made.set(key, ports)
      return ports
    },
    async closeAll() {
      await Promise.all([...made.values()].map((ports) => ports.close()))
    },
  }
}

type Serves = Pick<ReturnType<typeof createServing>, 'request' | 'upgrade'>

function httpServer(serving: Serves, placeNow: () => Place | undefined): PortServer {
  // A request without a body is passed on without its stream, which then need not be there.
  const limits = {
    keepAliveTimeout: 0,
    requestTimeout: 0,
    optimizeEmptyRequests: true,
    maxHeaderSize: MOST_HEADER_BYTES,
  }
  const server = createHttpServer(limits, (request, reply) => {
    const place = placeNow()
    if (place) serving.request(place, request, reply)
    else reply.destroy()
  })
  server.on('upgrade', (request, socket, head) => {
    const place = placeNow()
    if (place) serving.upgrade(place, request, socket, head)
    else socket.destroy()
  })
  endIdleClients(server, () => {
    const balancer = placeNow()?.balancer
    return balancer ? idleSecondsOf(balancer) : 0
  })
  return { server, cut: () => server.closeAllConnections() }
}

function tcpServer(onClient: (client: Socket) => void): PortServer {
  const clients = new Set<Socket>()
  const server = createTcpServer((client) => {
    clients.add(client)
    client.on('error', () => {}).once('close', () => clients.delete(client))
    onClient(client)
  })
  return {
    server,
    cut: () => {
      for (const client of clients) client.destroy()
    },
  }
}

/** Serves requests whose Host is a load balancer's DNS name. */
function doorOf(engine: Engine, serving: Serves): Door {
  const find = finder(engine)
  return {
    listener(request, reply) {
      const place = find(request)
      if (typeof place === 'string') sendAnswer(request, reply, errorAnswer(404, place))
      else serving.request(place, request, reply)
    },
    upgrade(request, socket, head) {
      const place = find(request)
      if (typeof place === 'string') socket.end(rawAnswer(errorAnswer(404, place)))
      else serving.upgrade(place, request, socket, head)
    },
  }
}

/** Finds the listener that a request means, or says why there is none. Remembers where a name was found. */
function finder(engine: Engine) {
  const known = new Map<string, { scope: Scope; balancer: LoadBalancerRecord }>()
  const homeOf = (dnsName: string) => {
    const before = known.get(dnsName)
    if (before && engine.state('elb', before.scope).loadBalancers[before.balancer.arn] === before.balancer)
      return before
    known.delete(dnsName)
    for (const { name, scope } of engine.snapshot()) {
      const balancer = name === 'elb' ? loadBalancerByDnsName(engine.state('elb', scope), dnsName) : undefined
      if (balancer) known.set(dnsName, { scope, balancer })
    }
    return known.get(dnsName)
  }
  return ({ headers }: IncomingMessage): Place | string => {
    const [dnsName = '', port = '80'] = (headers.host ?? '').toLowerCase().split(':')
    const home = homeOf(dnsName)
    if (home?.balancer.type !== 'application') return 'There is no application load balancer of this name.'
    const state = engine.state('elb', home.scope)
    const listener = listenerFor(state, home.balancer, Number(port))
    return listener ? { ...home, state, listener } : 'This load balancer has no listener.'
  }
}
