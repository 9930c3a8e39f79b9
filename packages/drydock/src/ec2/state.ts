/**
 * All that EC2 keeps in one region, as plain JSON. Network interfaces are not here: they are of ECS's tasks, and EC2
 * asks for them when somebody asks EC2.
 */
import type { Context, OperationContext } from '../service.ts'
import { emptyRecord } from '../service.ts'
import type { Ec2Effect } from './effects.ts'

/** What an EC2 operation may touch. */
export type Ec2OperationContext = OperationContext<Ec2State, Ec2Effect>
/** What taking in a report may touch. */
export type Ec2Context = Context<Ec2State, Ec2Effect>

/** A block of addresses that goes with a VPC or a subnet. */
export interface CidrAssociation {
  readonly associationId: string
  readonly cidrBlock: string
}

export interface VpcRecord {
  readonly id: string
  readonly isDefault: boolean
  readonly cidr: CidrAssociation
  ipv6?: CidrAssociation
  readonly instanceTenancy: 'default' | 'dedicated'
  enableDnsSupport: boolean
  enableDnsHostnames: boolean
  enableNetworkAddressUsageMetrics: boolean
}

export interface SubnetRecord {
  readonly id: string
  readonly vpcId: string
  readonly cidrBlock: string
  /** The letter after the region's name in the name of its Availability Zone. */
  readonly zone: Zone
  readonly isDefault: boolean
  ipv6?: CidrAssociation
  mapPublicIpOnLaunch: boolean
  assignIpv6AddressOnCreation: boolean
}

/** One thing that a security group lets through. */
export interface RuleRecord {
  readonly id: string
  readonly isEgress: boolean
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a number of IANA's. */
  readonly protocol: string
  /** Both present but where the protocol is `-1`; of ICMP they are type and code. */
  readonly fromPort?: number
  readonly toPort?: number
  /** Exactly one of these four is present. */
  readonly cidrIpv4?: string
  readonly cidrIpv6?: string
  readonly prefixListId?: string
  readonly groupId?: string
  readonly description?: string
}

export interface SecurityGroupRecord {
  readonly id: string
  readonly vpcId: string
  readonly name: string
  readonly description: string
  rules: RuleRecord[]
}

export interface Ec2State {
  /** By id, as all records here. */
  vpcs: Record<string, VpcRecord>
  subnets: Record<string, SubnetRecord>
  securityGroups: Record<string, SecurityGroupRecord>
  /** Tags of resources of any kind, by the resource's id and the tag's key. */
  tags: Record<string, Record<string, string>>
}

/** A region as AWS gives it: with a default VPC, a public subnet in each zone, and a default security group. */
export function emptyState(): Ec2State {
  const state: Ec2State = {
    vpcs: emptyRecord(),
    subnets: emptyRecord(),
    securityGroups: emptyRecord(),
    tags: emptyRecord(),
  }
  addDefaultVpc(state)
  return state
}

/** The letters of a region's Availability Zones: three, whichever region it is. */
export const ZONES = ['a', 'b', 'c'] as const
type Zone = (typeof ZONES)[number]

/** The same in each region and account, so that examples can name them. */
const DEFAULT_VPC = 'vpc-00000000000000001'
const DEFAULT_GROUP = 'sg-00000000000000001'

/** VPC User Guide: default VPC components. */
function addDefaultVpc(state: Ec2State): void {
  state.vpcs[DEFAULT_VPC] = {
    id: DEFAULT_VPC,
    isDefault: true,
    cidr: { associationId: 'vpc-cidr-assoc-00000000000000001', cidrBlock: '172.31.0.0/16' },
    instanceTenancy: 'default',
    enableDnsSupport: true,
    enableDnsHostnames: true,
    enableNetworkAddressUsageMetrics: false,
  }
  for (const [index, zone] of ZONES.entries()) {
    const id = `subnet-0000000000000000${index + 1}`
    state.subnets[id] = {
      id,
      vpcId: DEFAULT_VPC,
      cidrBlock: `172.31.${index * 16}.0/20`,
      zone,
      isDefault: true,
      mapPublicIpOnLaunch: true,
      assignIpv6AddressOnCreation: false,
    }
  }
  const digits = (index: number) => `0000000000000000${index}`
  state.securityGroups[DEFAULT_GROUP] = defaultGroup(DEFAULT_GROUP, DEFAULT_VPC, digits(1), digits(2))
}

/**
 * The security group that each VPC has: everything out, and in from its own members (VPC User Guide: default security
 * groups). `within` and `out` are the digits of its rules' ids.
 */
export function defaultGroup(id: string, vpcId: string, within: string, out: string): SecurityGroupRecord {
  const rules = [{ id: `sgr-${within}`, isEgress: false, protocol: '-1', groupId: id }, everythingOut(out)]
  return { id, vpcId, name: 'default', description: 'default VPC security group', rules }
}

/** The rule that a new security group has (VPC User Guide: security groups). */
export function everythingOut(digits: string): RuleRecord {
  return { id: `sgr-${digits}`, isEgress: true, protocol: '-1', cidrIpv4: '0.0.0.0/0' }
}

/** The VPC that a region has from the start, unless it was deleted. */
export function defaultVpc({ vpcs }: Ec2State): VpcRecord | undefined {
  return Object.values(vpcs).find(({ isDefault }) => isDefault)
}
