/** VPCs as the API shows them, and the filters of DescribeVpcs. */
import type { Vpc } from '@aws-sdk/client-ec2'
import type { FilterTable } from './filters.ts'
import type { Ec2OperationContext, VpcRecord } from './state.ts'
import { tagList } from './tags.ts'

export function vpcView(vpc: VpcRecord, { state, accountId, region }: Ec2OperationContext): Vpc {
  const { id, cidr, ipv6 } = vpc
  return {
    VpcId: id,
    OwnerId: accountId,
    State: 'available',
    IsDefault: vpc.isDefault,
    InstanceTenancy: vpc.instanceTenancy,
    DhcpOptionsId: 'dopt-00000000000000001',
    CidrBlock: cidr.cidrBlock,
    CidrBlockAssociationSet: [
      {
        AssociationId: cidr.associationId,
        CidrBlock: cidr.cidrBlock,
        CidrBlockState: { State: 'associated' },
      },
    ],
    Ipv6CidrBlockAssociationSet: ipv6
      ? [
          {
            AssociationId: ipv6.associationId,
            Ipv6CidrBlock: ipv6.cidrBlock,
            Ipv6CidrBlockState: { State: 'associated' },
            Ipv6Pool: 'Amazon',
            NetworkBorderGroup: region,
          },
        ]
      : [],
    Tags: tagList(state, id),
  }
}

export const VPC_FILTERS: FilterTable<Vpc> = {
  cidr: ({ CidrBlock }) => [CidrBlock],
  'cidr-block-association.association-id': ({ CidrBlockAssociationSet = [] }) =>
    CidrBlockAssociationSet.map(({ AssociationId }) => AssociationId),
  'cidr-block-association.cidr-block': ({ CidrBlockAssociationSet = [] }) =>
    CidrBlockAssociationSet.map(({ CidrBlock }) => CidrBlock),
  'cidr-block-association.state': ({ CidrBlockAssociationSet = [] }) =>
    CidrBlockAssociationSet.map(({ CidrBlockState }) => CidrBlockState?.State),
  'dhcp-options-id': ({ DhcpOptionsId }) => [DhcpOptionsId],
  'ipv6-cidr-block-association.association-id': ({ Ipv6CidrBlockAssociationSet = [] }) =>
    Ipv6CidrBlockAssociationSet.map(({ AssociationId }) => AssociationId),
  'ipv6-cidr-block-association.ipv6-cidr-block': ({ Ipv6CidrBlockAssociationSet = [] }) =>
    Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  'ipv6-cidr-block-association.ipv6-pool': ({ Ipv6CidrBlockAssociationSet = [] }) =>
    Ipv6CidrBlockAssociationSet.map(({ Ipv6Pool }) => Ipv6Pool),
  'ipv6-cidr-block-association.state': ({ Ipv6CidrBlockAssociationSet = [] }) =>
    Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State),
  'is-default': ({ IsDefault }) => [IsDefault],
  isDefault: ({ IsDefault }) => [IsDefault],
  'owner-id': ({ OwnerId }) => [OwnerId],
  state: ({ State }) => [State],
  'vpc-id': ({ VpcId }) => [VpcId],
}
