/** VPCs and their attributes. */
import type * as client from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { ipv4Block, ipv6Block } from './cidr.ts'
import {
  dependencyViolation,
  invalidCombination,
  invalidValue,
  missingParameter,
  unsupported,
} from './errors.ts'
import { filtered } from './filters.ts'
import { named, namedOrAll } from './ids.ts'
import { paged, requirePaging } from './paging.ts'
import { defaultGroup, type Ec2OperationContext, type VpcRecord } from './state.ts'
import { forgetTags, tagsOfCreation } from './tags.ts'
import { VPC_FILTERS, vpcView } from './vpc-view.ts'

export const vpcOperations = {
  CreateVpc(input, context) {
    const cidrBlock = requireVpcBlock(input)
    const { InstanceTenancy: tenancy = 'default' } = input
    if (tenancy === 'host' || (tenancy !== 'default' && tenancy !== 'dedicated'))
      throw invalidValue(`Value (${tenancy}) for parameter instanceTenancy is invalid.`)
    const tags = tagsOfCreation(input.TagSpecifications, 'vpc')
    const id = `vpc-${context.newId(17)}`
    const vpc: VpcRecord = {
      id,
      isDefault: false,
      cidr: { associationId: `vpc-cidr-assoc-${context.newId(17)}`, cidrBlock },
      ...(input.AmazonProvidedIpv6CidrBlock && { ipv6: newIpv6Block(context) }),
      instanceTenancy: tenancy,
      enableDnsSupport: true,
      enableDnsHostnames: false,
      enableNetworkAddressUsageMetrics: false,
    }
    context.state.vpcs[id] = vpc
    const groupId = `sg-${context.newId(17)}`
    const group = defaultGroup(groupId, id, context.newId(17), context.newId(17))
    context.state.securityGroups[groupId] = group
    if (tags) context.state.tags[id] = tags
    return { Vpc: vpcView(vpc, context) }
  },

  DescribeVpcs(input, context) {
    requirePaging(input, input.VpcIds, 'vpcIds')
    const views = namedOrAll('vpc', input.VpcIds, context.state.vpcs).map((vpc) => vpcView(vpc, context))
    const found = filtered(views, input.Filters, VPC_FILTERS, ({ Tags }) => Tags)
    const { items, nextToken } = paged(found, ({ VpcId }) => VpcId, input)
    return { Vpcs: items, NextToken: nextToken }
  },

  DescribeVpcAttribute({ VpcId = '', Attribute }, context) {
    const vpc = named('vpc', VpcId, context.state.vpcs)
    switch (Attribute) {
      case 'enableDnsHostnames':
        return { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } }
      case 'enableDnsSupport':
        return { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } }
      case 'enableNetworkAddressUsageMetrics':
        return { VpcId, EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics } }
      default:
        throw invalidValue(`Value (${Attribute}) for parameter attribute is invalid. Unknown attribute.`)
    }
  },

  ModifyVpcAttribute(input, context) {
    const vpc = named('vpc', input.VpcId ?? '', context.state.vpcs)
    const given = [input.EnableDnsHostnames, input.EnableDnsSupport, input.EnableNetworkAddressUsageMetrics]
    const count = given.filter((each) => each !== undefined).length
    if (count === 0) throw missingParameter('attribute')
    // API Reference, ModifyVpcAttribute: each attribute with a request of its own.
    if (count > 1) throw invalidCombination('Fields for multiple attribute types specified')
    const [hostnames, support, metrics] = given
    vpc.enableDnsHostnames = hostnames?.Value ?? vpc.enableDnsHostnames
    vpc.enableDnsSupport = support?.Value ?? vpc.enableDnsSupport
    vpc.enableNetworkAddressUsageMetrics = metrics?.Value ?? vpc.enableNetworkAddressUsageMetrics
  },

  DeleteVpc({ VpcId = '' }, { state }) {
    named('vpc', VpcId, state.vpcs)
    const groups = Object.values(state.securityGroups).filter((group) => group.vpcId === VpcId)
    const hasSubnets = Object.values(state.subnets).some((subnet) => subnet.vpcId === VpcId)
    if (hasSubnets || groups.some(({ name }) => name !== 'default'))
      throw dependencyViolation(`The vpc '${VpcId}' has dependencies and cannot be deleted.`)
    for (const { id } of groups) {
      delete state.securityGroups[id]
      forgetTags(state, id)
    }
    delete state.vpcs[VpcId]
    forgetTags(state, VpcId)
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

const LARGEST_BITS = 16
const SMALLEST_BITS = 28

/** VPC User Guide: VPC CIDR blocks. */
function requireVpcBlock(input: client.CreateVpcRequest): string {
  if (input.Ipv4IpamPoolId ?? input.Ipv6IpamPoolId ?? input.Ipv6Pool ?? input.Ipv6CidrBlock)
    throw unsupported('A VPC with blocks of pools')
  const { CidrBlock: given } = input
  if (given === undefined) throw missingParameter('cidrBlock')
  const block = ipv4Block(given)
  if (!block)
    throw invalidValue(`Value (${given}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`)
  if (block.bits < LARGEST_BITS || block.bits > SMALLEST_BITS)
    throw new AwsError('InvalidVpc.Range', `The CIDR '${given}' is invalid.`)
  return block.text
}

/** A /56 of the range that is kept for examples (RFC 3849), as AWS gives one of its own. */
function newIpv6Block(context: Ec2OperationContext) {
  const block = ipv6Block(`2001:db8:${context.newId(4)}:${context.newId(2)}00::/56`)
  return { associationId: `vpc-cidr-assoc-${context.newId(17)}`, cidrBlock: block?.text ?? '' }
}
