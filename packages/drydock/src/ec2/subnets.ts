/** Subnets. How many addresses are free in one, and whether it can go, depends on the interfaces that are in it. */
import type * as client from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { contains, ipv4Block, ipv6Block, overlap } from './cidr.ts'
import type { TaskInterface } from './effects.ts'
import { dependencyViolation, invalidValue, missingParameter, unsupported } from './errors.ts'
import { filtered, requireFilters } from './filters.ts'
import { named, namedOrAll } from './ids.ts'
import { whenInterfacesAreKnown } from './interfaces-asked.ts'
import { paged, requirePaging } from './paging.ts'
import {
  type Ec2Context,
  type Ec2OperationContext,
  type SubnetRecord,
  type VpcRecord,
  ZONES,
} from './state.ts'
import { SUBNET_FILTERS, subnetView } from './subnet-view.ts'
import { forgetTags, tagsOfCreation } from './tags.ts'
import { zoneId } from './zones.ts'

export const subnetOperations = {
  CreateSubnet(input, context) {
    const { state } = context
    const vpc = named('vpc', input.VpcId ?? '', state.vpcs)
    const zone = zoneOf(input, context)
    const cidrBlock = requireFreeBlock(input, vpc, context)
    const ipv6Block = requireIpv6Block(input, vpc, context)
    const tags = tagsOfCreation(input.TagSpecifications, 'subnet')
    const id = `subnet-${context.newId(17)}`
    const associationId = `subnet-cidr-assoc-${context.newId(17)}`
    const subnet: SubnetRecord = {
      id,
      vpcId: vpc.id,
      cidrBlock,
      zone,
      isDefault: false,
      ...(ipv6Block !== undefined && { ipv6: { associationId, cidrBlock: ipv6Block } }),
      mapPublicIpOnLaunch: false,
      assignIpv6AddressOnCreation: false,
    }
    state.subnets[id] = subnet
    if (tags) state.tags[id] = tags
    return { Subnet: subnetView(subnet, [], context) }
  },

  DescribeSubnets(input, context) {
    requirePaging(input, input.SubnetIds, 'subnetIds')
    requireFilters(input.Filters, SUBNET_FILTERS)
    namedOrAll('subnet', input.SubnetIds, context.state.subnets)
    const request = { operation: 'DescribeSubnets' as const, input }
    return whenInterfacesAreKnown<client.DescribeSubnetsResult>(request, context)
  },

  ModifySubnetAttribute(input, { state }) {
    const { SubnetId, MapPublicIpOnLaunch, AssignIpv6AddressOnCreation, ...others } = input
    const subnet = named('subnet', SubnetId ?? '', state.subnets)
    const other = Object.keys(others).find((name) => name !== 'DryRun')
    if (other !== undefined) throw unsupported(`The attribute ${other}`)
    if (AssignIpv6AddressOnCreation?.Value && !subnet.ipv6)
      throw invalidValue(
        `Invalid value 'true' for assignIpv6AddressOnCreation. Subnet doesn't have an IPv6 CIDR block.`,
      )
    subnet.mapPublicIpOnLaunch = MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIpOnLaunch
    subnet.assignIpv6AddressOnCreation =
      AssignIpv6AddressOnCreation?.Value ?? subnet.assignIpv6AddressOnCreation
  },

  DeleteSubnet(input, context) {
    named('subnet', input.SubnetId ?? '', context.state.subnets)
    return whenInterfacesAreKnown<void>({ operation: 'DeleteSubnet', input }, context)
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

/** The answer to DescribeSubnets, once it is known which interfaces there are. */
export function describeSubnets(
  input: client.DescribeSubnetsRequest,
  interfaces: readonly TaskInterface[],
  context: Ec2Context,
): client.DescribeSubnetsResult {
  const subnets = namedOrAll('subnet', input.SubnetIds, context.state.subnets)
  const views = subnets.map((subnet) => subnetView(subnet, interfaces, context))
  const found = filtered(views, input.Filters, SUBNET_FILTERS, ({ Tags }) => Tags)
  const { items, nextToken } = paged(found, ({ SubnetId }) => SubnetId, input)
  return { Subnets: items, NextToken: nextToken }
}

/** Deletes a subnet. Throws DependencyViolation while an interface is in it. */
export function deleteSubnet(
  { SubnetId: id = '' }: client.DeleteSubnetRequest,
  interfaces: readonly TaskInterface[],
  { state }: Ec2Context,
): void {
  named('subnet', id, state.subnets)
  if (interfaces.some(({ subnetId }) => subnetId === id))
    throw dependencyViolation(`The subnet '${id}' has dependencies and cannot be deleted.`)
  delete state.subnets[id]
  forgetTags(state, id)
}

/** The zone that is asked for, or the first. */
function zoneOf(
  { AvailabilityZone: name, AvailabilityZoneId: id }: client.CreateSubnetRequest,
  { region }: Ec2OperationContext,
): SubnetRecord['zone'] {
  const given = name ?? id
  if (given === undefined) return ZONES[0]
  const zone = ZONES.find(
    (letter, index) => given === `${region}${letter}` || given === zoneId(region, index),
  )
  if (zone !== undefined) return zone
  const parameter = name === undefined ? 'availabilityZoneId' : 'availabilityZone'
  const all = ZONES.map((letter) => `${region}${letter}`).join(', ')
  throw invalidValue(
    `Value (${given}) for parameter ${parameter} is invalid. Subnets can currently only be created in the following availability zones: ${all}.`,
  )
}

const LARGEST_BITS = 16
const SMALLEST_BITS = 28

/** VPC User Guide: subnet CIDR blocks. */
function requireFreeBlock(
  { CidrBlock: given, Ipv6Native, Ipv4IpamPoolId }: client.CreateSubnetRequest,
  vpc: VpcRecord,
  { state }: Ec2OperationContext,
): string {
  if (Ipv6Native || Ipv4IpamPoolId) throw unsupported('A subnet without a CIDR block of its own')
  if (given === undefined) throw missingParameter('cidrBlock')
  const block = ipv4Block(given)
  if (!block)
    throw invalidValue(`Value (${given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`)
  const hasSize = block.bits >= LARGEST_BITS && block.bits <= SMALLEST_BITS
  if (!hasSize || !contains(vpc.cidr.cidrBlock, block.text))
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${given}' is invalid.`)
  const others = Object.values(state.subnets).filter(({ vpcId }) => vpcId === vpc.id)
  requireNoOverlap(
    block.text,
    others.map(({ cidrBlock }) => cidrBlock),
  )
  return block.text
}

/** A /64 of the VPC's IPv6 block, which is what ECS's tasks get their addresses of. */
function requireIpv6Block(
  { Ipv6CidrBlock: given, Ipv6IpamPoolId }: client.CreateSubnetRequest,
  vpc: VpcRecord,
  { state }: Ec2OperationContext,
): string | undefined {
  if (Ipv6IpamPoolId) throw unsupported('A subnet with a block of a pool')
  if (given === undefined) return undefined
  const block = ipv6Block(given)
  if (!block)
    throw invalidValue(
      `Value (${given}) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.`,
    )
  if (block.bits !== 64 || !vpc.ipv6 || !contains(vpc.ipv6.cidrBlock, block.text))
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${given}' is invalid.`)
  requireNoOverlap(
    block.text,
    Object.values(state.subnets).flatMap(({ ipv6 }) => ipv6?.cidrBlock ?? []),
  )
  return block.text
}

/** EC2 API Reference, Error codes: InvalidSubnet.Conflict. */
function requireNoOverlap(block: string, others: readonly string[]): void {
  if (others.some((other) => overlap(other, block)))
    throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${block}' conflicts with another subnet`)
}
