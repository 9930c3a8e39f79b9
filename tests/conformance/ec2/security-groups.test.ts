/** Security groups and their rules by the AWS SDK. */
import { EC2 } from '@aws-sdk/client-ec2'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'

/** An engine with a VPC and a security group `web` in it. */
async function setUp() {
  const drydock = await testEngine()
  const ec2 = new EC2(drydock.config)
  onTestFinished(async () => {
    ec2.destroy()
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
  const VpcId = Vpc?.VpcId ?? ''
  const { GroupId = '' } = await ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'web' })
  const group = async () => (await ec2.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups?.[0]
  return { ec2, VpcId, GroupId, group }
}

const EVERYTHING = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
const HTTP = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 }

test('a new group lets everything out; rules are added, bundled and taken away', async () => {
  const { ec2, VpcId, GroupId, group } = await setUp()
  expect(await group()).toMatchObject({
    GroupName: 'web',
    VpcId,
    SecurityGroupArn: `arn:aws:ec2:us-east-1:123456789012:security-group/${GroupId}`,
    IpPermissions: [],
    IpPermissionsEgress: [EVERYTHING],
  })
  const added = await ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpPermissions: [
      { ...HTTP, IpRanges: [{ CidrIp: '10.1.2.3/16', Description: 'office' }, { CidrIp: '10.2.0.0/16' }] },
      { ...HTTP, Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      { ...HTTP, FromPort: 8080, ToPort: 8090, UserIdGroupPairs: [{ GroupId }] },
    ],
  })
  expect(added.SecurityGroupRules).toMatchObject([
    {
      CidrIpv4: '10.1.0.0/16',
      Description: 'office',
      FromPort: 80,
      GroupId,
      IpProtocol: 'tcp',
      IsEgress: false,
    },
    { CidrIpv4: '10.2.0.0/16' },
    { CidrIpv6: '::/0' },
    { FromPort: 8080, ReferencedGroupInfo: { GroupId }, ToPort: 8090 },
  ])
  expect((await group())?.IpPermissions).toMatchObject([
    {
      ...HTTP,
      IpRanges: [{ CidrIp: '10.1.0.0/16', Description: 'office' }, { CidrIp: '10.2.0.0/16' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    },
    { FromPort: 8080, UserIdGroupPairs: [{ GroupId, UserId: '123456789012' }] },
  ])
  const ofGroup = { Filters: [{ Name: 'group-id', Values: [GroupId] }] }
  expect((await ec2.describeSecurityGroupRules(ofGroup)).SecurityGroupRules).toHaveLength(5)
  await ec2.revokeSecurityGroupIngress({
    GroupId,
    IpPermissions: [{ ...HTTP, IpRanges: [{ CidrIp: '10.1.0.0/16' }] }],
  })
  const rule = added.SecurityGroupRules?.[3]?.SecurityGroupRuleId ?? ''
  expect(await ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: [rule] })).toMatchObject({
    Return: true,
    RevokedSecurityGroupRules: [{ SecurityGroupRuleId: rule, ReferencedGroupId: GroupId }],
  })
  await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions: [EVERYTHING] })
  expect(await group()).toMatchObject({
    IpPermissions: [{ IpRanges: [{ CidrIp: '10.2.0.0/16' }] }],
    IpPermissionsEgress: [],
  })
})

test('a group is found by its rules, and by its name in the default VPC', async () => {
  const { ec2, GroupId } = await setUp()
  await ec2.authorizeSecurityGroupIngress({
    GroupId,
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    CidrIp: '10.0.0.0/8',
  })
  const found = async (Name: string, value: string) =>
    (await ec2.describeSecurityGroups({ Filters: [{ Name, Values: [value] }] })).SecurityGroups?.length
  expect(await found('ip-permission.from-port', '443')).toBe(1)
  expect(await found('ip-permission.cidr', '10.0.0.0/8')).toBe(1)
  expect(await found('egress.ip-permission.cidr', '0.0.0.0/0')).toBe(3)
  const byName = (name: string) => ec2.describeSecurityGroups({ GroupNames: [name] })
  expect((await byName('default')).SecurityGroups).toMatchObject([{ GroupId: 'sg-00000000000000001' }])
  await expect(byName('web')).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' })
})

