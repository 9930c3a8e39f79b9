/** Subnets as the API shows them, and the filters of DescribeSubnets. */
import type { Subnet } from '@aws-sdk/client-ec2'
import { arnOf } from '../arn.ts'
import type { TaskInterface } from './effects.ts'
import type { FilterTable } from './filters.ts'
import { type Ec2Context, type SubnetRecord, ZONES } from './state.ts'
import { tagList } from './tags.ts'
import { zoneId } from './zones.ts'

/** AWS keeps the first four addresses of a subnet and its last (VPC User Guide: subnet sizing). */
const KEPT_ADDRESSES = 5

/** A subnet, with as many free addresses as the interfaces in it leave. */
export function subnetView(
  subnet: SubnetRecord,
  interfaces: readonly TaskInterface[],
  context: Ec2Context,
): Subnet {
  const { id, cidrBlock, zone, ipv6 } = subnet
  const { state, accountId, region } = context
  const size = 2 ** (32 - Number(cidrBlock.slice(cidrBlock.indexOf('/') + 1)))
  const taken = interfaces.filter(({ subnetId }) => subnetId === id).length
  return {
    SubnetId: id,
    SubnetArn: arnOf('ec2', context, `subnet/${id}`),
    VpcId: subnet.vpcId,
    OwnerId: accountId,
    State: 'available',
    CidrBlock: cidrBlock,
    AvailableIpAddressCount: Math.max(0, size - KEPT_ADDRESSES - taken),
    AvailabilityZone: `${region}${zone}`,
    AvailabilityZoneId: zoneId(region, ZONES.indexOf(zone)),
    DefaultForAz: subnet.isDefault,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: subnet.assignIpv6AddressOnCreation,
    EnableDns64: false,
    Ipv6Native: false,
    Ipv6CidrBlockAssociationSet: ipv6
      ? [
          {
            AssociationId: ipv6.associationId,
            Ipv6CidrBlock: ipv6.cidrBlock,
            Ipv6CidrBlockState: { State: 'associated' },
          },
        ]
      : [],
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    Tags: tagList(state, id),
  }
}

const ipv6Blocks = ({ Ipv6CidrBlockAssociationSet = [] }: Subnet) => Ipv6CidrBlockAssociationSet
const nothing = () => []
const zoneName = ({ AvailabilityZone }: Subnet) => [AvailabilityZone]
const block = ({ CidrBlock }: Subnet) => [CidrBlock]
const isDefault = ({ DefaultForAz }: Subnet) => [DefaultForAz]

/** Three filters have older names too. */
export const SUBNET_FILTERS: FilterTable<Subnet> = {
  'availability-zone': zoneName,
  availabilityZone: zoneName,
  'availability-zone-id': ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  availabilityZoneId: ({ AvailabilityZoneId }) => [AvailabilityZoneId],
  'available-ip-address-count': ({ AvailableIpAddressCount }) => [AvailableIpAddressCount],
  cidr: block,
  'cidr-block': block,
  cidrBlock: block,
  'customer-owned-ipv4-pool': nothing,
  'default-for-az': isDefault,
  defaultForAz: isDefault,
  'enable-dns64': ({ EnableDns64 }) => [EnableDns64],
  'enable-lni-at-device-index': nothing,
  'ipv6-cidr-block-association.association-id': (subnet) =>
    ipv6Blocks(subnet).map(({ AssociationId }) => AssociationId),
  'ipv6-cidr-block-association.ipv6-cidr-block': (subnet) =>
    ipv6Blocks(subnet).map(({ Ipv6CidrBlock }) => Ipv6CidrBlock),
  'ipv6-cidr-block-association.state': (subnet) =>
    ipv6Blocks(subnet).map(({ Ipv6CidrBlockState }) => Ipv6CidrBlockState?.State),
  'ipv6-native': ({ Ipv6Native }) => [Ipv6Native],
  'map-customer-owned-ip-on-launch': ({ MapCustomerOwnedIpOnLaunch }) => [MapCustomerOwnedIpOnLaunch],
  'map-public-ip-on-launch': ({ MapPublicIpOnLaunch }) => [MapPublicIpOnLaunch],
  'outpost-arn': nothing,
  'owner-id': ({ OwnerId }) => [OwnerId],
  'private-dns-name-options-on-launch.enable-resource-name-dns-a-record': ({
    PrivateDnsNameOptionsOnLaunch: options,
  }) => [options?.EnableResourceNameDnsARecord],
  'private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record': ({
    PrivateDnsNameOptionsOnLaunch: options,
  }) => [options?.EnableResourceNameDnsAAAARecord],
  'private-dns-name-options-on-launch.hostname-type': ({ PrivateDnsNameOptionsOnLaunch: options }) => [
    options?.HostnameType,
  ],
  state: ({ State }) => [State],
  'subnet-arn': ({ SubnetArn }) => [SubnetArn],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
}
