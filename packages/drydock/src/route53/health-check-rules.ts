/** What the settings of a health check may be (API Reference: HealthCheckConfig). */
import { isIP } from 'node:net'
import type { HealthCheckConfig, UpdateHealthCheckRequest } from '@aws-sdk/client-route-53'
import { invalidInput, noSuchHealthCheck, notImplemented } from './errors.ts'
import type { Route53State } from './state.ts'

const ENDPOINT_TYPES = ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP']

/** Throws InvalidInput, NoSuchHealthCheck for a child that is gone, NotImplementedException. */
export function requireConfig(
  config: HealthCheckConfig | undefined,
  state: Route53State,
): asserts config is HealthCheckConfig {
  const type = config?.Type ?? ''
  if (type === 'CLOUDWATCH_METRIC' || type === 'RECOVERY_CONTROL')
    throw notImplemented(`Health checks of type ${type} are`)
  if (!config || (type !== 'CALCULATED' && !ENDPOINT_TYPES.includes(type)))
    throw invalidInput(`Invalid parameter : Health check type '${type}' is not supported.`)
  if (type === 'CALCULATED') requireCalculated(config, state)
  else requireEndpoint(config, type)
}

function requireCalculated(
  { ChildHealthChecks = [], HealthThreshold }: HealthCheckConfig,
  state: Route53State,
): void {
  requireWithin('HealthThreshold', HealthThreshold, 0, 256)
  if (HealthThreshold === undefined) throw invalidInput('Invalid parameter : HealthThreshold is required.')
  if (ChildHealthChecks.length > 256)
    throw invalidInput('Invalid parameter : ChildHealthChecks can have at most 256 items.')
  for (const child of ChildHealthChecks) if (!state.healthChecks[child]) throw noSuchHealthCheck(child)
}

function requireEndpoint(config: HealthCheckConfig, type: string): void {
  const { IPAddress, FullyQualifiedDomainName, SearchString, ResourcePath, RequestInterval, Port } = config
  if (!IPAddress && !FullyQualifiedDomainName)
    throw invalidInput('Invalid parameter : You must specify an IP address or a domain name.')
  if (IPAddress && !isIP(IPAddress))
    throw invalidInput(`Invalid parameter : ${IPAddress} is not a valid IP address.`)
  if (RequestInterval !== undefined && RequestInterval !== 10 && RequestInterval !== 30)
    throw invalidInput('Invalid parameter : RequestInterval must be 10 or 30.')
  if (type === 'TCP' && Port === undefined)
    throw invalidInput('Invalid parameter : Port is required for TCP health checks.')
  if (type.endsWith('STR_MATCH') !== Boolean(SearchString))
    throw invalidInput(
      `Invalid parameter : SearchString must be specified for string matching, and only then.`,
    )
  if ((ResourcePath?.length ?? 0) > 255 || (SearchString?.length ?? 0) > 255)
    throw invalidInput('Invalid parameter : ResourcePath and SearchString can have at most 255 characters.')
  requireWithin('Port', Port, 1, 65_535)
  requireWithin('FailureThreshold', config.FailureThreshold, 1, 10)
}

function requireWithin(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw invalidInput(`Invalid parameter : ${name} must be from ${least} to ${most}.`)
}

/** The members that UpdateHealthCheck can change. */
const CHANGEABLE = [
  'IPAddress',
  'Port',
  'ResourcePath',
  'FullyQualifiedDomainName',
  'SearchString',
  'FailureThreshold',
  'Inverted',
  'Disabled',
  'HealthThreshold',
  'ChildHealthChecks',
  'EnableSNI',
  'Regions',
] as const

/** The settings with those of a request put in. */
export function changedConfig(before: HealthCheckConfig, input: UpdateHealthCheckRequest): HealthCheckConfig {
  const given = CHANGEABLE.filter((key) => input[key] !== undefined).map((key) => [key, input[key]])
  const reset = new Set<string>(input.ResetElements ?? [])
  const kept = Object.entries(before).filter(([key]) => !reset.has(key))
  return { Type: before.Type, ...Object.fromEntries([...kept, ...given]) }
}
