/** A task's network interface as the API shows it. */
import type { GroupIdentifier, NetworkInterface, NetworkInterfaceAssociation } from '@aws-sdk/client-ec2'
import type { Scope } from '../service.ts'
import { privateName, publicName } from './dns-names.ts'
import type { TaskInterface } from './effects.ts'
import { defaultVpc, type Ec2Context, type Ec2State, type VpcRecord } from './state.ts'

/** The accounts by which AWS makes and attaches interfaces of tasks, as it shows them in us-east-1. */
const REQUESTER = '578734482556'
const INSTANCE_OWNER = '501673713797'

/**
 * The interface of a task. A subnet or a security group that EC2 does not know is taken to be of the default VPC, as
 * ECS takes any.
 */
export function interfaceView(each: TaskInterface, context: Ec2Context): NetworkInterface {
  const { state, accountId, region } = context
  const subnet = state.subnets[each.subnetId]
  const vpc = subnet ? state.vpcs[subnet.vpcId] : defaultVpc(state)
  const association = associationOf(each, vpc, context)
  const PrivateDnsName = privateName(each.address, region)
  return {
    ...(association && { Association: association }),
    Attachment: attachmentOf(each, context),
    AvailabilityZone: subnet ? `${region}${subnet.zone}` : each.availabilityZone,
    Description: each.attachmentArn,
    Groups: groupsOf(each, state, vpc),
    InterfaceType: 'interface',
    Ipv6Addresses: each.ipv6Address === undefined ? [] : [{ Ipv6Address: each.ipv6Address }],
    ...(each.ipv6Address !== undefined && { Ipv6Address: each.ipv6Address }),
    MacAddress: each.macAddress,
    NetworkInterfaceId: each.id,
    OwnerId: accountId,
    PrivateDnsName,
    PrivateIpAddress: each.address,
    PrivateIpAddresses: [
      {
        ...(association && { Association: association }),
        Primary: true,
        PrivateDnsName,
        PrivateIpAddress: each.address,
      },
    ],
    RequesterId: REQUESTER,
    RequesterManaged: true,
    SourceDestCheck: true,
    Status: 'in-use',
    SubnetId: each.subnetId,
    TagSet: [],
    ...(vpc && { VpcId: vpc.id }),
  }
}

/** `eni-attach-` and seventeen digits, the same for the same attachment. */
function attachmentOf({ attachmentId, createdAt, status, instanceId }: TaskInterface, { accountId }: Scope) {
  return {
    AttachTime: new Date(createdAt),
    AttachmentId: `eni-attach-${attachmentId.replaceAll('-', '').slice(0, 17)}`,
    DeleteOnTermination: false,
    DeviceIndex: 1,
    ...(instanceId === undefined
      ? { InstanceOwnerId: INSTANCE_OWNER }
      : { InstanceId: instanceId, InstanceOwnerId: accountId }),
    Status: status,
  }
}

/** A VPC gives public DNS names only where `enableDnsHostnames` is on (VPC User Guide: DNS attributes). */
function associationOf(
  { publicAddress }: TaskInterface,
  vpc: VpcRecord | undefined,
  { region }: Scope,
): NetworkInterfaceAssociation | undefined {
  if (publicAddress === undefined) return undefined
  const name = publicName(publicAddress, region)
  return { IpOwnerId: 'amazon', PublicDnsName: vpc?.enableDnsHostnames ? name : '', PublicIp: publicAddress }
}

/** A task without security groups has its VPC's default one (ECS API Reference: AwsVpcConfiguration). */
function groupsOf(
  { securityGroups }: TaskInterface,
  state: Ec2State,
  vpc: VpcRecord | undefined,
): GroupIdentifier[] {
  if (securityGroups.length)
    return securityGroups.map((id) => ({ GroupId: id, GroupName: state.securityGroups[id]?.name ?? id }))
  return Object.values(state.securityGroups)
    .filter(({ vpcId, name }) => vpcId === vpc?.id && name === 'default')
    .map(({ id, name }) => ({ GroupId: id, GroupName: name }))
}
