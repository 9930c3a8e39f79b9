/** The network interfaces of ECS's tasks by the AWS SDK: what they show, how they are found, and when they are gone. */
import { EC2 } from '@aws-sdk/client-ec2'
import { ECS, type Task } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { pushProgram } from '../tasks/program.ts'

type Options = Parameters<typeof testEngine>[0]

/** An engine with a definition `web` that listens at 8080, and short verbs. */
async function setUp(options: Options = {}, image = 'web:1') {
  const drydock = await testEngine(options)
  const [ecs, ec2] = [new ECS(drydock.config), new EC2(drydock.config)]
  onTestFinished(async () => {
    for (const client of [ecs, ec2]) client.destroy()
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  const run = async (count = 1, awsvpc: object = {}) => {
    await ecs.createCluster({})
    const { tasks = [] } = await ecs.runTask({
      taskDefinition: 'web',
      count,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678'], ...awsvpc },
      },
    })
    return tasks.map(({ taskArn = '' }) => taskArn)
  }
  const register = (image: string) =>
    ecs.registerTaskDefinition({
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'web', image, portMappings: [{ containerPort: 8080 }] }],
    })
  const task = async (taskArn: string): Promise<Task> =>
    (await ecs.describeTasks({ tasks: [taskArn] })).tasks?.[0] ?? {}
  if (image) await register(image)
  return { drydock, ecs, ec2, run, register, task, advance: drydock.engine.advance.bind(drydock.engine) }
}

const detail = ({ attachments }: Task, name: string) =>
  attachments?.[0]?.details?.find((each) => each.name === name)?.value ?? ''

test('a task shows its interface, as it names it itself', async () => {
  const { ec2, run, task, advance } = await setUp()
  const [taskArn = ''] = await run(1, { assignPublicIp: 'ENABLED' })
  await advance('1m')
  const running = await task(taskArn)
  const address = detail(running, 'privateIPv4Address')
  const id = detail(running, 'networkInterfaceId')
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [id] })
  const association = {
    IpOwnerId: 'amazon',
    PublicDnsName: 'ec2-198-18-0-4.compute-1.amazonaws.com',
    PublicIp: '198.18.0.4',
  }
  expect(address).toBe('10.0.0.4')
  expect(NetworkInterfaces).toMatchObject([
    {
      NetworkInterfaceId: id,
      Association: association,
      Attachment: {
        AttachTime: running.createdAt,
        AttachmentId: expect.stringMatching(/^eni-attach-[0-9a-f]{17}$/),
        DeleteOnTermination: false,
        Status: 'attached',
      },
      AvailabilityZone: running.availabilityZone,
      Description: `arn:aws:ecs:us-east-1:123456789012:attachment/${running.attachments?.[0]?.id}`,
      Groups: [{ GroupId: 'sg-12345678', GroupName: 'sg-12345678' }],
      InterfaceType: 'interface',
      Ipv6Addresses: [],
      MacAddress: detail(running, 'macAddress'),
      OwnerId: '123456789012',
      PrivateDnsName: 'ip-10-0-0-4.ec2.internal',
      PrivateIpAddress: address,
      PrivateIpAddresses: [{ Association: association, Primary: true, PrivateIpAddress: address }],
      RequesterManaged: true,
      Status: 'in-use',
      SubnetId: 'subnet-12345678',
      TagSet: [],
      VpcId: 'vpc-00000000000000001',
    },
  ])
})

test('an interface without a public address has no association, and its group is the default one', async () => {
  const { ec2, run, advance } = await setUp()
  await run(1, { securityGroups: [], subnets: ['subnet-00000000000000002'] })
  await advance('1m')
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({})
  expect(NetworkInterfaces).toMatchObject([
    { AvailabilityZone: 'us-east-1b', Groups: [{ GroupId: 'sg-00000000000000001', GroupName: 'default' }] },
  ])
  expect(NetworkInterfaces?.[0]?.Association).toBeUndefined()
})

