/** Tasks from RunTask to their end, seen through the SDK's client: real programs, and simulated ones on a still clock. */
import { setTimeout as delay } from 'node:timers/promises'
import { ECS, type Task } from '@aws-sdk/client-ecs'
import { type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { pushProgram } from './program.ts'

/** An engine of the running test with a cluster, and a way to run a task of one container. */
async function setUp(options: TestEngineOptions) {
  const drydock = await testEngine(options)
  const ecs = new ECS(drydock.config)
  onTestFinished(async () => {
    ecs.destroy()
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  await ecs.createCluster({ clusterName: 'default' })
  const run = async (image: string, environment: Record<string, string> = {}) => {
    await ecs.registerTaskDefinition({
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'web',
          image,
          portMappings: [{ containerPort: 8080 }],
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
        },
      ],
    })
    const { tasks } = await ecs.runTask({
      taskDefinition: 'web',
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
    })
    return tasks?.[0]?.taskArn ?? ''
  }
  const describe = async (taskArn: string): Promise<Task> => {
    const { tasks } = await ecs.describeTasks({ tasks: [taskArn] })
    return tasks?.[0] ?? {}
  }
  return { drydock, ecs, run, describe }
}

/** Asks until the task has come to `status`: real programs take their own time. */
async function reached(status: string, describe: () => Promise<Task>): Promise<Task> {
  for (;;) {
    const task = await describe()
    if (task.lastStatus === status) return task
    if (task.lastStatus === 'STOPPED') throw new Error(`The task has stopped: ${task.stoppedReason}`)
    await delay(20)
  }
}

const addressOf = (task: Task) => task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address

const SERVER = `
import { createServer } from 'node:http'
const server = createServer((_, response) => response.end(process.env.GREETING))
server.listen(8080)
process.on('SIGTERM', () => process.exit(9))
`

test("a pushed program answers at its task's address until the task is stopped", async () => {
  const { drydock, ecs, run, describe } = await setUp({ tasks: 'process', clock: 'system' })
  const pushed = await pushProgram(drydock, SERVER)
  const taskArn = await run(pushed.reference, { GREETING: 'ahoy' })
  const running = await reached('RUNNING', () => describe(taskArn))
  expect(running.containers?.[0]?.imageDigest).toBe(pushed.digest)
  const address = `http://${addressOf(running)}:8080`
  let answer: Response | undefined
  // RUNNING means that the program has been started, not that it listens already.
  while (!answer) answer = await fetch(address).catch(() => delay(10, undefined))
  expect(await answer.text()).toBe('ahoy')
  await ecs.stopTask({ task: taskArn })
  const stopped = await reached('STOPPED', () => describe(taskArn))
  expect(stopped).toMatchObject({ stopCode: 'UserInitiated', containers: [{ exitCode: 9 }] })
  await expect(fetch(address)).rejects.toThrow()
})

test('a program that crashes stops its task with its exit code', async () => {
  const { drydock, run, describe } = await setUp({ tasks: 'process', clock: 'system' })
  const taskArn = await run((await pushProgram(drydock, 'process.exit(3)')).reference)
  const stopped = await reached('STOPPED', () => describe(taskArn))
  expect(stopped).toMatchObject({
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ exitCode: 3 }],
  })
})

test.each(['process', 'simulated'] as const)(
  'an image that was never pushed is not found: %s',
  async (tasks) => {
    const { drydock, run, describe } = await setUp({ tasks })
    const taskArn = await run(`${new URL(drydock.endpoint).host}/nothing:v1`)
    await drydock.engine.advance('10s')
    const { stopCode, stoppedReason } = await describe(taskArn)
    expect(stopCode).toBe('TaskFailedToStart')
    expect(stoppedReason).toMatch(/^CannotPullContainerError: .*not found/)
  },
)

test('a simulated task runs an image of another registry and crashes when it is told to', async () => {
  const { drydock, run, describe } = await setUp({ tasks: 'simulated' })
  const taskArn = await run('nginx', { DRYDOCK_EXIT_AFTER: '5m', DRYDOCK_EXIT_CODE: '2' })
  await drydock.engine.advance('1m')
  const running = await describe(taskArn)
  expect(running.lastStatus).toBe('RUNNING')
  expect(addressOf(running)).toMatch(/^10\.0\.\d+\.\d+$/)
  await drydock.engine.advance('5m')
  expect(await describe(taskArn)).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    containers: [{ exitCode: 2 }],
  })
})

test('a simulated task that ignores SIGTERM is killed after its stop timeout', async () => {
  const { drydock, ecs, run, describe } = await setUp({ tasks: 'simulated' })
  const taskArn = await run('nginx', { DRYDOCK_IGNORE_SIGTERM: '1' })
  await drydock.engine.advance('1m')
  await ecs.stopTask({ task: taskArn })
  await drydock.engine.advance('29s')
  expect((await describe(taskArn)).lastStatus).not.toBe('STOPPED')
  await drydock.engine.advance('5s')
  expect(await describe(taskArn)).toMatchObject({ lastStatus: 'STOPPED', containers: [{ exitCode: 137 }] })
})

test('a simulated task that does not start says why', async () => {
  const { drydock, run, describe } = await setUp({ tasks: 'simulated' })
  const taskArn = await run('nginx', { DRYDOCK_START_ERROR: 'no such device' })
  await drydock.engine.advance('10s')
  expect(await describe(taskArn)).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotStartContainerError: no such device',
  })
})
