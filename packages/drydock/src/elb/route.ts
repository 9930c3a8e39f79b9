/** Which rule of a listener a request meets: the first, in the order of priority, all of whose conditions hold. */
import type { QueryStringKeyValuePair, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import ipaddr from 'ipaddr.js'
import type { RuleRecord } from './state.ts'
import { matchesWildcard } from './wildcard.ts'

/** A request as far as rules look at it. */
export interface RoutedRequest {
  readonly method: string
  /** Path and query, as on the request line: `/a/b?x=1`. */
  readonly url: string
  /** The Host header. */
  readonly host: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly sourceIp: string
}

/** The rule that a request meets; the default rule, which has no conditions, is the last. */
export function route(rules: readonly RuleRecord[], request: RoutedRequest): RuleRecord | undefined {
  return rules.find(({ conditions }) => conditions.every((condition) => holds(condition, request)))
}

/** API Reference, RuleCondition: one of the values is enough. */
function holds(condition: RuleCondition, request: RoutedRequest): boolean {
  const { Field: field, Values: plain = [] } = condition
  switch (field) {
    case 'path-pattern': {
      const path = pathOf(request.url)
      const values = condition.PathPatternConfig?.Values ?? plain
      return values.some((value) => matchesWildcard(value, path))
    }
    case 'host-header': {
      const host = request.host.replace(/:\d+$/, '')
      const values = condition.HostHeaderConfig?.Values ?? plain
      return values.some((value) => matchesCaseless(value, host))
    }
    case 'http-request-method':
      return condition.HttpRequestMethodConfig?.Values?.includes(request.method) ?? false
    case 'http-header':
      return hasHeader(condition, request)
    case 'query-string':
      return hasParameter(condition.QueryStringConfig?.Values ?? [], request.url)
    case 'source-ip':
      return condition.SourceIpConfig?.Values?.some((cidr) => isWithin(request.sourceIp, cidr)) ?? false
  }
  return false
}

export const pathOf = (url: string) => url.split('?', 1)[0] ?? ''
export const queryOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

const matchesCaseless = (pattern: string, text: string, escapes = false) =>
  matchesWildcard(pattern.toLowerCase(), text.toLowerCase(), escapes)

function hasHeader({ HttpHeaderConfig: config }: RuleCondition, { headers }: RoutedRequest): boolean {
  const found = headers[config?.HttpHeaderName?.toLowerCase() ?? '']
  const texts = found === undefined ? [] : typeof found === 'string' ? [found] : found
  return texts.some((text) => config?.Values?.some((value) => matchesCaseless(value, text)))
}

function hasParameter(wanted: readonly QueryStringKeyValuePair[], url: string): boolean {
  const parameters = queryOf(url)
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [key = '', ...value] = part.split('=')
      return { key: decode(key), value: decode(value.join('=')) }
    })
  return wanted.some(({ Key: key, Value: value = '' }) =>
    parameters.some(
      (each) =>
        (key === undefined || matchesCaseless(key, each.key, true)) &&
        matchesCaseless(value, each.value, true),
    ),
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** An IPv4 address may come in its IPv6 form (`::ffff:127.0.0.1`). */
function isWithin(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const [network, bits] = ipaddr.parseCIDR(cidr)
  const source = ipaddr.process(address)
  return source.kind() === network.kind() && source.match(network, bits)
}
