/** Attributes of load balancers, target groups and listeners: which there are, what they may be, and their defaults. */
import { invalidConfiguration, notImplemented, validation } from './errors.ts'
import type { ListenerRecord, LoadBalancerRecord, TargetGroupRecord } from './state.ts'

interface Attribute {
  readonly fallback: string
  /** Whether a value is one that AWS allows. */
  readonly allows: (value: string) => boolean
  /** Values that AWS has and Drydock has not. */
  readonly lacks?: (value: string) => boolean
}

export type Attributes = Readonly<Record<string, Attribute>>

const oneOf = (fallback: string, ...others: string[]): Attribute => ({
  fallback,
  allows: (value) => value === fallback || others.includes(value),
})
const flag = (fallback: 'true' | 'false') => oneOf(fallback, fallback === 'true' ? 'false' : 'true')
/** A switch of something that is not there: it can only be off. */
const missing = (fallback: string, on: string): Attribute => ({
  ...oneOf(fallback, on),
  lacks: (value) => value === on,
})
const text = (fallback = ''): Attribute => ({ fallback, allows: () => true })
const range = (fallback: number, least: number, most: number, also?: string): Attribute => ({
  fallback: String(fallback),
  allows: (value) =>
    value === also || (/^\d{1,7}$/.test(value) && Number(value) >= least && Number(value) <= most),
})

const logs = (what: string): Attributes => ({
  [`${what}.s3.enabled`]: missing('false', 'true'),
  [`${what}.s3.bucket`]: text(),
  [`${what}.s3.prefix`]: text(),
})

/** API Reference, LoadBalancerAttribute. */
const ofLoadBalancers: Attributes = {
  ...logs('access_logs'),
  'deletion_protection.enabled': flag('false'),
  'ipv6.deny_all_igw_traffic': flag('false'),
  'zonal_shift.config.enabled': missing('false', 'true'),
}

