/** Records as the API shows them. */
import type {
  AvailabilityZone,
  Listener,
  LoadBalancer,
  Rule,
  TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Scope } from '../service.ts'
import type { ElbState, ListenerRecord, LoadBalancerRecord, RuleRecord, TargetGroupRecord } from './state.ts'

/** General Reference, Elastic Load Balancing endpoints: the zone of us-east-1, here that of every region. */
export const HOSTED_ZONES = { application: 'Z35SXDOTRQ7X7K', network: 'Z26RNL4JYFTOTI' }

export function showLoadBalancer(record: LoadBalancerRecord, scope: Scope): LoadBalancer {
  const closed = Object.entries(record.closedPorts).map(([port, why]) => `Port ${port}: ${why}`)
  return {
    LoadBalancerArn: record.arn,
    DNSName: record.dnsName,
    CanonicalHostedZoneId: HOSTED_ZONES[record.type],
    CreatedTime: new Date(record.createdAt),
    LoadBalancerName: record.name,
    Scheme: record.scheme,
    State: { Code: record.state, ...(closed.length && { Reason: closed.join(' ') }) },
    Type: record.type,
    AvailabilityZones: showZones(record, scope),
    ...(record.securityGroups.length && { SecurityGroups: [...record.securityGroups] }),
    IpAddressType: 'ipv4',
  }
}

/** The loopback address stands in the first zone, where a network load balancer's static addresses stand. */
export function showZones({ subnets, address }: LoadBalancerRecord, { region }: Scope): AvailabilityZone[] {
  return subnets.map((SubnetId, index) => ({
    ZoneName: `${region}${String.fromCharCode(97 + (index % 26))}`,
    SubnetId,
    LoadBalancerAddresses: index === 0 && address ? [{ IpAddress: address }] : [],
  }))
}

export function showTargetGroup(group: TargetGroupRecord): TargetGroup {
  const { healthCheck: check } = group
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.path !== undefined && { HealthCheckPath: check.path }),
    ...(check.matcher !== undefined && { Matcher: { HttpCode: check.matcher } }),
    LoadBalancerArns: [...group.loadBalancerArns],
    TargetType: group.targetType,
    ...(group.protocol !== 'TCP' && { ProtocolVersion: 'HTTP1' }),
    IpAddressType: group.ipAddressType,
  }
}

export function showListener(listener: ListenerRecord, state: ElbState): Listener {
  const rule = state.rules[listener.ruleArns.at(-1) ?? '']
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: structuredClone(rule?.actions ?? []),
  }
}

export function showRule(rule: RuleRecord): Rule {
  return {
    RuleArn: rule.arn,
    Priority: rule.priority === undefined ? 'default' : String(rule.priority),
    Conditions: structuredClone(rule.conditions),
    Actions: structuredClone(rule.actions),
    IsDefault: rule.priority === undefined,
    Transforms: [],
  }
}
