/** VPCs, subnets, their tags and what goes with them, by the AWS SDK and in the order in which Terraform asks. */
import { EC2 } from '@aws-sdk/client-ec2'
import { ECS } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'

async function setUp(region = 'us-east-1') {
  const drydock = await testEngine()
  const ec2 = new EC2({ ...drydock.config, region })
  onTestFinished(async () => {
    ec2.destroy()
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  const vpc = async (CidrBlock = '10.0.0.0/16', more = {}) =>
    (await ec2.createVpc({ CidrBlock, ...more })).Vpc?.VpcId ?? ''
  return { drydock, ec2, vpc }
}

test('a region has a default VPC with a public subnet in each of its zones', async () => {
  const { ec2 } = await setUp('eu-central-1')
  const { Vpcs } = await ec2.describeVpcs({ Filters: [{ Name: 'is-default', Values: ['true'] }] })
  expect(Vpcs).toMatchObject([
    { VpcId: 'vpc-00000000000000001', CidrBlock: '172.31.0.0/16', IsDefault: true },
  ])
  const { AvailabilityZones = [] } = await ec2.describeAvailabilityZones({})
  const { Subnets = [] } = await ec2.describeSubnets({
    Filters: [{ Name: 'default-for-az', Values: ['true'] }],
  })
  expect(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(
    AvailabilityZones.map(({ ZoneName }) => ZoneName),
  )
  expect(Subnets[2]).toMatchObject({
    SubnetId: 'subnet-00000000000000003',
    SubnetArn: 'arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-00000000000000003',
    AvailabilityZone: 'eu-central-1c',
    AvailabilityZoneId: 'euc1-az3',
    CidrBlock: '172.31.32.0/20',
    AvailableIpAddressCount: 4091,
    MapPublicIpOnLaunch: true,
  })
  const { AccountAttributes } = await ec2.describeAccountAttributes({ AttributeNames: ['default-vpc'] })
  expect(AccountAttributes?.[0]?.AttributeValues).toEqual([{ AttributeValue: 'vpc-00000000000000001' }])
  const { RouteTables } = await ec2.describeRouteTables({})
  expect(RouteTables?.[0]?.Routes).toMatchObject([
    { DestinationCidrBlock: '172.31.0.0/16', GatewayId: 'local' },
    { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-00000000000000001' },
  ])
})

test('Terraform finds all that it reads of a VPC and its subnets, and nothing once they are deleted', async () => {
  const { ec2 } = await setUp()
  const TagSpecifications = [{ ResourceType: 'vpc' as const, Tags: [{ Key: 'Name', Value: 'shop' }] }]
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications })
  const VpcId = Vpc?.VpcId ?? ''
  const { Vpcs } = await ec2.describeVpcs({ VpcIds: [VpcId] })
  expect(Vpcs).toMatchObject([
    {
      CidrBlock: '10.0.0.0/16',
      CidrBlockAssociationSet: [{ CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } }],
      InstanceTenancy: 'default',
      IsDefault: false,
      OwnerId: '123456789012',
      State: 'available',
      Tags: [{ Key: 'Name', Value: 'shop' }],
    },
  ])
  await ec2.modifyVpcAttribute({ VpcId, EnableDnsHostnames: { Value: true } })
  expect(await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsHostnames' })).toMatchObject({
    VpcId,
    EnableDnsHostnames: { Value: true },
  })
  expect(await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableDnsSupport' })).toMatchObject({
    EnableDnsSupport: { Value: true },
  })
  expect(
    await ec2.describeVpcAttribute({ VpcId, Attribute: 'enableNetworkAddressUsageMetrics' }),
  ).toMatchObject({ EnableNetworkAddressUsageMetrics: { Value: false } })
  const inVpc = (Name: string, value: string) => ({
    Filters: [
      { Name, Values: [value] },
      { Name: 'vpc-id', Values: [VpcId] },
    ],
  })
  const { Subnet } = await ec2.createSubnet({
    VpcId,
    CidrBlock: '10.0.1.0/24',
    AvailabilityZone: 'us-east-1b',
  })
  const SubnetId = Subnet?.SubnetId ?? ''
  const { NetworkAcls } = await ec2.describeNetworkAcls(inVpc('default', 'true'))
  expect(NetworkAcls).toMatchObject([{ IsDefault: true, Associations: [{ SubnetId }] }])
  expect(NetworkAcls?.[0]?.Entries).toHaveLength(4)
  const { RouteTables } = await ec2.describeRouteTables(inVpc('association.main', 'true'))
  expect(RouteTables).toMatchObject([{ VpcId, Routes: [{ DestinationCidrBlock: '10.0.0.0/16' }] }])
  const { SecurityGroups } = await ec2.describeSecurityGroups(inVpc('group-name', 'default'))
  expect(SecurityGroups).toMatchObject([{ GroupName: 'default', VpcId }])
  await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch: { Value: true } })
  expect((await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets).toMatchObject([
    {
      AvailabilityZone: 'us-east-1b',
      AvailableIpAddressCount: 251,
      CidrBlock: '10.0.1.0/24',
      DefaultForAz: false,
      MapPublicIpOnLaunch: true,
      State: 'available',
      VpcId,
    },
  ])
  await expect(ec2.deleteVpc({ VpcId })).rejects.toMatchObject({
    name: 'DependencyViolation',
    message: `The vpc '${VpcId}' has dependencies and cannot be deleted.`,
  })
  await ec2.deleteSubnet({ SubnetId })
  await ec2.deleteVpc({ VpcId })
  await expect(ec2.describeSubnets({ SubnetIds: [SubnetId] })).rejects.toMatchObject({
    name: 'InvalidSubnetID.NotFound',
    message: `The subnet ID '${SubnetId}' does not exist`,
  })
  await expect(ec2.describeVpcs({ VpcIds: [VpcId] })).rejects.toMatchObject({
    name: 'InvalidVpcID.NotFound',
    message: `The vpc ID '${VpcId}' does not exist`,
  })
  expect((await ec2.describeSecurityGroups(inVpc('group-name', 'default'))).SecurityGroups).toEqual([])
})

