/** Target groups: made, found, changed and deleted. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DuplicateTargetGroupNameException,
  TooManyTargetGroupsException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { emptyRecord } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { groupAttribute, modified, shown, tableOfGroup } from './attributes.ts'
import {
  assertOneOf,
  assertRange,
  inUse,
  invalidConfiguration,
  notImplemented,
  targetGroupNotFound,
  validation,
} from './errors.ts'
import { changedHealthCheck, newHealthCheck } from './health-checks.ts'
import { findLoadBalancer } from './load-balancers.ts'
import { assertArn, assertName, targetGroupArn } from './names.ts'
import { page } from './pages.ts'
import type { ElbOperation, ElbState, Protocol, TargetGroupRecord } from './state.ts'
import { newTags } from './tags.ts'
import { showTargetGroup } from './views.ts'

/** ELB quotas: target groups in a region. */
const MOST_GROUPS = 3000

export const targetGroupOperations = {
  CreateTargetGroup(input, context) {
    const wanted = parseWanted(input)
    const tags = newTags(input.Tags)
    const groups = Object.values(context.state.targetGroups)
    const known = groups.find(({ name }) => name === wanted.name)
    if (known) return { TargetGroups: [showTargetGroup(same(known, wanted))] }
    if (groups.length >= MOST_GROUPS)
      throw new TooManyTargetGroupsException({
        message: "You've reached the limit on target groups",
        $metadata: {},
      })
    const group: TargetGroupRecord = {
      ...wanted,
      arn: targetGroupArn(context, wanted.name, context.newId(16)),
      attributes: {},
      targets: emptyRecord(),
      loadBalancerArns: [],
    }
    context.state.targetGroups[group.arn] = group
    context.state.tags[group.arn] = tags
    return { TargetGroups: [showTargetGroup(group)] }
  },

  DescribeTargetGroups(input, { state }) {
    const { items, ...more } = page(chosen(input, state), ({ arn }) => arn, input)
    return { TargetGroups: items.map(showTargetGroup), ...more }
  },

  ModifyTargetGroup(input, { state }) {
    const group = findTargetGroup(input.TargetGroupArn, state)
    group.healthCheck = changedHealthCheck(group.healthCheck, input, group.protocol)
    return { TargetGroups: [showTargetGroup(group)] }
  },

  DeleteTargetGroup({ TargetGroupArn: arn = '' }, { state, ask }) {
    const group = state.targetGroups[arn]
    // API Reference: deleting what is not there succeeds.
    if (!group) {
      assertArn('target group', arn)
      return {}
    }
    if (group.loadBalancerArns.length)
      throw inUse(`Target group '${arn}' is currently in use by a listener or a rule`)
    delete state.targetGroups[arn]
    delete state.tags[arn]
    for (const target of Object.keys(group.targets))
      ask({ kind: 'target-changed', targetGroupArn: arn, target })
    return {}
  },

  DescribeTargetGroupAttributes({ TargetGroupArn }, { state }) {
    const group = findTargetGroup(TargetGroupArn, state)
    return { Attributes: shown(tableOfGroup(group), group.attributes) }
  },

  ModifyTargetGroupAttributes({ TargetGroupArn, Attributes = [] }, { state }) {
    const group = findTargetGroup(TargetGroupArn, state)
    const attributes = modified(tableOfGroup(group), group.attributes, Attributes)
    assertTogether({ protocol: group.protocol, attributes })
    group.attributes = attributes
    return { Attributes: shown(tableOfGroup(group), attributes) }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

/** Throws TargetGroupNotFound, and ValidationError for what is no ARN. */
export function findTargetGroup(arn: string | undefined, state: ElbState): TargetGroupRecord {
  const group = state.targetGroups[arn ?? '']
  if (group) return group
  assertArn('target group', arn)
  throw targetGroupNotFound()
}

function chosen(input: client.DescribeTargetGroupsInput, state: ElbState): TargetGroupRecord[] {
  const { LoadBalancerArn: balancer, TargetGroupArns: arns = [], Names: names = [] } = input
  if ([balancer !== undefined, arns.length > 0, names.length > 0].filter(Boolean).length > 1)
    throw validation(
      'Target group names, target group ARNs and a load balancer ARN cannot be specified at the same time',
    )
  const all = Object.values(state.targetGroups)
  if (arns.length) return arns.map((arn) => findTargetGroup(arn, state))
  if (balancer !== undefined) {
    const { arn } = findLoadBalancer(balancer, state)
    return all.filter(({ loadBalancerArns }) => loadBalancerArns.includes(arn))
  }
  if (!names.length) return all
  return names.map((name) => {
    const found = all.find((group) => group.name === name)
    if (!found) throw targetGroupNotFound()
    return found
  })
}

type Wanted = Omit<TargetGroupRecord, 'arn' | 'attributes' | 'targets' | 'loadBalancerArns'>

function parseWanted(input: client.CreateTargetGroupInput): Wanted {
  const {
    Name: name = '',
    TargetType: targetType = 'instance',
    IpAddressType: ipAddressType = 'ipv4',
  } = input
  assertName('target group', name)
  assertOneOf('targetType', targetType, ['instance', 'ip', 'lambda', 'alb'])
  assertOneOf('ipAddressType', ipAddressType, ['ipv4', 'ipv6'])
  if (targetType === 'lambda' || targetType === 'alb')
    throw notImplemented(`Target groups of target type ${targetType} are`)
  if (input.TargetControlPort !== undefined) throw notImplemented('The target optimizer is')
  const protocol = parseProtocol(input.Protocol)
  parseVersion(input.ProtocolVersion, protocol)
  if (input.Port === undefined) throw validation('A port must be specified')
  assertRange('Target group port', input.Port, 1, 65_535)
  if (!input.VpcId) throw validation('A VPC ID must be specified')
  return {
    name,
    protocol,
    port: input.Port,
    vpcId: input.VpcId,
    targetType,
    ipAddressType,
    healthCheck: newHealthCheck(input, protocol),
  }
}

function parseProtocol(protocol: string | undefined): Protocol {
  if (protocol === undefined) throw validation('A protocol must be specified')
  const all = ['GENEVE', 'HTTP', 'HTTPS', 'QUIC', 'TCP', 'TCP_QUIC', 'TCP_UDP', 'TLS', 'UDP']
  assertOneOf('protocol', protocol, all)
  if (protocol === 'HTTP' || protocol === 'HTTPS' || protocol === 'TCP') return protocol
  throw notImplemented(`Target groups of protocol ${protocol} are`)
}

function parseVersion(version: string | undefined, protocol: Protocol): void {
  if (version === undefined) return
  if (protocol === 'TCP') throw validation('A protocol version cannot be specified for this protocol')
  assertOneOf('protocolVersion', version, ['GRPC', 'HTTP1', 'HTTP2'])
  if (version !== 'HTTP1') throw notImplemented(`The protocol version ${version} is`)
}

/** ALB User Guide: slow start goes with round robin only, and an application cookie needs its name. */
function assertTogether(group: Pick<TargetGroupRecord, 'protocol' | 'attributes'>): void {
  if (group.protocol === 'TCP') return
  const is = (key: string, value: string) => groupAttribute(group, key) === value
  if (!is('slow_start.duration_seconds', '0') && !is('load_balancing.algorithm.type', 'round_robin'))
    throw invalidConfiguration('Slow start can only be used with the round_robin algorithm')
  if (
    is('stickiness.enabled', 'true') &&
    is('stickiness.type', 'app_cookie') &&
    is('stickiness.app_cookie.cookie_name', '')
  )
    throw invalidConfiguration('A cookie name must be specified for application-based stickiness')
}

/** Creating one that exists answers with it if it has the same settings. */
function same(known: TargetGroupRecord, wanted: Wanted): TargetGroupRecord {
  const differs = Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(known[key as keyof Wanted]) !== JSON.stringify(value),
  )
  if (!differs) return known
  const message = `A target group with the same name '${wanted.name}' exists, but with different settings`
  throw new DuplicateTargetGroupNameException({ message, $metadata: {} })
}