test('an interface is gone when its task has stopped, and not before', async () => {
  const { ecs, ec2, run, task, advance } = await setUp()
  const [taskArn = ''] = await run()
  await advance('1m')
  const id = detail(await task(taskArn), 'networkInterfaceId')
  const describe = () => ec2.describeNetworkInterfaces({ NetworkInterfaceIds: [id] })
  expect((await describe()).NetworkInterfaces).toHaveLength(1)
  await ecs.stopTask({ task: taskArn })
  expect((await describe()).NetworkInterfaces).toHaveLength(1)
  await advance('2m')
  expect((await task(taskArn)).lastStatus).toBe('STOPPED')
  await expect(describe()).rejects.toMatchObject({
    name: 'InvalidNetworkInterfaceID.NotFound',
    message: `The networkInterface ID '${id}' does not exist`,
  })
  expect((await ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([])
})

test('filters find interfaces, and all public addresses differ', async () => {
  const { ec2, run, advance } = await setUp()
  await run(3, { assignPublicIp: 'ENABLED' })
  await run(2, { subnets: ['subnet-00000000000000001'], securityGroups: ['sg-1', 'sg-2'] })
  await advance('1m')
  const count = async (Name: string, ...Values: string[]) =>
    (await ec2.describeNetworkInterfaces({ Filters: [{ Name, Values }] })).NetworkInterfaces?.length
  const { NetworkInterfaces: all = [] } = await ec2.describeNetworkInterfaces({})
  const seen = new Set(all.flatMap(({ Association }) => Association?.PublicIp ?? []))
  expect(seen.size).toBe(3)
  expect(await count('association.public-ip', ...seen)).toBe(3)
  expect(await count('addresses.private-ip-address', '10.0.0.4', '10.0.0.8', '10.0.0.9')).toBe(2)
  expect(await count('private-ip-address', '10.0.0.?')).toBe(5)
  expect(await count('network-interface-id', all[0]?.NetworkInterfaceId ?? '')).toBe(1)
  expect(await count('subnet-id', 'subnet-00000000000000001')).toBe(2)
  expect(await count('vpc-id', 'vpc-00000000000000001')).toBe(5)
  expect(await count('vpc-id', 'vpc-00000000000000002')).toBe(0)
  expect(await count('group-id', 'sg-2')).toBe(2)
  expect(await count('status', 'in-use')).toBe(5)
  expect(await count('interface-type', 'interface')).toBe(5)
  expect(await count('requester-id', all[0]?.RequesterId ?? '')).toBe(5)
  expect(await count('description', 'arn:aws:ecs:*:attachment/*')).toBe(5)
  expect(await count('description', 'ELB *')).toBe(0)
  expect(await count('attachment.status', 'attached')).toBe(5)
  expect(await count('requester-managed', 'true')).toBe(5)
})

test('interfaces come in pages, each of them once', async () => {
  const { ec2, run, advance } = await setUp()
  for (const count of [10, 2]) await run(count)
  await advance('1m')
  const first = await ec2.describeNetworkInterfaces({ MaxResults: 7 })
  const second = await ec2.describeNetworkInterfaces({ MaxResults: 7, NextToken: first.NextToken })
  const ids = [first, second].flatMap(({ NetworkInterfaces = [] }) =>
    NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId),
  )
  expect(first.NetworkInterfaces).toHaveLength(7)
  expect(second.NextToken).toBeUndefined()
  expect(new Set(ids).size).toBe(12)
})

const ENI = 'eni-00000000000000009'

test.each([
  ['an id of another kind', { NetworkInterfaceIds: ['vpc-12345678'] }, 'InvalidNetworkInterfaceId.Malformed'],
  ['an id of another length', { NetworkInterfaceIds: ['eni-123'] }, 'InvalidNetworkInterfaceId.Malformed'],
  ['an id of nothing', { NetworkInterfaceIds: [ENI] }, 'InvalidNetworkInterfaceID.NotFound'],
  ['a filter that there is not', { Filters: [{ Name: 'foo', Values: ['a'] }] }, 'InvalidParameterValue'],
  ['ids in pages', { NetworkInterfaceIds: [ENI], MaxResults: 5 }, 'InvalidParameterCombination'],
  ['a page too small', { MaxResults: 4 }, 'InvalidParameterValue'],
  ['a page too large', { MaxResults: 1001 }, 'InvalidParameterValue'],
  ['a token of nobody', { NextToken: 'x' }, 'InvalidNextToken'],
  ['a dry run', { DryRun: true }, 'DryRunOperation'],
])('%s is refused', async (_, input, name) => {
  const { ec2 } = await setUp({}, '')
  await expect(ec2.describeNetworkInterfaces(input)).rejects.toMatchObject({ name })
})

test('the public address of a real task reaches it', async () => {
  const { drydock, ec2, run, register } = await setUp({ tasks: 'process', clock: 'system' }, '')
  const program = `import { createServer } from 'node:http'
    createServer((_, reply) => reply.end('here')).listen(8080)`
  await register((await pushProgram(drydock, program)).reference)
  await run(1, { assignPublicIp: 'ENABLED' })
  const found = async () => {
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({})
    return NetworkInterfaces?.[0]?.Association?.PublicIp
  }
  const answer = async () => (await fetch(`http://${await found()}:8080/`)).text()
  await expect.poll(() => answer().catch(() => undefined), { timeout: 20_000 }).toBe('here')
})

test('a task in a subnet with IPv6 has an address of it too', async () => {
  const { ec2, run, task, advance } = await setUp()
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true })
  const block = Vpc?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock ?? ''
  expect(block).toMatch(/^2001:db8:.*::\/56$/)
  const { Subnet } = await ec2.createSubnet({
    VpcId: Vpc?.VpcId,
    CidrBlock: '10.0.0.0/24',
    Ipv6CidrBlock: block.replace('/56', '/64'),
  })
  const [dual = ''] = await run(1, { subnets: [Subnet?.SubnetId] })
  const [single = ''] = await run()
  await advance('1m')
  const ipv6Address = block.replace('::/56', '::a00:4')
  const interfaceOf = async (arn: string) => (await task(arn)).containers?.[0]?.networkInterfaces?.[0]
  expect(await interfaceOf(dual)).toMatchObject({ privateIpv4Address: '10.0.0.4', ipv6Address })
  expect(await interfaceOf(single)).not.toHaveProperty('ipv6Address')
  const byAddress = { Filters: [{ Name: 'ipv6-addresses.ipv6-address', Values: [ipv6Address] }] }
  expect((await ec2.describeNetworkInterfaces(byAddress)).NetworkInterfaces).toMatchObject([
    { Ipv6Address: ipv6Address, Ipv6Addresses: [{ Ipv6Address: ipv6Address }], PrivateIpAddress: '10.0.0.4' },
  ])
})
