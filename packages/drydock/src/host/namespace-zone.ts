/** The hosted zone of one namespace, as Cloud Map has it: made, changed and deleted in its name, which nobody else may do. */
import type { NamespaceRecord } from '../discovery/state.ts'
import { loadBalancerByDnsName } from '../elb/readers.ts'
import { HOSTED_ZONES } from '../elb/views.ts'
import type { Engine } from '../engine.ts'
import { recordSetView } from '../route53/record-lists.ts'
import type { Route53State, ZoneRecord } from '../route53/state.ts'
import type { CallingService, Scope } from '../service.ts'

/** A namespace of a scope, and the engine in which it may have a zone. */
export interface NamespaceZone {
  readonly namespace: NamespaceRecord
  readonly scope: Scope
  readonly engine: Engine
}

/** Runs an operation of Route 53 for a namespace. Throws what Route 53 answers. */
export function callRoute53(
  { namespace, scope, engine }: NamespaceZone,
  operation: string,
  input: object,
): void {
  const service: CallingService = {
    name: 'AWS Cloud Map',
    principal: 'servicediscovery.amazonaws.com',
    resourceArn: namespace.arn,
  }
  const { accountId } = scope
  engine.execute('route53', operation, input, {
    ...scope,
    accessKeyId: accountId,
    requestId: namespace.id,
    service,
  })
}

const stateOf = ({ scope, engine }: NamespaceZone): Route53State => engine.state('route53', scope)

/** The zone, if it is there. */
export const zoneIn = (zone: NamespaceZone): ZoneRecord | undefined =>
  Object.values(stateOf(zone).zones).find((each) => each.linkedService?.resourceArn === zone.namespace.arn)

/** Makes the zone, unless a process before has made it already. */
export function createZone(zone: NamespaceZone): void {
  const { id, arn, name, vpc, soaTtl } = zone.namespace
  if (!zoneIn(zone))
    callRoute53(zone, 'CreateHostedZone', {
      Name: name,
      CallerReference: id,
      HostedZoneConfig: {
        Comment: `Created by AWS Cloud Map namespace with ARN ${arn}`,
        PrivateZone: vpc !== undefined,
      },
      ...(vpc !== undefined && { VPC: { VPCId: vpc, VPCRegion: zone.scope.region } }),
    })
  putSoaTtl(zone, soaTtl)
}

/** Gives the SOA record a TTL in seconds: that of negative answers. */
export function putSoaTtl(zone: NamespaceZone, ttl: number | undefined): void {
  const record = zoneIn(zone)
  const soa = record?.names[record.name]?.find(({ type }) => type === 'SOA')
  if (!soa || ttl === undefined || soa.ttl === ttl) return
  callRoute53(zone, 'ChangeResourceRecordSets', {
    HostedZoneId: record?.id,
    ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: { ...recordSetView(soa), TTL: ttl } }] },
  })
}

/** Deletes the zone, and the health check of its unhealthy instances. */
export function deleteZone(zone: NamespaceZone): void {
  const record = zoneIn(zone)
  if (record) callRoute53(zone, 'DeleteHostedZone', { Id: record.id })
  const HealthCheckId = unhealthyCheckIn(zone)
  if (HealthCheckId !== undefined) callRoute53(zone, 'DeleteHealthCheck', { HealthCheckId })
}

/**
 * The id of the health check of a namespace's unhealthy instances, which is made with the first of them: one of no other
 * checks, which is always healthy where none has to be (API Reference: HealthThreshold), turned into its opposite.
 */
export function unhealthyCheckOf(zone: NamespaceZone): string {
  const found = unhealthyCheckIn(zone)
  if (found !== undefined) return found
  const HealthCheckConfig = { Type: 'CALCULATED', HealthThreshold: 0, ChildHealthChecks: [], Inverted: true }
  callRoute53(zone, 'CreateHealthCheck', { CallerReference: zone.namespace.id, HealthCheckConfig })
  return unhealthyCheckIn(zone) ?? ''
}

const unhealthyCheckIn = (zone: NamespaceZone): string | undefined =>
  Object.values(stateOf(zone).healthChecks).find(
    ({ linkedService }) => linkedService?.resourceArn === zone.namespace.arn,
  )?.id

/** The hosted zone of a load balancer's name, with or without `dualstack.` before it. */
export function aliasZoneOf({ engine, scope }: NamespaceZone, dnsName: string): string {
  const name = dnsName.replace(/^dualstack\./i, '').replace(/\.$/, '')
  const balancer = engine.loaded().includes('elb')
    ? loadBalancerByDnsName(engine.state('elb', scope), name)
    : undefined
  return HOSTED_ZONES[balancer?.type ?? 'application']
}
