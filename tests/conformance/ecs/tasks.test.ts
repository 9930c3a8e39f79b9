/** Tasks: run, seen, listed and stopped; through the AWS SDK. */
import type { RunTaskCommandInput } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { NETWORK, type TestEcs, testEcs } from './harness.ts'

/** Runs tasks of the family `web`. */
const run = async ({ client }: TestEcs, input: Partial<RunTaskCommandInput> = {}) =>
  (await client.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK, ...input })).tasks ?? []

test('a task runs until it is stopped', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  const [created] = await run(ecs)
  expect(created).toMatchObject({ lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING', version: 1 })
  await ecs.advance('1s')
  const [running] = await ecs.tasks()
  expect(running).toMatchObject({
    lastStatus: 'RUNNING',
    group: 'family:web',
    launchType: 'FARGATE',
    cpu: '256',
    memory: '512',
    connectivity: 'CONNECTED',
    version: 4,
    attachments: [{ type: 'ElasticNetworkInterface', status: 'ATTACHED' }],
    containers: [{ name: 'web', lastStatus: 'RUNNING', image: 'web:1' }],
  })
  const address = running?.attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value
  expect(address).toMatch(/^10\.0\./)
  expect(running?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address).toBe(address)
  await ecs.client.stopTask({ task: created?.taskArn, reason: 'enough' })
  await ecs.advance('10s')
  const [stopped] = await ecs.tasks('STOPPED')
  expect(stopped).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'enough',
    containers: [{ lastStatus: 'STOPPED', exitCode: 143 }],
  })
  expect(stopped?.stoppedAt?.getTime()).toBeGreaterThan(stopped?.stoppingAt?.getTime() ?? Infinity)
})

test('a program that ends by itself ends its task', async () => {
  await using ecs = await testEcs()
  const environment = [
    { name: 'DRYDOCK_EXIT_AFTER', value: '5s' },
    { name: 'DRYDOCK_EXIT_CODE', value: '3' },
  ]
  await ecs.register({ environment })
  await run(ecs)
  await ecs.advance('10s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    {
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3 }],
    },
  ])
})

test('a program that ignores SIGTERM is killed after its stopTimeout', async () => {
  await using ecs = await testEcs()
  await ecs.register({ stopTimeout: 60, environment: [{ name: 'DRYDOCK_IGNORE_SIGTERM', value: '1' }] })
  const [task] = await run(ecs)
  await ecs.advance('1s')
  await ecs.client.stopTask({ task: task?.taskArn })
  await ecs.advance('59s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([{ lastStatus: 'STOPPING' }])
  await ecs.advance('2s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    { lastStatus: 'STOPPED', containers: [{ exitCode: 137 }] },
  ])
})

test('an image that is not in the registry stops the task', async () => {
  await using ecs = await testEcs()
  await ecs.register({ image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1' })
  await run(ecs)
  await ecs.advance('10s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    { stopCode: 'TaskFailedToStart', stoppedReason: expect.stringMatching(/^CannotPullContainerError/) },
  ])
})

test("overrides, tags and startedBy are the task's own", async () => {
  await using ecs = await testEcs()
  await ecs.register({}, { tags: [{ key: 'family', value: 'web' }] })
  const overrides = {
    containerOverrides: [{ name: 'web', command: ['migrate'] }],
    cpu: '512',
    memory: '1024',
  }
  const tags = [{ key: 'own', value: '1' }]
  const [task] = await run(ecs, {
    overrides,
    tags,
    startedBy: 'me',
    propagateTags: 'TASK_DEFINITION',
    group: 'batch',
  })
  expect(task).toMatchObject({ overrides, startedBy: 'me', group: 'batch', cpu: '512' })
  expect(task?.tags).toEqual([{ key: 'family', value: 'web' }, ...tags])
  await expect(run(ecs, { overrides: { containerOverrides: [{ name: 'db' }] } })).rejects.toThrow(
    'Override for container named db is not a container in the TaskDefinition.',
  )
})

test('at most ten tasks are started at once, and a token starts them only once', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await expect(run(ecs, { count: 11 })).rejects.toMatchObject({ name: 'InvalidParameterException' })
  const first = await run(ecs, { count: 10, clientToken: 'one' })
  const again = await run(ecs, { count: 10, clientToken: 'one' })
  expect(again.map(({ taskArn }) => taskArn)).toEqual(first.map(({ taskArn }) => taskArn))
  await expect(run(ecs, { count: 9, clientToken: 'one' })).rejects.toMatchObject({
    name: 'ConflictException',
  })
  expect(await ecs.tasks()).toHaveLength(10)
})

