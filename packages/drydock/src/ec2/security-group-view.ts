/** Security groups as the API shows them, and the filters of DescribeSecurityGroups. */
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2'
import { arnOf } from '../arn.ts'
import type { FilterTable } from './filters.ts'
import { permissionsOf } from './permissions.ts'
import type { Ec2OperationContext, SecurityGroupRecord } from './state.ts'
import { tagList } from './tags.ts'

export function securityGroupView(group: SecurityGroupRecord, context: Ec2OperationContext): SecurityGroup {
  const { id, vpcId, name, description, rules } = group
  const { state, accountId } = context
  return {
    GroupId: id,
    GroupName: name,
    Description: description,
    OwnerId: accountId,
    VpcId: vpcId,
    SecurityGroupArn: arnOf('ec2', context, `security-group/${id}`),
    IpPermissions: permissionsOf(
      rules.filter(({ isEgress }) => !isEgress),
      accountId,
    ),
    IpPermissionsEgress: permissionsOf(
      rules.filter(({ isEgress }) => isEgress),
      accountId,
    ),
    Tags: tagList(state, id),
  }
}

/** What the filters of permissions look at, by the end of their names. */
const PERMISSION_FILTERS: FilterTable<IpPermission> = {
  cidr: ({ IpRanges = [] }) => IpRanges.map(({ CidrIp }) => CidrIp),
  'from-port': ({ FromPort }) => [FromPort],
  'group-id': ({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ GroupId }) => GroupId),
  'group-name': () => [],
  'ipv6-cidr': ({ Ipv6Ranges = [] }) => Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
  'prefix-list-id': ({ PrefixListIds = [] }) => PrefixListIds.map(({ PrefixListId }) => PrefixListId),
  protocol: ({ IpProtocol }) => [IpProtocol],
  'to-port': ({ ToPort }) => [ToPort],
  'user-id': ({ UserIdGroupPairs = [] }) => UserIdGroupPairs.map(({ UserId }) => UserId),
}

function permissionFilters(
  prefix: string,
  permissions: (group: SecurityGroup) => readonly IpPermission[],
): FilterTable<SecurityGroup> {
  const filters = Object.entries(PERMISSION_FILTERS).map(([name, look]) => [
    `${prefix}${name}`,
    (group: SecurityGroup) => permissions(group).flatMap(look),
  ])
  return Object.fromEntries(filters)
}

export const SECURITY_GROUP_FILTERS: FilterTable<SecurityGroup> = {
  description: ({ Description }) => [Description],
  ...permissionFilters('egress.ip-permission.', ({ IpPermissionsEgress = [] }) => IpPermissionsEgress),
  'group-id': ({ GroupId }) => [GroupId],
  'group-name': ({ GroupName }) => [GroupName],
  ...permissionFilters('ip-permission.', ({ IpPermissions = [] }) => IpPermissions),
  'owner-id': ({ OwnerId }) => [OwnerId],
  'vpc-id': ({ VpcId }) => [VpcId],
}
