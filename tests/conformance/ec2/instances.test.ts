/** Tasks without an interface of their own: from a task to its ports, its container instance and that one's addresses. */
import { EC2 } from '@aws-sdk/client-ec2'
import { ECS, type NetworkConfiguration } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../listen.ts'
import { pushProgram } from '../tasks/program.ts'

async function setUp(options: Parameters<typeof testEngine>[0] = {}) {
  const drydock = await testEngine(options)
  const [ecs, ec2] = [new ECS(drydock.config), new EC2(drydock.config)]
  onTestFinished(async () => {
    for (const client of [ecs, ec2]) client.destroy()
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  await ecs.createCluster({})
  const run = async (image: string, networkConfiguration?: NetworkConfiguration) => {
    await ecs.registerTaskDefinition({
      family: 'web',
      networkMode: networkConfiguration ? 'awsvpc' : 'bridge',
      containerDefinitions: [{ name: 'web', image, memory: 128, portMappings: [{ containerPort: 8080 }] }],
    })
    const where = networkConfiguration && { networkConfiguration }
    const { tasks } = await ecs.runTask({ taskDefinition: 'web', launchType: 'EC2', ...where })
    return tasks?.[0]?.taskArn ?? ''
  }
  const task = async (arn: string) => (await ecs.describeTasks({ tasks: [arn] })).tasks?.[0] ?? {}
  /** Where a task's first port is reached, as a client finds it out. */
  const placeOf = async (arn: string) => {
    const { containerInstanceArn = '', containers } = await task(arn)
    const containerInstances = [containerInstanceArn]
    const described = await ecs.describeContainerInstances({ containerInstances })
    const InstanceIds = [described.containerInstances?.[0]?.ec2InstanceId ?? '']
    const { Reservations } = await ec2.describeInstances({ InstanceIds })
    const instance = Reservations?.[0]?.Instances?.[0]
    return { instance, binding: containers?.[0]?.networkBindings?.[0] }
  }
  return { drydock, ecs, ec2, run, task, placeOf, advance: drydock.engine.advance.bind(drydock.engine) }
}

test('a task on an instance says where its ports are, and so do its events', async () => {
  const stage = await setUp()
  const heard = await listen(stage, 'aws.ecs')
  const arn = await stage.run('web:1')
  await stage.advance('1m')
  const binding = { bindIP: '0.0.0.0', containerPort: 8080, hostPort: 8080, protocol: 'tcp' }
  const shown = {
    lastStatus: 'RUNNING',
    attachments: [],
    containerInstanceArn: arn.replace(':task/', ':container-instance/'),
    containers: [{ networkBindings: [binding], networkInterfaces: [] }],
  }
  expect(await stage.task(arn)).toMatchObject(shown)
  expect((await heard()).at(-1)?.detail).toMatchObject(shown)
  const place = await stage.placeOf(arn)
  expect(place).toMatchObject({
    binding,
    instance: {
      State: { Code: 16, Name: 'running' },
      PrivateIpAddress: '10.0.0.4',
      PublicIpAddress: '198.18.0.4',
      VpcId: 'vpc-00000000000000001',
      SubnetId: 'subnet-00000000000000001',
    },
  })
  expect((await stage.ec2.describeNetworkInterfaces({})).NetworkInterfaces).toEqual([])
})

test('instances are listed and counted while their tasks are there, and gone with them', async () => {
  const { ecs, ec2, run, task, advance } = await setUp()
  const arn = await run('web:1')
  await advance('1m')
  const { containerInstanceArn = '' } = await task(arn)
  const list = async () => (await ecs.listContainerInstances({})).containerInstanceArns
  expect(await list()).toEqual([containerInstanceArn])
  expect((await ecs.listContainerInstances({ status: 'DRAINING' })).containerInstanceArns).toEqual([])
  const [cluster] = (await ecs.describeClusters({})).clusters ?? []
  expect(cluster?.registeredContainerInstancesCount).toBe(1)
  expect((await ecs.listTasks({ containerInstance: containerInstanceArn })).taskArns).toEqual([arn])
  const byAddress = { Filters: [{ Name: 'private-ip-address', Values: ['10.0.0.4'] }] }
  expect((await ec2.describeInstances(byAddress)).Reservations).toHaveLength(1)
  await ecs.stopTask({ task: arn })
  await advance('2m')
  expect(await list()).toEqual([])
  const containerInstances = [containerInstanceArn]
  const { failures } = await ecs.describeContainerInstances({ containerInstances })
  expect(failures).toEqual([{ arn: containerInstanceArn, reason: 'MISSING' }])
  expect((await ec2.describeInstances({})).Reservations).toEqual([])
  await expect(ecs.listTasks({ containerInstance: containerInstanceArn })).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
  await expect(ec2.describeInstances({ InstanceIds: ['i-12345678'] })).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
    message: `The instance ID 'i-12345678' does not exist`,
  })
  await expect(ec2.describeInstances({ InstanceIds: ['web'] })).rejects.toMatchObject({
    name: 'InvalidInstanceID.Malformed',
    message: 'Invalid id: "web" (expecting "i-...")',
  })
})

test('an interface of a task of EC2 is attached to its instance', async () => {
  const { ecs, ec2, run, task, advance } = await setUp()
  const arn = await run('web:1', { awsvpcConfiguration: { subnets: ['subnet-12345678'] } })
  await advance('1m')
  const { containerInstanceArn = '', containers } = await task(arn)
  const described = await ecs.describeContainerInstances({ containerInstances: [containerInstanceArn] })
  const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({})
  expect(NetworkInterfaces).toMatchObject([
    { Attachment: { InstanceId: described.containerInstances?.[0]?.ec2InstanceId } },
  ])
  expect(containers?.[0]?.networkBindings).toEqual([])
})

test('a real task on an instance is reached where its instance and its bindings say', async () => {
  const { drydock, run, placeOf } = await setUp({ tasks: 'process', clock: 'system' })
  const program = `import { createServer } from 'node:http'
    createServer((_, reply) => reply.end('here')).listen(8080)`
  const arn = await run((await pushProgram(drydock, program)).reference)
  const answer = async () => {
    const { instance, binding } = await placeOf(arn)
    return (await fetch(`http://${instance?.PrivateIpAddress}:${binding?.hostPort}/`)).text()
  }
  await expect.poll(() => answer().catch(() => undefined), { timeout: 20_000 }).toBe('here')
})
