/** Names, ARNs and DNS names of load balancers and what belongs to them. */
import type { Scope } from '../service.ts'
import { DNS_SUFFIX } from './dns-suffix.ts'
import { validation } from './errors.ts'
import type { ListenerRecord, LoadBalancerRecord, LoadBalancerType } from './state.ts'

/** AWS General Reference: the partition of a region. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

const arnOf = ({ region, accountId }: Scope, resource: string) =>
  `arn:${partitionOf(region)}:elasticloadbalancing:${region}:${accountId}:${resource}`

/** The part of an ARN by which the ARNs of listeners name a load balancer: `app/name/id`. */
const loadBalancerPath = (arn: string) => arn.slice(arn.indexOf(':loadbalancer/') + 14)

export function loadBalancerArn(scope: Scope, type: LoadBalancerType, name: string, id: string): string {
  return arnOf(scope, `loadbalancer/${type === 'application' ? 'app' : 'net'}/${name}/${id}`)
}

export const targetGroupArn = (scope: Scope, name: string, id: string) =>
  arnOf(scope, `targetgroup/${name}/${id}`)
export const listenerArn = (scope: Scope, { arn }: Pick<LoadBalancerRecord, 'arn'>, id: string) =>
  arnOf(scope, `listener/${loadBalancerPath(arn)}/${id}`)
export const ruleArn = ({ arn }: Pick<ListenerRecord, 'arn'>, id: string) =>
  `${arn.replace(':listener/', ':listener-rule/')}/${id}`

/** A DNS name in AWS's form but for its end: `shop-1234567890.us-east-1.elb.localhost`. */
export function dnsNameOf(
  { region }: Scope,
  { name, scheme }: Pick<LoadBalancerRecord, 'name' | 'scheme'>,
  id: string,
): string {
  const number = BigInt(`0x${id}`).toString().slice(-10)
  return `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}${DNS_SUFFIX}`.toLowerCase()
}

/** API Reference, CreateLoadBalancer and CreateTargetGroup: Name. Throws ValidationError. */
export function assertName(what: 'load balancer' | 'target group', name: string): void {
  if (name.length < 1) throw validation(`A ${what} name must be specified`)
  if (name.length > 32) throw validation(`The ${what} name '${name}' cannot be longer than '32' characters`)
  if (!/^[A-Za-z0-9-]+$/.test(name))
    throw validation(
      `The ${what} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    )
  if (/^-|-$/.test(name)) throw validation(`The ${what} name '${name}' cannot begin or end with a hyphen(-)`)
  if (what === 'load balancer' && name.startsWith('internal-'))
    throw validation(`The load balancer name '${name}' cannot begin with 'internal-'`)
}

const ARNS = {
  'load balancer': /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:loadbalancer(\/[^/]+){3}$/,
  'target group': /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:targetgroup(\/[^/]+){2}$/,
  listener: /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:listener(\/[^/]+){4}$/,
  rule: /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:listener-rule(\/[^/]+){5}$/,
}

/** Throws ValidationError for what could be no such thing's ARN. For what was not found: the service words it so. */
export function assertArn(what: keyof typeof ARNS, arn: string | undefined): void {
  if (!arn) throw validation(`A ${what} ARN must be specified`)
  if (!ARNS[what].test(arn)) throw validation(`'${arn}' is not a valid ${what} ARN`)
}
