/** Permissions of security groups: as requests give them, as rules, and as the API shows them in bundles. */
import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2'
import { arnOf } from '../arn.ts'
import { ipv4Block, ipv6Block } from './cidr.ts'
import { invalidValue, missingParameter } from './errors.ts'
import { named, notFound } from './ids.ts'
import type { Ec2OperationContext, Ec2State, RuleRecord, SecurityGroupRecord } from './state.ts'

/** A rule that a request names, which may not be there. */
export type NamedRule = Omit<RuleRecord, 'id'>

/** IANA's numbers that EC2 shows by name (API Reference: IpPermission). */
const PROTOCOLS: Readonly<Record<string, string>> = {
  6: 'tcp',
  17: 'udp',
  1: 'icmp',
  58: 'icmpv6',
  all: '-1',
}
const NAMES = ['tcp', 'udp', 'icmp', 'icmpv6', '-1']

/** The rules that permissions stand for: one for each peer. Throws for what is malformed or missing. */
export function rulesOf(
  permissions: readonly IpPermission[],
  isEgress: boolean,
  group: SecurityGroupRecord,
  state: Ec2State,
): NamedRule[] {
  return permissions.flatMap((permission) => {
    const what = { isEgress, ...protocolOf(permission) }
    const peers = peersOf(permission, group, state)
    if (!peers.length) throw missingParameter('cidrIp, cidrIpv6, prefixListId or a group')
    return peers.map((peer) => ({ ...what, ...peer }))
  })
}

