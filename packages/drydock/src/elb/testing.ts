/** Target groups, targets and rules for tests. */
import { newHealth } from './health.ts'
import type { HealthCheck, RuleRecord, TargetGroupRecord, TargetRecord } from './state.ts'

export const healthCheck: HealthCheck = {
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
  matcher: '200',
}

/** A target at 127.0.0.1, told apart by its port. */
export function targetAt(port: number, state: 'initial' | 'healthy' | 'unhealthy', more = {}): TargetRecord {
  const health = { ...newHealth, state }
  return { id: '127.0.0.1', port, registration: 'r', health, probeAt: 0, ...more }
}

export function groupOf(
  targets: readonly TargetRecord[],
  attributes: Record<string, string> = {},
): TargetGroupRecord {
  return {
    arn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/1',
    name: 'g',
    protocol: 'HTTP',
    port: 80,
    vpcId: 'vpc-1',
    targetType: 'ip',
    ipAddressType: 'ipv4',
    healthCheck,
    attributes,
    targets: Object.fromEntries(targets.map((target) => [`${target.id}:${target.port}`, target])),
    loadBalancerArns: ['lb'],
  }
}

/** A rule with an answer by which it is known. */
export function ruleOf(name: string, conditions: RuleRecord['conditions']): RuleRecord {
  return { arn: name, listenerArn: 'l', priority: 1, conditions, actions: [] }
}