test('tags are of any resource, and found by their filters', async () => {
  const { ec2, vpc } = await setUp()
  const VpcId = await vpc()
  const Resources = [VpcId, 'subnet-00000000000000001', 'sg-00000000000000001', 'rtb-00000000000000001']
  await ec2.createTags({ Resources, Tags: ['a', 'b'].map((Key) => ({ Key, Value: `${Key}1` })) })
  await ec2.createTags({ Resources: [VpcId], Tags: [{ Key: 'a', Value: 'a2' }] })
  const tagged = async (Name: string, value: string) =>
    (await ec2.describeTags({ Filters: [{ Name, Values: [value] }] })).Tags
  expect(await tagged('resource-id', VpcId)).toEqual([
    { Key: 'a', Value: 'a2', ResourceId: VpcId, ResourceType: 'vpc' },
    { Key: 'b', Value: 'b1', ResourceId: VpcId, ResourceType: 'vpc' },
  ])
  expect(await tagged('resource-type', 'security-group')).toHaveLength(2)
  const byTag = { Filters: [{ Name: 'tag:a', Values: ['a?'] }] }
  expect((await ec2.describeVpcs(byTag)).Vpcs).toHaveLength(1)
  expect((await ec2.describeSubnets(byTag)).Subnets).toHaveLength(1)
  expect((await ec2.describeRouteTables(byTag)).RouteTables).toHaveLength(1)
  await ec2.deleteTags({ Resources: [VpcId], Tags: [{ Key: 'a', Value: 'a1' }, { Key: 'b' }] })
  expect(await tagged('resource-id', VpcId)).toMatchObject([{ Key: 'a', Value: 'a2' }])
  await ec2.deleteTags({ Resources: [VpcId] })
  expect(await tagged('resource-id', VpcId)).toEqual([])
})

test('a subnet and a security group that tasks are in cannot be deleted', async () => {
  const { drydock, ec2, vpc } = await setUp()
  const VpcId = await vpc()
  const { Subnet } = await ec2.createSubnet({ VpcId, CidrBlock: '10.0.0.0/24' })
  const { GroupId } = await ec2.createSecurityGroup({ VpcId, GroupName: 'web', Description: 'web' })
  const SubnetId = Subnet?.SubnetId ?? ''
  const ecs = new ECS(drydock.config)
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: 'web:1' }],
  })
  const awsvpcConfiguration = { subnets: [SubnetId], securityGroups: [GroupId ?? ''] }
  const { tasks } = await ecs.runTask({
    taskDefinition: 'web',
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration },
  })
  await drydock.engine.advance('1m')
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({})
  expect(NetworkInterfaces).toMatchObject([{ VpcId, Groups: [{ GroupId, GroupName: 'web' }] }])
  expect((await ec2.describeSubnets({ SubnetIds: [SubnetId] })).Subnets).toMatchObject([
    { AvailableIpAddressCount: 250 },
  ])
  const violation = { name: 'DependencyViolation' }
  await expect(ec2.deleteSubnet({ SubnetId })).rejects.toMatchObject(violation)
  await expect(ec2.deleteSecurityGroup({ GroupId })).rejects.toMatchObject(violation)
  await ecs.stopTask({ task: tasks?.[0]?.taskArn ?? '' })
  await drydock.engine.advance('2m')
  await ec2.deleteSubnet({ SubnetId })
  expect(await ec2.deleteSecurityGroup({ GroupId })).toMatchObject({ Return: true, GroupId })
})

const VPC = 'vpc-00000000000000001'
const SUBNET = 'subnet-00000000000000001'

