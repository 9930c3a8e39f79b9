/** The DNS records that an instance stands behind (API Reference: DnsRecord, RegisterInstance). Pure. */
import type { AliasTarget, ResourceRecordSet } from '@aws-sdk/client-route-53'
import type { DnsSettings, InstanceRecord, ServiceRecord } from './state.ts'

/** What the records depend on besides the service and the instance. */
export interface RecordPlace {
  readonly namespaceName: string
  /** A health check that always fails, for an instance that is unhealthy. */
  readonly unhealthyCheckId?: string
  /** The hosted zone of the name in AWS_ALIAS_DNS_NAME. */
  readonly aliasZoneId?: string
}

type Type = DnsSettings['records'][number]['type']

/** The service's name in DNS, and with SRV records the one of the instance, to which these lead. */
export function namesOf({ name, dns }: ServiceRecord, instanceId: string, namespaceName: string): string[] {
  const whole = `${name}.${namespaceName}`
  return hasSrv(dns) ? [whole, `${instanceId}.${whole}`] : [whole]
}

const hasSrv = (dns: DnsSettings | undefined) => dns?.records.some(({ type }) => type === 'SRV') ?? false

/** The record sets of an instance: each is told from those of others by the id of the instance. */
export function recordSetsOf(
  service: ServiceRecord,
  instance: InstanceRecord,
  place: RecordPlace,
): ResourceRecordSet[] {
  const { id, attributes } = instance
  const { dns } = service
  if (!dns) return []
  const routing = dns.routingPolicy === 'WEIGHTED' ? { Weight: 1 } : { MultiValueAnswer: true }
  const setOf = (Name: string, Type: Type): ResourceRecordSet => ({
    Name,
    Type,
    SetIdentifier: id,
    ...routing,
  })
  const alias = aliasOf(attributes, place)
  const [name = '', hostName = ''] = namesOf(service, id, place.namespaceName)
  return dns.records.flatMap(({ type, ttl }): ResourceRecordSet[] => {
    const withValue = (owner: string, its: Type, value: string | undefined): ResourceRecordSet[] =>
      value === undefined ? [] : [{ ...setOf(owner, its), TTL: ttl, ResourceRecords: [{ Value: value }] }]
    const own = alias
      ? [{ ...setOf(name, type), AliasTarget: alias }]
      : withValue(name, type, dataOf(type, attributes, hostName))
    const hosts =
      type === 'SRV'
        ? [
            ...withValue(hostName, 'A', attributes.AWS_INSTANCE_IPV4),
            ...withValue(hostName, 'AAAA', attributes.AWS_INSTANCE_IPV6),
          ]
        : []
    return [...own.map((set) => checked(set, place)), ...hosts]
  })
}

const checked = (set: ResourceRecordSet, { unhealthyCheckId }: RecordPlace): ResourceRecordSet =>
  unhealthyCheckId === undefined ? set : { ...set, HealthCheckId: unhealthyCheckId }

/** API Reference, DnsRecord: priority and weight of an SRV record are both 1. */
function dataOf(type: Type, attributes: InstanceRecord['attributes'], hostName: string): string | undefined {
  switch (type) {
    case 'A':
      return attributes.AWS_INSTANCE_IPV4
    case 'AAAA':
      return attributes.AWS_INSTANCE_IPV6
    case 'CNAME':
      return attributes.AWS_INSTANCE_CNAME
    case 'SRV':
      return `1 1 ${attributes.AWS_INSTANCE_PORT} ${hostName}`
  }
}

/** API Reference, RegisterInstance: the health of what an alias leads to is always looked at. */
function aliasOf(
  { AWS_ALIAS_DNS_NAME: DNSName }: InstanceRecord['attributes'],
  { aliasZoneId }: RecordPlace,
): AliasTarget | undefined {
  return DNSName === undefined
    ? undefined
    : { HostedZoneId: aliasZoneId, DNSName, EvaluateTargetHealth: true }
}