const ofApplication: Attributes = {
  ...ofLoadBalancers,
  ...logs('connection_logs'),
  ...logs('health_check_logs'),
  'client_keep_alive.seconds': range(3600, 60, 604_800),
  'idle_timeout.timeout_seconds': range(60, 1, 4000),
  'load_balancing.cross_zone.enabled': { fallback: 'true', allows: (value) => value === 'true' },
  'routing.http.desync_mitigation_mode': oneOf('defensive', 'monitor', 'strictest'),
  'routing.http.drop_invalid_header_fields.enabled': flag('false'),
  'routing.http.preserve_host_header.enabled': flag('false'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag('false'),
  'routing.http.xff_client_port.enabled': flag('false'),
  'routing.http.xff_header_processing.mode': oneOf('append', 'preserve', 'remove'),
  'routing.http2.enabled': flag('true'),
  'waf.fail_open.enabled': flag('false'),
}

const ofNetwork: Attributes = {
  ...ofLoadBalancers,
  'dns_record.client_routing_policy': oneOf(
    'any_availability_zone',
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
  ),
  'load_balancing.cross_zone.enabled': flag('false'),
  'secondary_ips.auto_assigned.per_subnet': range(0, 0, 7),
}

/** API Reference, TargetGroupAttribute. */
const ofGroups: Attributes = {
  'deregistration_delay.timeout_seconds': range(300, 0, 3600),
  'load_balancing.cross_zone.enabled': oneOf('use_load_balancer_configuration', 'true', 'false'),
  'stickiness.enabled': flag('false'),
  'target_group_health.dns_failover.minimum_healthy_targets.count': range(1, 1, 1000, 'off'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': {
    ...range(1, 1, 100, 'off'),
    fallback: 'off',
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': range(1, 1, 1000),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': {
    ...range(1, 1, 100, 'off'),
    fallback: 'off',
  },
}

const WEEK_SECONDS = 604_800

const ofHttpGroups: Attributes = {
  ...ofGroups,
  'load_balancing.algorithm.anomaly_mitigation': missing('off', 'on'),
  'load_balancing.algorithm.type': oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
  'slow_start.duration_seconds': {
    fallback: '0',
    allows: (value) => value === '0' || range(0, 30, 900).allows(value),
  },
  'stickiness.type': oneOf('lb_cookie', 'app_cookie'),
  'stickiness.lb_cookie.duration_seconds': range(86_400, 1, WEEK_SECONDS),
  'stickiness.app_cookie.cookie_name': { fallback: '', allows: isCookieName },
  'stickiness.app_cookie.duration_seconds': range(86_400, 1, WEEK_SECONDS),
}

const ofTcpGroups: Attributes = {
  ...ofGroups,
  'deregistration_delay.connection_termination.enabled': flag('false'),
  'preserve_client_ip.enabled': missing('false', 'true'),
  'proxy_protocol_v2.enabled': missing('false', 'true'),
  'stickiness.enabled': missing('false', 'true'),
  'stickiness.type': oneOf('source_ip'),
  'target_health_state.unhealthy.connection_termination.enabled': flag('true'),
  'target_health_state.unhealthy.draining_interval_seconds': range(0, 0, 360_000),
}

/** Names with these prefixes are the load balancer's own. */
function isCookieName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{0,256}$/.test(name) && !name.startsWith('AWSALB')
}

const header = (name: string) => `routing.http.response.${name}.header_value`

/** API Reference, ListenerAttribute: those of HTTP listeners that have an effect here, and of TCP listeners. */
const ofHttpListeners: Attributes = {
  'routing.http.response.server.enabled': flag('true'),
  ...Object.fromEntries(
    [
      'strict_transport_security',
      'access_control_allow_origin',
      'access_control_allow_methods',
      'access_control_allow_headers',
      'access_control_allow_credentials',
      'access_control_expose_headers',
      'access_control_max_age',
      'content_security_policy',
      'x_content_type_options',
      'x_frame_options',
    ].map((name) => [header(name), { fallback: '', allows: isHeaderValue }]),
  ),
}

/** RFC 9110 §5.5, without what could end the header. */
function isHeaderValue(value: string): boolean {
  return value.length <= 1024 && /^[\t\x20-\x7e]*$/.test(value)
}

const ofTcpListeners: Attributes = { 'tcp.idle_timeout.seconds': range(350, 60, 6000) }

export const tableOfLoadBalancer = ({ type }: Pick<LoadBalancerRecord, 'type'>) =>
  type === 'application' ? ofApplication : ofNetwork
export const tableOfGroup = ({ protocol }: Pick<TargetGroupRecord, 'protocol'>) =>
  protocol === 'TCP' ? ofTcpGroups : ofHttpGroups
export const tableOfListener = ({ protocol }: Pick<ListenerRecord, 'protocol'>) =>
  protocol === 'TCP' ? ofTcpListeners : ofHttpListeners

/** All attributes, set or not, as the API shows them. */
export function shown(table: Attributes, set: Readonly<Record<string, string>>) {
  return Object.entries(table).map(([Key, { fallback }]) => ({ Key, Value: set[Key] ?? fallback }))
}

/** The attributes with those of a request put in. Throws ValidationError, or 501 for values that are not there. */
export function modified(
  table: Attributes,
  set: Readonly<Record<string, string>>,
  wanted: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Record<string, string> {
  const result = { ...set }
  const seen = new Set<string>()
  for (const { Key = '', Value = '' } of wanted) {
    const attribute = Object.hasOwn(table, Key) ? table[Key] : undefined
    if (!attribute) throw validation(`Attribute key '${Key}' is not recognized`)
    if (seen.has(Key)) throw invalidConfiguration(`The attribute key '${Key}' is specified more than once`)
    seen.add(Key)
    if (!attribute.allows(Value)) throw validation(`The value '${Value}' is not valid for attribute '${Key}'`)
    if (attribute.lacks?.(Value)) throw notImplemented(`The attribute ${Key}=${Value} is`)
    result[Key] = Value
  }
  return result
}

/** A target group's attribute, set or not. */
export function groupAttribute(
  group: Pick<TargetGroupRecord, 'protocol' | 'attributes'>,
  key: string,
): string {
  return group.attributes[key] ?? tableOfGroup(group)[key]?.fallback ?? ''
}

/** A load balancer's attribute, set or not. */
export function loadBalancerAttribute(
  balancer: Pick<LoadBalancerRecord, 'type' | 'attributes'>,
  key: string,
): string {
  return balancer.attributes[key] ?? tableOfLoadBalancer(balancer)[key]?.fallback ?? ''
}