test.each<[string, (ec2: EC2) => Promise<unknown>, string, string?]>([
  ['a VPC without a block', (ec2) => ec2.createVpc({}), 'MissingParameter'],
  [
    'a VPC of no block',
    (ec2) => ec2.createVpc({ CidrBlock: '10.0.0.0' }),
    'InvalidParameterValue',
    'Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
  ],
  [
    'a VPC too large',
    (ec2) => ec2.createVpc({ CidrBlock: '10.0.0.0/8' }),
    'InvalidVpc.Range',
    `The CIDR '10.0.0.0/8' is invalid.`,
  ],
  ['a VPC too small', (ec2) => ec2.createVpc({ CidrBlock: '10.0.0.0/29' }), 'InvalidVpc.Range'],
  [
    'tags of another type',
    (ec2) =>
      ec2.createVpc({ CidrBlock: '10.0.0.0/16', TagSpecifications: [{ ResourceType: 'subnet', Tags: [] }] }),
    'InvalidParameterValue',
  ],
  [
    'a subnet of no VPC',
    (ec2) => ec2.createSubnet({ VpcId: '10.0.0.0/16', CidrBlock: '10.0.0.0/24' }),
    'InvalidVpcID.NotFound',
  ],
  [
    'a subnet out of its VPC',
    (ec2) => ec2.createSubnet({ VpcId: VPC, CidrBlock: '10.0.0.0/24' }),
    'InvalidSubnet.Range',
    `The CIDR '10.0.0.0/24' is invalid.`,
  ],
  [
    'a subnet over another',
    (ec2) => ec2.createSubnet({ VpcId: VPC, CidrBlock: '172.31.1.0/24' }),
    'InvalidSubnet.Conflict',
    `The CIDR '172.31.1.0/24' conflicts with another subnet`,
  ],
  [
    'a subnet in no zone',
    (ec2) => ec2.createSubnet({ VpcId: VPC, CidrBlock: '172.31.64.0/24', AvailabilityZone: 'us-east-1z' }),
    'InvalidParameterValue',
    'Value (us-east-1z) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c.',
  ],
  [
    'an IPv6 subnet where there is no IPv6',
    (ec2) => ec2.createSubnet({ VpcId: VPC, CidrBlock: '172.31.64.0/24', Ipv6CidrBlock: '2001:db8::/64' }),
    'InvalidSubnet.Range',
  ],
  [
    'an attribute that is not there',
    (ec2) => ec2.modifySubnetAttribute({ SubnetId: SUBNET, EnableDns64: { Value: true } }),
    'UnsupportedOperation',
  ],
  [
    'two attributes at once',
    (ec2) =>
      ec2.modifyVpcAttribute({
        VpcId: VPC,
        EnableDnsHostnames: { Value: true },
        EnableDnsSupport: { Value: true },
      }),
    'InvalidParameterCombination',
  ],
  ['an unknown zone', (ec2) => ec2.describeAvailabilityZones({ ZoneNames: ['z'] }), 'InvalidParameterValue'],
  [
    'a route table of nobody',
    (ec2) => ec2.describeRouteTables({ RouteTableIds: ['rtb-1'] }),
    'InvalidRouteTableID.NotFound',
  ],
  [
    'an object as an ACL',
    (ec2) => ec2.describeNetworkAcls({ NetworkAclIds: ['constructor'] }),
    'InvalidNetworkAclID.NotFound',
  ],
  [
    'a filter of another operation',
    (ec2) => ec2.describeVpcs({ Filters: [{ Name: 'subnet-id', Values: ['a'] }] }),
    'InvalidParameterValue',
    `The filter 'subnet-id' is invalid`,
  ],
  [
    'an unknown filter of subnets',
    (ec2) => ec2.describeSubnets({ Filters: [{ Name: 'a', Values: ['a'] }] }),
    'InvalidParameterValue',
  ],
  [
    'a tag of what is none',
    (ec2) => ec2.createTags({ Resources: ['constructor-1'], Tags: [{ Key: 'a', Value: 'b' }] }),
    'InvalidID',
    `The ID 'constructor-1' is not valid`,
  ],
  [
    'a tag of what is gone',
    (ec2) => ec2.createTags({ Resources: ['vpc-00000000000000009'], Tags: [{ Key: 'a', Value: 'b' }] }),
    'InvalidVpcID.NotFound',
  ],
  [
    'a tag of AWS',
    (ec2) => ec2.createTags({ Resources: [VPC], Tags: [{ Key: 'aws:a', Value: 'b' }] }),
    'InvalidParameterValue',
  ],
  [
    'too many tags',
    (ec2) =>
      ec2.createTags({
        Resources: [VPC],
        Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `${i}`, Value: '' })),
      }),
    'TagLimitExceeded',
  ],
  ['a dry run', (ec2) => ec2.deleteVpc({ VpcId: VPC, DryRun: true }), 'DryRunOperation'],
])('%s is refused', async (_, ask, name, message) => {
  const { ec2 } = await setUp()
  await expect(ask(ec2)).rejects.toMatchObject({ name, ...(message && { message }) })
  expect((await ec2.describeVpcs({})).Vpcs).toHaveLength(1)
})
