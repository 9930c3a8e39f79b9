/** What a load balancer changes in the headers of requests and responses. Lists are raw: name, value, name, value. */
import { loadBalancerAttribute } from '../../elb/attributes.ts'
import type { ListenerRecord, LoadBalancerRecord } from '../../elb/state.ts'

/** A client's connection, as far as headers tell of it. */
export interface Client {
  readonly address: string
  readonly port: number
}

/** RFC 9110 §7.6.1: these are for the connection that they came by, not for the next one. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'])
const OURS = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-port', 'host', 'expect'])

/** ALB User Guide, HTTP 463: more addresses than these in X-Forwarded-For are refused. */
export const MOST_FORWARDED = 30

/** ALB quotas, HTTP headers: of the request line, and of a single header (characters, which are bytes there). */
export const MOST_OF_ONE = 16_384

interface Passing {
  readonly client: Client
  readonly balancer: LoadBalancerRecord
  readonly listener: Pick<ListenerRecord, 'port'>
  /** For X-Amzn-Trace-Id, where the client sent none. */
  readonly traceId: string
  /** The protocol that the client asks to go on with, if any. */
  readonly upgrade?: string | undefined
}

/** The headers that a target gets for those that the client sent. ALB User Guide, HTTP headers. */
export function requestHeaders(raw: readonly string[], passing: Passing): string[] {
  const { client, balancer, listener, upgrade } = passing
  const headers: string[] = []
  const forwarded: string[] = []
  let host = ''
  let isTraced = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const value = raw[i + 1] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'x-forwarded-for') forwarded.push(value)
    else if (lower === 'host') host = value
    else if (!OURS.has(lower) && !OF_CONNECTION.has(lower)) {
      headers.push(name, value)
      isTraced ||= lower === 'x-amzn-trace-id'
    }
  }
  headers.push('Host', hostFor(host, balancer, listener))
  headers.push(...forwardedFor(forwarded, client, balancer))
  headers.push('X-Forwarded-Proto', 'http', 'X-Forwarded-Port', String(listener.port))
  if (!isTraced) headers.push('X-Amzn-Trace-Id', passing.traceId)
  if (upgrade !== undefined) headers.push('Connection', 'Upgrade', 'Upgrade', upgrade)
  return headers
}

/** Unless it is preserved, the port of a listener that is not the usual one is put behind a host without port. */
function hostFor(host: string, balancer: LoadBalancerRecord, { port }: Pick<ListenerRecord, 'port'>): string {
  if (loadBalancerAttribute(balancer, 'routing.http.preserve_host_header.enabled') === 'true') return host
  return port === 80 || port === 443 || /:\d+$/.test(host) ? host : `${host}:${port}`
}

function forwardedFor(before: readonly string[], client: Client, balancer: LoadBalancerRecord): string[] {
  const mode = loadBalancerAttribute(balancer, 'routing.http.xff_header_processing.mode')
  if (mode === 'remove') return []
  const withPort = loadBalancerAttribute(balancer, 'routing.http.xff_client_port.enabled') === 'true'
  const own = withPort ? `${client.address}:${client.port}` : client.address
  const all = mode === 'append' ? [...before, own] : before
  return all.length ? ['X-Forwarded-For', all.join(', ')] : []
}

/** The headers that a client gets for those that the target sent. */
export function responseHeaders(
  raw: readonly string[],
  listener: Pick<ListenerRecord, 'attributes'>,
  cookies: readonly string[],
): string[] {
  const replaced = ownHeaders(listener)
  const headers: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const lower = name.toLowerCase()
    // Node frames the body by itself, as the client's version of HTTP wants it.
    if (lower === 'transfer-encoding' || OF_CONNECTION.has(lower) || replaced?.has(lower)) continue
    headers.push(name, raw[i + 1] ?? '')
  }
  for (const cookie of cookies) headers.push('Set-Cookie', cookie)
  for (const [name, value] of replaced ?? []) if (value) headers.push(name, value)
  return headers
}

const PREFIX = 'routing.http.response.'

/** Headers that the listener's attributes set or, with an empty value, remove. */
function ownHeaders({ attributes }: Pick<ListenerRecord, 'attributes'>): Map<string, string> | undefined {
  const keys = Object.keys(attributes)
  if (!keys.length) return undefined
  const headers = new Map<string, string>()
  for (const key of keys) {
    const value = attributes[key] ?? ''
    const name = key.slice(PREFIX.length).replace('.header_value', '').replaceAll('_', '-')
    if (key === `${PREFIX}server.enabled`) {
      if (value === 'false') headers.set('server', '')
    } else if (value) headers.set(name, value)
  }
  return headers
}
