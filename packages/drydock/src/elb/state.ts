/** What Elastic Load Balancing keeps: load balancers, listeners, rules and target groups by ARN. Times in milliseconds. */
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Context, OperationContext } from '../service.ts'
import type { ElbEffect } from './effects.ts'
import type { Health } from './health.ts'

export type LoadBalancerType = 'application' | 'network'
export type Protocol = 'HTTP' | 'HTTPS' | 'TCP'

export interface LoadBalancerRecord {
  readonly arn: string
  readonly name: string
  readonly type: LoadBalancerType
  readonly scheme: 'internet-facing' | 'internal'
  readonly dnsName: string
  readonly createdAt: number
  /** One per Availability Zone; the zones are given out in the order of the subnets. */
  subnets: string[]
  securityGroups: string[]
  readonly ipAddressType: string
  /** The attributes that were set; the rest have their defaults. */
  attributes: Record<string, string>
  /** `provisioning` until the host has answered for the first time. */
  state: 'provisioning' | 'active'
  /** The loopback address that the host claimed for it; absent where it could not. */
  address?: string
  /** Ports of listeners that the host could not listen on at that address, with the reason. */
  closedPorts: Record<string, string>
}

export interface ListenerRecord {
  readonly arn: string
  readonly loadBalancerArn: string
  port: number
  protocol: Protocol
  /** In the order of evaluation: by priority, the default rule last. */
  ruleArns: string[]
  attributes: Record<string, string>
}

export interface RuleRecord {
  readonly arn: string
  readonly listenerArn: string
  /** From 1 to 50000; absent for the default rule. */
  priority?: number
  conditions: RuleCondition[]
  /** As they are shown: with `ForwardConfig` and `TargetGroupArn` filled in, defaults of redirects included. */
  actions: Action[]
}

export interface HealthCheck {
  protocol: Protocol
  /** A port number, or `traffic-port`. */
  port: string
  /** Absent for TCP. */
  path?: string
  intervalSeconds: number
  timeoutSeconds: number
  healthyThreshold: number
  unhealthyThreshold: number
  /** HTTP codes that count as success, such as `200,202` or `200-299`. Absent for TCP. */
  matcher?: string
}

export interface TargetRecord {
  readonly id: string
  readonly port: number
  readonly zone?: string
  /** Tells a registration from a later one of the same target: late answers are for the earlier. */
  readonly registration: string
  health: Health
  /** When it is probed next. */
  probeAt: number
  /** Since when requests may come in slow start; absent for a target that does not start slowly. */
  slowSince?: number
  /** Set while it is being deregistered: when that ends. */
  drainedAt?: number
}

export interface TargetGroupRecord {
  readonly arn: string
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  readonly vpcId: string
  readonly targetType: 'ip' | 'instance'
  readonly ipAddressType: 'ipv4' | 'ipv6'
  healthCheck: HealthCheck
  attributes: Record<string, string>
  /** By `id:port`. */
  targets: Record<string, TargetRecord>
  /** The load balancers whose rules forward to it; at most one for an application load balancer. */
  loadBalancerArns: string[]
}

export interface ElbState {
  loadBalancers: Record<string, LoadBalancerRecord>
  listeners: Record<string, ListenerRecord>
  rules: Record<string, RuleRecord>
  targetGroups: Record<string, TargetGroupRecord>
  /** Tags by the ARN of their resource. */
  tags: Record<string, Record<string, string>>
  /** When metrics are published next; absent before the first load balancer. */
  publishAt?: number
}

export type ElbContext = Context<ElbState, ElbEffect>
export type ElbOperation = OperationContext<ElbState, ElbEffect>

/** Nothing. */
export function emptyState(): ElbState {
  return { loadBalancers: {}, listeners: {}, rules: {}, targetGroups: {}, tags: {} }
}