test('a group that a rule of another names cannot be deleted', async () => {
  const { ec2, VpcId, GroupId } = await setUp()
  const other = await ec2.createSecurityGroup({ VpcId, GroupName: 'db', Description: 'db' })
  const rule = { IpPermissions: [{ ...HTTP, UserIdGroupPairs: [{ GroupId }] }] }
  await ec2.authorizeSecurityGroupIngress({ GroupId: other.GroupId, ...rule })
  await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toMatchObject({
    name: 'DependencyViolation',
    message: `resource ${GroupId} has a dependent object`,
  })
  await expect(ec2.deleteVpc({ VpcId })).rejects.toMatchObject({ name: 'DependencyViolation' })
  await ec2.revokeSecurityGroupIngress({ GroupId: other.GroupId, ...rule })
  for (const id of [GroupId, other.GroupId]) await ec2.deleteSecurityGroup({ GroupId: id })
  await ec2.deleteVpc({ VpcId })
})

test('a rule that is not there is an error, but of the default VPC it is only told', async () => {
  const { ec2, GroupId } = await setUp()
  const IpPermissions = [{ ...HTTP, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }]
  const revoke = (id: string) => ec2.revokeSecurityGroupIngress({ GroupId: id, IpPermissions })
  await expect(revoke(GroupId)).rejects.toMatchObject({ name: 'InvalidPermission.NotFound' })
  expect((await revoke('sg-00000000000000001')).UnknownIpPermissions).toMatchObject(IpPermissions)
})

const RANGE = { IpRanges: [{ CidrIp: '10.0.0.0/8' }] }

test.each<[string, object, string, string?]>([
  [
    'a rule twice',
    { ...HTTP, IpRanges: [...RANGE.IpRanges, ...RANGE.IpRanges] },
    'InvalidPermission.Duplicate',
    'the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW" already exists',
  ],
  ['no peer', HTTP, 'MissingParameter'],
  [
    'a block that is none',
    { ...HTTP, IpRanges: [{ CidrIp: '10.0.0.0/33' }] },
    'InvalidParameterValue',
    'CIDR block 10.0.0.0/33 is malformed',
  ],
  ['no ports', { IpProtocol: 'tcp', ...RANGE }, 'InvalidParameterValue'],
  [
    'a port too high',
    { ...HTTP, ...RANGE, ToPort: 70000 },
    'InvalidParameterValue',
    'TCP/UDP port (70000) out of range',
  ],
  [
    'ports the wrong way round',
    { ...HTTP, ...RANGE, FromPort: 81 },
    'InvalidParameterValue',
    'Invalid TCP/UDP port range (81:80)',
  ],
  ['a protocol that is none', { IpProtocol: 'smtp', ...RANGE }, 'InvalidParameterValue'],
  ['an object as a protocol', { IpProtocol: 'constructor', ...RANGE }, 'InvalidParameterValue'],
  [
    'a group that is malformed',
    { ...HTTP, UserIdGroupPairs: [{ GroupId: 'web' }] },
    'InvalidGroupId.Malformed',
    'Invalid id: "web" (expecting "sg-...")',
  ],
  [
    'a group that is not there',
    { ...HTTP, UserIdGroupPairs: [{ GroupId: 'sg-12345678' }] },
    'InvalidGroup.NotFound',
    `The security group 'sg-12345678' does not exist`,
  ],
])('of rules, %s is refused and nothing added', async (_, permission, name, message) => {
  const { ec2, GroupId, group } = await setUp()
  const IpPermissions = [permission]
  const asked = ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions })
  await expect(asked).rejects.toMatchObject({ name, ...(message && { message }) })
  expect((await group())?.IpPermissions).toEqual([])
})

test.each<[string, object, string]>([
  ['a name that is taken', { GroupName: 'web' }, 'InvalidGroup.Duplicate'],
  ['a name that is reserved', { GroupName: 'default' }, 'InvalidParameterValue'],
  ['a name like an id', { GroupName: 'sg-web' }, 'InvalidParameterValue'],
  ['a name with other letters', { GroupName: 'wéb' }, 'InvalidParameterValue'],
  ['a VPC that is not there', { GroupName: 'b', VpcId: 'vpc-12345678' }, 'InvalidVpcID.NotFound'],
])('of groups, %s is refused', async (_, input, name) => {
  const { ec2, VpcId } = await setUp()
  const asked = { GroupName: '', Description: 'a', VpcId, ...input }
  await expect(ec2.createSecurityGroup(asked)).rejects.toMatchObject({ name })
})

test('the default group stays', async () => {
  const { ec2 } = await setUp()
  await expect(ec2.deleteSecurityGroup({ GroupId: 'sg-00000000000000001' })).rejects.toMatchObject({
    name: 'CannotDelete',
  })
})
