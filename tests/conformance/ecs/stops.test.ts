/** Why tasks stop: stopCode, stoppedReason, exit codes and reasons, as the API and the bus tell them. */
import type { ContainerDefinition, CreateServiceCommandInput } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { listen } from '../listen.ts'
import { messagesOf, NETWORK, type TestEcs, testEcs } from './harness.ts'

const variable = (name: string, value: string): Partial<ContainerDefinition> => ({
  environment: [{ name, value }],
})

/** Runs a task of one container that no service owns. Returns its ARN. */
async function run(ecs: TestEcs, container: Partial<ContainerDefinition> = {}): Promise<string> {
  await ecs.register(container)
  const { tasks } = await ecs.client.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK })
  return tasks?.[0]?.taskArn ?? ''
}

test.each<[string, Partial<ContainerDefinition>, object]>([
  [
    'whose program crashes',
    { environment: [...exiting('1s'), { name: 'DRYDOCK_EXIT_CODE', value: '3' }] },
    {
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3 }],
    },
  ],
  [
    'whose program is killed for want of memory',
    { environment: [...exiting('1s'), { name: 'DRYDOCK_EXIT_CODE', value: '137' }] },
    { stopCode: 'EssentialContainerExited', containers: [{ exitCode: 137 }] },
  ],
  [
    'whose program cannot be started',
    variable('DRYDOCK_START_ERROR', 'exec format error'),
    {
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotStartContainerError: exec format error',
      containers: [{ reason: 'CannotStartContainerError: exec format error' }],
    },
  ],
  [
    'whose secrets cannot be had',
    { secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/token' }] },
    {
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(/^ResourceInitializationError: unable to pull secrets/),
    },
  ],
  [
    'whose image is not there',
    { image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/none:1' },
    {
      stopCode: 'TaskFailedToStart',
      stoppedReason: expect.stringMatching(/^CannotPullContainerError: /),
      containers: [{ reason: expect.stringMatching(/^CannotPullContainerError: /) }],
    },
  ],
])('a task %s says so', async (_, container, expected) => {
  await using ecs = await testEcs()
  await run(ecs, container)
  await ecs.advance('5s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([expected])
})

function exiting(value: string) {
  return [{ name: 'DRYDOCK_EXIT_AFTER', value }]
}

test('a task that is stopped by hand says who wished it', async () => {
  await using ecs = await testEcs()
  const task = await run(ecs)
  await ecs.advance('2s')
  await ecs.client.stopTask({ task, reason: 'had enough' })
  await ecs.advance('2s')
  expect(await ecs.tasks('STOPPED')).toMatchObject([
    { stopCode: 'UserInitiated', stoppedReason: 'had enough', containers: [{ exitCode: 143 }] },
  ])
})

const interrupt = (ecs: TestEcs, taskArn: string, body: string) =>
  fetch(`${ecs.drydock.endpoint}/_drydock/tasks/${taskArn}/interrupt`, { method: 'POST', body })

const SPOT = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }

test.each<[string, Partial<CreateServiceCommandInput>, object]>([
  ['spot', SPOT, { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' }],
  [
    'host',
    {},
    {
      stopCode: 'TerminationNotice',
      stoppedReason: 'ECS is performing maintenance on the underlying infrastructure hosting the task.',
    },
  ],
])(
  'a task that loses its %s is warned, stopped and replaced, and that is no failure',
  async (cause, input, why) => {
    await using ecs = await testEcs()
    const heard = await listen(ecs, 'aws.ecs')
    await ecs.register()
    await ecs.client.putClusterCapacityProviders({
      cluster: 'default',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    })
    await ecs.serve({ ...input, desiredCount: 1 })
    await ecs.advance('10s')
    await heard()
    const [task] = await ecs.tasks()
    const answer = await interrupt(ecs, task?.taskArn ?? '', JSON.stringify({ cause }))
    expect(answer.status).toBe(200)
    await ecs.advance('10s')
    expect(await ecs.tasks('STOPPED')).toMatchObject([{ taskArn: task?.taskArn, ...why }])
    const told = (await heard()).filter(({ detail }) => detail.taskArn === task?.taskArn)
    // The warning comes first: SIGTERM follows, and the end.
    expect(told[0]?.detail).toMatchObject({ ...why, desiredStatus: 'STOPPED', lastStatus: 'DEACTIVATING' })
    const service = await ecs.service()
    expect(service).toMatchObject({ runningCount: 1, deployments: [{ failedTasks: 0 }] })
  },
)

test.each([
  ['{"cause":"spot"}', 409, 'does not run on Spot capacity'],
  ['{"cause":"flood"}', 400, 'The body must be'],
  ['no JSON', 400, 'The body must be'],
])('%s is refused with %i', async (body, status, message) => {
  await using ecs = await testEcs()
  const taskArn = await run(ecs)
  await ecs.advance('2s')
  const answer = await interrupt(ecs, taskArn, body)
  expect(answer.status).toBe(status)
  expect(await answer.json()).toEqual({ message: expect.stringContaining(message) })
  expect(await ecs.tasks()).toHaveLength(1)
})

test.each(['arn:aws:ecs:us-east-1:123456789012:task/default/none', 'nonsense', '%ZZ'])(
  'a task %s is not found',
  async (taskArn) => {
    await using ecs = await testEcs()
    expect((await interrupt(ecs, taskArn, '{"cause":"host"}')).status).toBe(404)
  },
)

test('that tasks cannot be started is said once in six hours, and again after a healthy one', async () => {
  await using ecs = await testEcs()
  const heard = await listen(ecs, 'aws.ecs')
  // The queue gives again what nobody deletes: what is heard after hours is all that there was.
  const impaired = async () =>
    (await heard()).filter(({ detail }) => detail.eventName === 'SERVICE_TASK_START_IMPAIRED')
  const bad = await ecs.register(variable('DRYDOCK_START_ERROR', 'no'))
  const service = await ecs.serve({ desiredCount: 1 })
  await ecs.advance('5h')
  expect(await impaired()).toMatchObject([
    {
      source: 'aws.ecs',
      'detail-type': 'ECS Service Action',
      resources: [service.serviceArn],
      detail: {
        eventType: 'WARN',
        eventName: 'SERVICE_TASK_START_IMPAIRED',
        clusterArn: service.clusterArn,
        createdAt: expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/),
      },
    },
  ])
  await ecs.advance('2h')
  expect(await impaired()).toHaveLength(2)
  const said = messagesOf(await ecs.service()).filter((message) => message.includes('unable to consistently'))
  expect(said).toHaveLength(2)
  await ecs.client.updateService({ service: 'web', taskDefinition: await ecs.register() })
  await ecs.advance('1h')
  expect(await ecs.service()).toMatchObject({ runningCount: 1 })
  await ecs.client.updateService({ service: 'web', taskDefinition: bad })
  await ecs.advance('1m')
  expect(await impaired()).toHaveLength(3)
})
