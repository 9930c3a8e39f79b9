/** Serves a request to a listener: decides by the state as it is now, and passes the request on or answers it. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { loadBalancerAttribute } from '../../elb/attributes.ts'
import type { RoutedRequest } from '../../elb/route.ts'
import type { ElbState, ListenerRecord, LoadBalancerRecord } from '../../elb/state.ts'
import type { Scope } from '../../service.ts'
import { errorAnswer, type OwnAnswer, rawAnswer, sendAnswer } from './answers.ts'
import { type Connections, createConnections } from './connections.ts'
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
  const connections = createConnections()
  return {
    request(place, request, reply) {
      const decision = decideOn(place, request, options)
      if (decision.kind === 'forward') forward(place, decision, request, reply, { ...options, connections })
      else sendAnswer(request, reply, counted(place, decision, options))
    },
    upgrade(place, request, socket, head) {
      const decision = decideOn(place, request, options)
      if (decision.kind === 'forward') upgradeTo(place, decision, { request, socket, head }, options)
      else socket.end(rawAnswer(counted(place, decision, options)))
    },
    close: () => connections.close(),
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
  const { scope, balancer } = place
  metrics.count({ scope, loadBalancerArn: balancer.arn, ...(isCounted && { ownStatus: answer.status }) })
  return answer
}

function forward(
  place: Place,
  to: Forwarding,
  request: IncomingMessage,
  reply: ServerResponse,
  { traffic, metrics, connections }: ServingOptions & { readonly connections: Connections },
): void {
  const isTls = to.group.protocol === 'HTTPS'
  const onEnd = (end: End) => {
    closed()
    metrics.count(endedOf(place, to, end))
    if (end.own !== undefined && end.own !== 460 && !reply.headersSent)
      sendAnswer(request, reply, errorAnswer(end.own))
  }
  const cut = exchange({
    request,
    reply,
    connections,
    to: { isTls, address: to.address, port: to.port, idleSeconds: idleSecondsOf(place.balancer) },
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
    idleMs: idleSecondsOf(place.balancer) * 1000,
    onEnd: (end) => {
      closed()
      metrics.count(endedOf(place, to, end))
    },
  })
  const closed = traffic.open(to.group.arn, to.target, cut)
}

const endedOf = (
  { scope, balancer }: Place,
  { group }: Forwarding,
  { own, isUnconnected, targetStatus, targetMs }: End,
) => ({
  scope,
  loadBalancerArn: balancer.arn,
  targetGroupArn: group.arn,
  targetStatus,
  ownStatus: own,
  isUnconnected,
  targetMs,
})

/** ALB User Guide, connection idle timeout. */
export const idleSecondsOf = (balancer: LoadBalancerRecord) =>
  Number(loadBalancerAttribute(balancer, 'idle_timeout.timeout_seconds'))

function routedOf(request: IncomingMessage): RoutedRequest {
  const { method = 'GET', url = '/', headers, socket } = request
  return { method, url, host: headers.host ?? '', headers, sourceIp: socket.remoteAddress ?? '' }
}

function passing({ balancer, listener }: Place, { socket }: IncomingMessage) {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return { client: { address, port: socket.remotePort ?? 0 }, balancer, listener, traceId: newTraceId() }
}

/** What no other process has, and then a number, make a trace's id: a random one for each request would take longer. */
const OF_PROCESS = randomBytes(8).toString('hex')
let traces = 0

/** ALB User Guide, request tracing: `Root=1-<seconds>-<96 bits>`. */
function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  traces = (traces + 1) >>> 0
  return `Root=1-${seconds}-${OF_PROCESS}${traces.toString(16).padStart(8, '0')}`
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
