/**
 * Which service and operation a request is for, told from the table of services alone, so that no client package is
 * loaded to find out. The protocol belongs to the request: one service may be called in three.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { ServiceEntry } from '../services.ts'
import type { ProtocolName } from './protocol.ts'

/** What identifying needs of a request. */
export interface Identifiable {
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** The parameters of a query request: its form body or, presigned, its URL. */
  readonly form?: URLSearchParams
}

/** Several candidates only where the request does not say more; the first that knows the operation is meant. */
export interface Identified {
  readonly candidates: readonly string[]
  /** Absent for REST requests: their protocol is the service's own. */
  readonly protocol?: ProtocolName
  /** Absent for REST requests: their operation is told by method and path. */
  readonly operation?: string
}

/** Identifies by `smithy-protocol`, then `X-Amz-Target`, then `Action`, then signing name or path. */
export function identify(
  table: Readonly<Record<string, ServiceEntry>>,
  request: Identifiable,
  signingName: string | undefined,
): Identified {
  const { headers, url } = request
  const rpc = /^\/service\/([^/]+)\/operation\/([^/]+)$/.exec(url.pathname)
  if (rpc && headers['smithy-protocol']) {
    return { candidates: byTarget(table, rpc[1]), protocol: 'rpcv2Cbor', operation: rpc[2] ?? '' }
  }
  const target = headers['x-amz-target']
  if (typeof target === 'string') {
    const dot = target.lastIndexOf('.')
    const protocol = headers['content-type']?.includes('json-1.0') ? 'awsJson1_0' : 'awsJson1_1'
    return { candidates: byTarget(table, target.slice(0, dot)), protocol, operation: target.slice(dot + 1) }
  }
  const signed = namesOf(table, (entry) => entry.signingName === signingName)
  const action = request.form?.get('Action')
  if (action) {
    const version = request.form?.get('Version')
    const inVersion = namesOf(
      table,
      (entry) => entry.version !== undefined && (!version || entry.version === version),
    )
    const both = signed.filter((name) => inVersion.includes(name))
    return { candidates: signed.length ? both : inVersion, protocol: 'awsQuery', operation: action }
  }
  if (signingName !== undefined) return { candidates: signed }
  return { candidates: namesOf(table, (entry) => entry.paths?.test(url.pathname) ?? false) }
}

const byTarget = (table: Readonly<Record<string, ServiceEntry>>, target: string | undefined) =>
  namesOf(table, (entry) => entry.target === target)

const namesOf = (table: Readonly<Record<string, ServiceEntry>>, matches: (entry: ServiceEntry) => boolean) =>
  Object.keys(table).filter((name) => {
    const entry = table[name]
    return entry !== undefined && matches(entry)
  })