function protocolOf({ IpProtocol, FromPort, ToPort }: IpPermission) {
  if (IpProtocol === undefined) throw missingParameter('ipProtocol')
  const given = IpProtocol.toLowerCase()
  const protocol = Object.hasOwn(PROTOCOLS, given) ? (PROTOCOLS[given] ?? given) : given
  if (!NAMES.includes(protocol) && !isNumberUpTo(255, protocol))
    throw invalidValue(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`)
  if (protocol === 'tcp' || protocol === 'udp') return { protocol, ...portsOf(FromPort, ToPort) }
  if (!protocol.startsWith('icmp')) return { protocol }
  return { protocol, fromPort: FromPort ?? -1, toPort: ToPort ?? -1 }
}

const isNumberUpTo = (most: number, text: string) => /^\d{1,3}$/.test(text) && Number(text) <= most

const LAST_PORT = 65_535

function portsOf(fromPort: number | undefined, toPort: number | undefined) {
  if (fromPort === undefined || toPort === undefined)
    throw invalidValue('Invalid value for portRange. Must specify both from and to ports with TCP/UDP.')
  const outside = [fromPort, toPort].find((port) => port < 0 || port > LAST_PORT)
  if (outside !== undefined) throw invalidValue(`TCP/UDP port (${outside}) out of range`)
  if (fromPort > toPort) throw invalidValue(`Invalid TCP/UDP port range (${fromPort}:${toPort})`)
  return { fromPort, toPort }
}

type Peer = Pick<RuleRecord, 'cidrIpv4' | 'cidrIpv6' | 'prefixListId' | 'groupId' | 'description'>

function peersOf(permission: IpPermission, group: SecurityGroupRecord, state: Ec2State): Peer[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission
  const described = (description: string | undefined) => (description ? { description } : {})
  return [
    ...IpRanges.map(({ CidrIp = '', Description }) => ({
      cidrIpv4: requireBlock(CidrIp, ipv4Block),
      ...described(Description),
    })),
    ...Ipv6Ranges.map(({ CidrIpv6 = '', Description }) => ({
      cidrIpv6: requireBlock(CidrIpv6, ipv6Block),
      ...described(Description),
    })),
    ...PrefixListIds.map(({ PrefixListId = '', Description }) => ({
      prefixListId: PrefixListId,
      ...described(Description),
    })),
    ...UserIdGroupPairs.map(({ GroupId, GroupName, Description }) => ({
      groupId: peerGroup(GroupId, GroupName, group, state).id,
      ...described(Description),
    })),
  ]
}

function requireBlock(text: string, read: typeof ipv4Block): string {
  const block = read(text)
  if (!block) throw invalidValue(`CIDR block ${text} is malformed`)
  return block.text
}

function peerGroup(
  id: string | undefined,
  name: string | undefined,
  { vpcId }: SecurityGroupRecord,
  { securityGroups }: Ec2State,
): SecurityGroupRecord {
  if (id !== undefined) return named('group', id, securityGroups)
  const found = Object.values(securityGroups).find((each) => each.vpcId === vpcId && each.name === name)
  if (!found) throw notFound('group', [name ?? ''])
  return found
}

/** Whether a rule is the one that a request names; descriptions do not tell rules apart. */
export function isSameRule(a: NamedRule, b: NamedRule): boolean {
  return a.isEgress === b.isEgress && rangeOf(a) === rangeOf(b) && peerOf(a) === peerOf(b)
}

const rangeOf = ({ protocol, fromPort, toPort }: NamedRule) => `${protocol} ${fromPort} ${toPort}`

const peerOf = ({ cidrIpv4, cidrIpv6, prefixListId, groupId }: NamedRule) =>
  cidrIpv4 ?? cidrIpv6 ?? prefixListId ?? groupId ?? ''

/** A rule in the words of `InvalidPermission.Duplicate`: `peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW`. */
export function ruleText(rule: NamedRule): string {
  const { protocol, fromPort, toPort } = rule
  const what = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  const ports = fromPort === undefined ? '' : ` from port: ${fromPort}, to port: ${toPort},`
  return `peer: ${peerOf(rule)}, ${what},${ports} ALLOW`
}

/** Rules in bundles of the same protocol and ports, as DescribeSecurityGroups shows them. */
export function permissionsOf(rules: readonly NamedRule[], accountId: string): IpPermission[] {
  const bundles = Map.groupBy(rules, rangeOf)
  return [...bundles.values()].flatMap((bundle) =>
    bundle[0] ? [bundleView(bundle[0], bundle, accountId)] : [],
  )
}

function bundleView(
  { protocol, fromPort, toPort }: NamedRule,
  rules: readonly NamedRule[],
  accountId: string,
): IpPermission {
  const described = ({ description }: NamedRule) =>
    description === undefined ? {} : { Description: description }
  return {
    IpProtocol: protocol,
    ...(fromPort !== undefined && { FromPort: fromPort, ToPort: toPort }),
    IpRanges: rules.flatMap((rule) =>
      rule.cidrIpv4 === undefined ? [] : [{ CidrIp: rule.cidrIpv4, ...described(rule) }],
    ),
    Ipv6Ranges: rules.flatMap((rule) =>
      rule.cidrIpv6 === undefined ? [] : [{ CidrIpv6: rule.cidrIpv6, ...described(rule) }],
    ),
    PrefixListIds: rules.flatMap((rule) =>
      rule.prefixListId === undefined ? [] : [{ PrefixListId: rule.prefixListId, ...described(rule) }],
    ),
    UserIdGroupPairs: rules.flatMap((rule) =>
      rule.groupId === undefined ? [] : [{ GroupId: rule.groupId, UserId: accountId, ...described(rule) }],
    ),
  }
}

/** A rule as DescribeSecurityGroupRules shows it. */
export function ruleView(rule: RuleRecord, groupId: string, context: Ec2OperationContext): SecurityGroupRule {
  const { fromPort = -1, toPort = -1 } = rule
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: arnOf('ec2', context, `security-group-rule/${rule.id}`),
    GroupId: groupId,
    GroupOwnerId: context.accountId,
    IsEgress: rule.isEgress,
    IpProtocol: rule.protocol,
    FromPort: fromPort,
    ToPort: toPort,
    CidrIpv4: rule.cidrIpv4,
    CidrIpv6: rule.cidrIpv6,
    PrefixListId: rule.prefixListId,
    ...(rule.groupId !== undefined && {
      ReferencedGroupInfo: { GroupId: rule.groupId, UserId: context.accountId },
    }),
    Description: rule.description,
    Tags: [],
  }
}
