/** The filters of DescribeNetworkInterfaces, as the API Reference lists them. */
import type { NetworkInterface } from '@aws-sdk/client-ec2'
import type { FilterTable } from './filters.ts'

const privateAddresses = ({ PrivateIpAddresses = [] }: NetworkInterface) =>
  PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress)
const publicAddress = ({ Association }: NetworkInterface) => [Association?.PublicIp]
const ipOwner = ({ Association }: NetworkInterface) => [Association?.IpOwnerId]
const nothing = () => []

export const INTERFACE_FILTERS: FilterTable<NetworkInterface> = {
  'addresses.association.owner-id': ipOwner,
  'addresses.association.public-ip': publicAddress,
  'addresses.primary': ({ PrivateIpAddresses = [] }) => PrivateIpAddresses.map(({ Primary }) => Primary),
  'addresses.private-ip-address': privateAddresses,
  'association.allocation-id': nothing,
  'association.association-id': nothing,
  'association.ip-owner-id': ipOwner,
  'association.public-dns-name': ({ Association }) => [Association?.PublicDnsName],
  'association.public-ip': publicAddress,
  'attachment.attach-time': ({ Attachment }) => [Attachment?.AttachTime?.toISOString()],
  'attachment.attachment-id': ({ Attachment }) => [Attachment?.AttachmentId],
  'attachment.delete-on-termination': ({ Attachment }) => [Attachment?.DeleteOnTermination],
  'attachment.device-index': ({ Attachment }) => [Attachment?.DeviceIndex],
  'attachment.instance-id': ({ Attachment }) => [Attachment?.InstanceId],
  'attachment.instance-owner-id': ({ Attachment }) => [Attachment?.InstanceOwnerId],
  'attachment.status': ({ Attachment }) => [Attachment?.Status],
  'availability-zone': ({ AvailabilityZone }) => [AvailabilityZone],
  'availability-zone-id': nothing,
  description: ({ Description }) => [Description],
  'group-id': ({ Groups = [] }) => Groups.map(({ GroupId }) => GroupId),
  'group-name': ({ Groups = [] }) => Groups.map(({ GroupName }) => GroupName),
  'interface-type': ({ InterfaceType }) => [InterfaceType],
  'ipv6-addresses.ipv6-address': ({ Ipv6Addresses = [] }) =>
    Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
  'mac-address': ({ MacAddress }) => [MacAddress],
  'network-interface-id': ({ NetworkInterfaceId }) => [NetworkInterfaceId],
  'operator.managed': nothing,
  'operator.principal': nothing,
  'owner-id': ({ OwnerId }) => [OwnerId],
  'private-dns-name': ({ PrivateDnsName }) => [PrivateDnsName],
  'private-ip-address': privateAddresses,
  'requester-id': ({ RequesterId }) => [RequesterId],
  'requester-managed': ({ RequesterManaged }) => [RequesterManaged],
  'source-dest-check': ({ SourceDestCheck }) => [SourceDestCheck],
  status: ({ Status }) => [Status],
  'subnet-id': ({ SubnetId }) => [SubnetId],
  'vpc-id': ({ VpcId }) => [VpcId],
}