test('tasks are listed by what they are asked for', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.register({}, { family: 'worker' })
  const { deployments } = await ecs.serve()
  await run(ecs, { startedBy: 'me' })
  await run(ecs, { taskDefinition: 'worker', count: 3 })
  await ecs.advance('10s')
  const count = async (input: Parameters<typeof ecs.client.listTasks>[0]) =>
    (await ecs.client.listTasks(input)).taskArns?.length
  expect(await count({})).toBe(6)
  expect(await count({ serviceName: 'web' })).toBe(2)
  expect(await count({ family: 'web' })).toBe(3)
  expect(await count({ startedBy: 'me' })).toBe(1)
  expect(await count({ startedBy: deployments?.[0]?.id })).toBe(2)
  expect(await count({ launchType: 'EC2' })).toBe(0)
  expect(await count({ desiredStatus: 'STOPPED' })).toBe(0)
  await expect(count({ serviceName: 'none' })).rejects.toMatchObject({ name: 'ServiceNotFoundException' })
  const page = await ecs.client.listTasks({ maxResults: 4 })
  expect(await count({ nextToken: page.nextToken })).toBe(2)
})

test('a task that is not there is MISSING, and cannot be stopped', async () => {
  await using ecs = await testEcs()
  const { tasks, failures } = await ecs.client.describeTasks({ tasks: ['none'] })
  expect({ tasks, failures }).toEqual({
    tasks: [],
    failures: [{ arn: 'arn:aws:ecs:us-east-1:123456789012:task/default/none', reason: 'MISSING' }],
  })
  await expect(ecs.client.stopTask({ task: 'none' })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: 'The referenced task was not found.',
  })
})

test.each<[string, Partial<RunTaskCommandInput>, string, string]>([
  ['an unknown platform', { platformVersion: '1.4' }, 'PlatformUnknownException', 'does not exist'],
  [
    'a platform for EC2',
    { launchType: 'EC2', platformVersion: '1.4.0' },
    'InvalidParameterException',
    'The platform version must be null when specifying an EC2 launch type.',
  ],
  ['a long startedBy', { startedBy: 'x'.repeat(129) }, 'InvalidParameterException', 'up to 128'],
  ['a size without unit', { overrides: { cpu: 'much' } }, 'ClientException', "Invalid 'cpu' setting"],
  ['a size that Fargate lacks', { overrides: { cpu: '512' } }, 'ClientException', 'No Fargate configuration'],
])('a task with %s is refused', async (_, input, name, message) => {
  await using ecs = await testEcs()
  await ecs.register()
  await expect(run(ecs, input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) })
  expect(await ecs.tasks()).toEqual([])
})

test('a task belongs to its cluster alone, whatever ARN names it', async () => {
  await using ecs = await testEcs()
  await ecs.register()
  await ecs.client.createCluster({ clusterName: 'other' })
  const [task] = await run(ecs)
  const message = 'Invalid identifier: Identifier is for cluster default. Your cluster is other'
  await expect(
    ecs.client.describeTasks({ cluster: 'other', tasks: [task?.taskArn ?? ''] }),
  ).rejects.toMatchObject({ name: 'InvalidParameterException', message })
  await expect(ecs.client.stopTask({ cluster: 'other', task: task?.taskArn })).rejects.toThrow(message)
  await expect(ecs.client.stopTask({ task: task?.clusterArn })).rejects.toThrow(
    'Unsupported resource type: cluster',
  )
})
