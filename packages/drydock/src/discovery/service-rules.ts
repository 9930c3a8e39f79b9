/** What a service may say of its records and its health checks (API Reference: CreateService, DnsConfig, DnsRecord). */
import type {
  CreateServiceRequest,
  DnsConfig,
  DnsRecord,
  ServiceChange,
} from '@aws-sdk/client-servicediscovery'
import { RecordType, RoutingPolicy, ServiceTypeOption } from '@aws-sdk/client-servicediscovery'
import { invalid, notImplemented } from './errors.ts'
import { requireOneOf, requireTtl } from './rules.ts'
import type { DnsSettings, NamespaceRecord, ServiceRecord } from './state.ts'

/** The combinations of record types that a service can have. */
const COMBINATIONS: readonly string[] = ['A', 'AAAA', 'A,AAAA', 'SRV', 'CNAME']

/**
 * The records of a new service in a namespace; undefined where its instances are found by API alone. Throws
 * InvalidInput, and NotImplementedException for a Route 53 health check.
 */
export function parseDns(
  { Type, DnsConfig: dns, HealthCheckConfig, HealthCheckCustomConfig }: CreateServiceRequest,
  namespace: NamespaceRecord,
): DnsSettings | undefined {
  requireOneOf('Type', Type, ServiceTypeOption)
  if (HealthCheckConfig && HealthCheckCustomConfig)
    throw invalid('Specify either HealthCheckConfig or HealthCheckCustomConfig, but not both.')
  const records = dns?.DnsRecords ?? []
  const isHttp = namespace.type === 'HTTP' || Type === 'HTTP'
  if (isHttp && records.length) throw invalid('A service of type HTTP has no DnsConfig.')
  if (!isHttp && !records.length)
    throw invalid('A service in a DNS namespace needs a DnsConfig, unless its Type is HTTP.')
  const settings = isHttp ? undefined : parseRecords(dns, records)
  if (HealthCheckConfig) {
    if (namespace.type === 'DNS_PRIVATE')
      throw invalid('HealthCheckConfig cannot be used in a private DNS namespace.')
    if (settings?.records.some(({ type }) => type === 'CNAME'))
      throw invalid('HealthCheckConfig cannot be used with a CNAME record.')
    throw notImplemented('A Route 53 health check of a service')
  }
  return settings
}

function parseRecords(dns: DnsConfig | undefined, given: readonly DnsRecord[]): DnsSettings {
  const routingPolicy = requireOneOf('RoutingPolicy', dns?.RoutingPolicy, RoutingPolicy) ?? 'MULTIVALUE'
  const records = given.map(parseRecord)
  const types = records.map(({ type }) => type).sort()
  if (!COMBINATIONS.includes(types.join())) throw invalid(`The record types ${types} cannot be combined.`)
  if (types.includes('CNAME') && routingPolicy !== 'WEIGHTED')
    throw invalid('A CNAME record needs the routing policy WEIGHTED.')
  return { routingPolicy, records }
}

function parseRecord({ Type, TTL }: DnsRecord) {
  const type = requireOneOf('Type', Type, RecordType)
  if (!type) throw invalid('The Type of a DnsRecord is required.')
  return { type, ttl: requireTtl(TTL) }
}

/** The records after an update, which can change their TTLs only. Throws InvalidInput. */
export function changedDns(
  { dns }: ServiceRecord,
  { DnsConfig: wanted, HealthCheckConfig }: ServiceChange,
): DnsSettings | undefined {
  if (HealthCheckConfig) throw notImplemented('A Route 53 health check of a service')
  if (!wanted) return undefined
  if (!dns) throw invalid('A service without DnsConfig cannot be given one.')
  const records = (wanted.DnsRecords ?? []).map(parseRecord)
  const typesOf = (of: DnsSettings['records']) =>
    of
      .map(({ type }) => type)
      .sort()
      .join()
  if (typesOf(records) !== typesOf(dns.records))
    throw invalid('The record types of a service cannot be changed.')
  return { ...dns, records }
}
