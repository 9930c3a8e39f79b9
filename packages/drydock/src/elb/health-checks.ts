/** Health check settings of target groups: defaults, and what they may be. */
import type { Matcher } from '@aws-sdk/client-elastic-load-balancing-v2'
import { assertOneOf, assertRange, notImplemented, validation } from './errors.ts'
import type { HealthCheck, Protocol } from './state.ts'

/** What CreateTargetGroup and ModifyTargetGroup say of health checks. */
export interface HealthCheckInput {
  readonly HealthCheckProtocol?: string | undefined
  readonly HealthCheckPort?: string | undefined
  readonly HealthCheckEnabled?: boolean | undefined
  readonly HealthCheckPath?: string | undefined
  readonly HealthCheckIntervalSeconds?: number | undefined
  readonly HealthCheckTimeoutSeconds?: number | undefined
  readonly HealthyThresholdCount?: number | undefined
  readonly UnhealthyThresholdCount?: number | undefined
  readonly Matcher?: Matcher | undefined
}

/** The settings of a new group. Throws ValidationError. */
export function newHealthCheck(input: HealthCheckInput, groupProtocol: Protocol): HealthCheck {
  const isTcpGroup = groupProtocol === 'TCP'
  const protocol = parseProtocol(input.HealthCheckProtocol ?? (isTcpGroup ? 'TCP' : 'HTTP'), isTcpGroup)
  const defaults: HealthCheck = {
    protocol,
    port: 'traffic-port',
    intervalSeconds: 30,
    timeoutSeconds: defaultTimeout(protocol, isTcpGroup),
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    ...(protocol !== 'TCP' && { path: '/', matcher: isTcpGroup ? '200-399' : '200' }),
  }
  return changedHealthCheck(defaults, input, groupProtocol)
}

/** ALB User Guide: 5 s. NLB User Guide: 6 s for HTTP, 10 s for TCP and HTTPS. */
function defaultTimeout(protocol: Protocol, isTcpGroup: boolean): number {
  if (!isTcpGroup) return 5
  return protocol === 'HTTP' ? 6 : 10
}

/** The settings with those of a request put in. Throws ValidationError. */
export function changedHealthCheck(
  before: HealthCheck,
  input: HealthCheckInput,
  groupProtocol: Protocol,
): HealthCheck {
  assertNumbers(input)
  if (input.HealthCheckEnabled === false)
    throw validation('Health check enabled must be true for target groups with target type ip or instance')
  const isTcpGroup = groupProtocol === 'TCP'
  const protocol = parseProtocol(input.HealthCheckProtocol ?? before.protocol, isTcpGroup)
  const matcher = parseMatcher(input.Matcher, protocol, isTcpGroup)
  const path = parsePath(input.HealthCheckPath, protocol)
  const after: HealthCheck = {
    protocol,
    port: parsePort(input.HealthCheckPort ?? before.port),
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    ...(protocol !== 'TCP' && {
      path: path ?? before.path ?? '/',
      matcher: matcher ?? before.matcher ?? (isTcpGroup ? '200-399' : '200'),
    }),
  }
  if (after.timeoutSeconds > after.intervalSeconds)
    throw validation(
      `Health check timeout '${after.timeoutSeconds}' must be smaller than or equal to the interval '${after.intervalSeconds}'`,
    )
  return after
}

function assertNumbers(input: HealthCheckInput): void {
  assertRange('Health check interval', input.HealthCheckIntervalSeconds, 5, 300)
  assertRange('Health check timeout', input.HealthCheckTimeoutSeconds, 2, 120)
  assertRange('Healthy threshold count', input.HealthyThresholdCount, 2, 10)
  assertRange('Unhealthy threshold count', input.UnhealthyThresholdCount, 2, 10)
}

function parseProtocol(protocol: string, isTcpGroup: boolean): Protocol {
  assertOneOf('healthCheckProtocol', protocol, ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE'])
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol
  if (protocol === 'TCP' && isTcpGroup) return protocol
  throw validation(`Health check protocol '${protocol}' is not valid for this target group`)
}

function parsePort(port: string): string {
  if (port === 'traffic-port') return port
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return port
  throw validation(`Health check port '${port}' must be 'traffic-port' or in the range 1-65535 inclusive`)
}

function parsePath(path: string | undefined, protocol: Protocol): string | undefined {
  if (path === undefined) return undefined
  if (protocol === 'TCP') throw validation('Health check path cannot be specified for TCP health checks')
  if (!path.startsWith('/') || path.length > 1024 || !/^[\x21-\x7e]+$/.test(path))
    throw validation(`Health check path '${path}' must start with a '/' and have at most 1024 characters`)
  return path
}

/** API Reference, Matcher: single codes and ranges, of 200 to 499 for an application load balancer. */
function parseMatcher(
  matcher: Matcher | undefined,
  protocol: Protocol,
  isTcpGroup: boolean,
): string | undefined {
  if (matcher?.GrpcCode !== undefined) throw notImplemented('gRPC is')
  const codes = matcher?.HttpCode
  if (codes === undefined) return undefined
  if (protocol === 'TCP') throw validation('A matcher cannot be specified for TCP health checks')
  const most = isTcpGroup ? 599 : 499
  const isGood = codes.split(',').every((part) => {
    const [, first, last = first] = /^(\d{3})(?:-(\d{3}))?$/.exec(part) ?? []
    return (
      first !== undefined && Number(first) >= 200 && Number(last) <= most && Number(first) <= Number(last)
    )
  })
  if (!isGood)
    throw validation(`Health check matcher HTTP code '${codes}' must be within '200-${most}' inclusive`)
  return codes
}
