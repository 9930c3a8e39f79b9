/** Serves a request to a listener: decides by the state as it is now, and passes the request on or answers it. */
import { randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { loadBalancerAttribute } from '../../elb/attributes.ts'
import type { RoutedRequest } from '../../elb/route.ts'
import type { ElbState, ListenerRecord, LoadBalancerRecord } from '../../elb/state.ts'
import type { Scope } from '../../service.ts'
import { errorAnswer, type OwnAnswer, rawAnswer, sendAnswer } from './answers.ts'
import { type Decision, decide, type Forwarding } from './decide.ts'
import { type End, exchange } from './forwarding.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Metrics } from './metrics.ts'
import type { Traffic } from './traffic.ts'
import { upgradeThrough } from './upgrading.ts'

/** Which listener a request came to. */
export interface Place {
  readonly scope: Scope
  readonly state: ElbState
  readonly balancer: LoadBalancerRecord
  readonly listener: ListenerRecord
}

export interface ServingOptions {
  /** Engine time in milliseconds. */
  readonly now: () => number
  readonly traffic: Traffic
  readonly metrics: Metrics
  /** Why nothing at this address can be reached, if it cannot. */
  readonly unreachable: (address: string) => string | undefined
}

export interface Serving {
  request(place: Place, request: IncomingMessage, reply: ServerResponse): void
  upgrade(place: Place, request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Ends the connections that are kept for later. */
  close(): void
}

export function createServing(options: ServingOptions): Serving {
  const agents = agentsByTimeout()
  return {
    request(place, request, reply) {
      const decision = decideOn(place, request, options)
      if (decision.kind === 'forward') forward(place, decision, request, reply, { ...options, agents })
      else sendAnswer(request, reply, counted(place, decision, options))
    },
    upgrade(place, request, socket, head) {
      const decision = decideOn(place, request, options)
      if (decision.kind === 'forward') upgradeTo(place, decision, { request, socket, head }, options)
      else socket.end(rawAnswer(counted(place, decision, options)))
    },
    close: () => agents.close(),
  }
}

function decideOn(
  place: Place,
  request: IncomingMessage,
  { now, traffic, unreachable }: ServingOptions,
): Decision {
  const arrival = { request: routedOf(request), traffic, now: now(), chance: Math.random }
  const decision = decide(place.state, place.listener, arrival)
  const why = decision.kind === 'forward' ? unreachable(decision.address) : undefined
  return why === undefined ? decision : { kind: 'answer', answer: errorAnswer(503, why), isError: true }
}

type OwnDecision = Extract<Decision, { kind: 'answer' }>

/** Notes an answer of the load balancer's own: errors and redirects are counted by class. */
function counted(place: Place, { answer, isError }: OwnDecision, { metrics }: ServingOptions): OwnAnswer {
  const isCounted = isError || Math.floor(answer.status / 100) === 3
  metrics.count({ ...idOf(place), ...(isCounted && { ownStatus: answer.status }) })
  return answer
}

function forward(
  place: Place,
  to: Forwarding,
  request: IncomingMessage,
  reply: ServerResponse,
  { traffic, metrics, agents }: ServingOptions & { readonly agents: Agents },
): void {
  const isTls = to.group.protocol === 'HTTPS'
  const onEnd = (end: End) => {
    closed()
    metrics.count({ ...idOf(place, to), ...countOf(end) })
    if (end.own !== undefined && end.own !== 460 && !reply.headersSent)
      sendAnswer(request, reply, errorAnswer(end.own))
  }
  const cut = exchange({
    request,
    reply,
    isTls,
    agent: agents.get(isTls, idleMsOf(place.balancer)),
    address: to.address,
    port: to.port,
    headers: requestHeaders(request.rawHeaders, passing(place, request)),
    answerHeaders: (raw) => responseHeaders(raw, place.listener, cookiesFor(to, raw)),
    onEnd,
  })
  const closed = traffic.open(to.group.arn, to.target, cut)
}

function upgradeTo(
  place: Place,
  to: Forwarding,
  asked: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
  { traffic, metrics }: ServingOptions,
): void {
  const { rawHeaders, headers } = asked.request
  const cut = upgradeThrough({
    ...asked,
    isTls: to.group.protocol === 'HTTPS',
    address: to.address,
    port: to.port,
    headers: requestHeaders(rawHeaders, { ...passing(place, asked.request), upgrade: headers.upgrade }),
    idleMs: idleMsOf(place.balancer),
    onEnd: (end) => {
      closed()
      metrics.count({ ...idOf(place, to), ...countOf(end) })
    },
  })
  const closed = traffic.open(to.group.arn, to.target, cut)
}

const idOf = ({ scope, balancer }: Place, to?: Forwarding) => ({
  scope,
  loadBalancerArn: balancer.arn,
  ...(to && { targetGroupArn: to.group.arn }),
})

const countOf = ({ own, ...ofTarget }: End) => ({ ...ofTarget, ...(own !== undefined && { ownStatus: own }) })

const idleMsOf = (balancer: LoadBalancerRecord) =>
  Number(loadBalancerAttribute(balancer, 'idle_timeout.timeout_seconds')) * 1000

function routedOf(request: IncomingMessage): RoutedRequest {
  const { method = 'GET', url = '/', headers, socket } = request
  return { method, url, host: headers.host ?? '', headers, sourceIp: socket.remoteAddress ?? '' }
}

function passing({ balancer, listener }: Place, { socket }: IncomingMessage) {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return { client: { address, port: socket.remotePort ?? 0 }, balancer, listener, traceId: newTraceId() }
}

/** ALB User Guide, request tracing: `Root=1-<seconds>-<96 bits>`. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${seconds}-${randomUUID().replaceAll('-', '').slice(0, 24)}`
}

/** The load balancer's cookies, and those that follow the application's if the target set that. */
function cookiesFor({ cookies, appCookie }: Forwarding, raw: readonly string[]): readonly string[] {
  if (!appCookie) return cookies
  const isSet = raw.some(
    (name, index) =>
      index % 2 === 0 &&
      name.toLowerCase() === 'set-cookie' &&
      raw[index + 1]?.startsWith(`${appCookie.name}=`),
  )
  return isSet ? [...cookies, ...appCookie.cookies] : cookies
}

type Agents = ReturnType<typeof agentsByTimeout>

/** Connections to targets are kept for the next request; one pool for each idle timeout, as that is the pool's. */
function agentsByTimeout() {
  const agents = new Map<string, Agent>()
  return {
    get(isTls: boolean, timeout: number): Agent {
      const key = `${isTls} ${timeout}`
      const known = agents.get(key)
      if (known) return known
      const made = new (isTls ? TlsAgent : Agent)({ keepAlive: true, timeout })
      agents.set(key, made)
      return made
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
      agents.clear()
    },
  }
}
