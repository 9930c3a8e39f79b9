/** Targets: registered, deregistered, and what is known of their health. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import { type TargetDescription, TooManyTargetsException } from '@aws-sdk/client-elastic-load-balancing-v2'
import ipaddr from 'ipaddr.js'
import type { Handlers } from '../wire/handlers.ts'
import { groupAttribute } from './attributes.ts'
import { keyOf } from './balance.ts'
import { assertRange, invalidTarget, validation } from './errors.ts'
import { describeHealth, newHealth, notRegistered } from './health.ts'
import type { ElbOperation, TargetGroupRecord, TargetRecord } from './state.ts'
import { findTargetGroup } from './target-groups.ts'

/** ELB quotas: targets of a target group. */
const MOST_TARGETS = 1000

export const targetOperations = {
  RegisterTargets({ TargetGroupArn, Targets = [] }, context) {
    const group = findTargetGroup(TargetGroupArn, context.state)
    const parsed = parseTargets(Targets, group)
    for (const { id } of parsed) assertId(id, group)
    const added = parsed.filter((target) => group.targets[keyOf(target)] === undefined)
    if (Object.keys(group.targets).length + added.length > MOST_TARGETS)
      throw new TooManyTargetsException({ message: "You've reached the limit on targets", $metadata: {} })
    for (const target of parsed) register(group, target, context)
    return {}
  },

  DeregisterTargets({ TargetGroupArn, Targets = [] }, context) {
    const group = findTargetGroup(TargetGroupArn, context.state)
    for (const target of parseTargets(Targets, group)) deregister(group, target, context)
    return {}
  },

  DescribeTargetHealth({ TargetGroupArn, Targets }, { state }) {
    const group = findTargetGroup(TargetGroupArn, state)
    const asked = Targets && parseTargets(Targets, group)
    const targets = asked ?? Object.values(group.targets)
    return { TargetHealthDescriptions: targets.map((target) => describe(target, group)) }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

type Named = Pick<TargetRecord, 'id' | 'port' | 'zone'>

function parseTargets(targets: readonly TargetDescription[], group: TargetGroupRecord): Named[] {
  if (!targets.length) throw validation('A target must be specified')
  return targets.map(({ Id: id = '', Port: port = group.port, AvailabilityZone: zone, QuicServerId }) => {
    if (!id) throw validation('A target ID must be specified')
    assertRange('Target port', port, 1, 65_535)
    if (QuicServerId !== undefined) throw validation('A QUIC server ID cannot be specified for this protocol')
    return { id, port, ...(zone !== undefined && { zone }) }
  })
}

/** Addresses beyond this machine and its private networks are refused, as AWS does; loopback is where tasks are here. */
const ROUTABLE = ['loopback', 'private', 'carrierGradeNat', 'uniqueLocal']

function assertId(id: string, { targetType, ipAddressType }: TargetGroupRecord): void {
  if (targetType === 'instance') {
    if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw invalidTarget(`The instance ID '${id}' is not valid`)
    return
  }
  const isAddress =
    ipAddressType === 'ipv4' ? ipaddr.IPv4.isValidFourPartDecimal(id) : ipaddr.IPv6.isValid(id)
  if (!isAddress) throw validation(`The IP address '${id}' is not a valid ${ipAddressType} address`)
  if (!ROUTABLE.includes(ipaddr.parse(id).range()))
    throw invalidTarget(`The IP address '${id}' is not within a range that can be a target`)
}

/** Registering again changes nothing, unless the target is being deregistered: then it is new. */
function register(group: TargetGroupRecord, { id, port, zone }: Named, context: ElbOperation): void {
  const known = group.targets[keyOf({ id, port })]
  if (known && known.drainedAt === undefined) return
  group.targets[keyOf({ id, port })] = {
    id,
    port,
    ...(zone !== undefined && { zone }),
    registration: context.newId(8),
    health: newHealth,
    probeAt: context.now,
  }
  context.ask({ kind: 'target-changed', targetGroupArn: group.arn, target: keyOf({ id, port }) })
}

/** ELB API Reference: deregistering what is not registered succeeds. A group that nobody uses has nothing to drain. */
function deregister(group: TargetGroupRecord, named: Named, { now, ask }: ElbOperation): void {
  const key = keyOf(named)
  const target = group.targets[key]
  if (!target || target.drainedAt !== undefined) return
  ask({ kind: 'target-changed', targetGroupArn: group.arn, target: key })
  const delayMs = Number(groupAttribute(group, 'deregistration_delay.timeout_seconds')) * 1000
  if (group.loadBalancerArns.length && delayMs) {
    target.drainedAt = now + delayMs
    return
  }
  delete group.targets[key]
  ask({ kind: 'end-connections', targetGroupArn: group.arn, target: key })
}

function describe(named: Named, group: TargetGroupRecord): client.TargetHealthDescription {
  const target = group.targets[keyOf(named)]
  const { id, port, zone } = target ?? named
  const checkPort = group.healthCheck.port
  return {
    Target: { Id: id, Port: port, ...(zone !== undefined && { AvailabilityZone: zone }) },
    HealthCheckPort: checkPort === 'traffic-port' ? String(port) : checkPort,
    TargetHealth: target ? describeHealth(target, group) : { ...notRegistered },
  }
}
