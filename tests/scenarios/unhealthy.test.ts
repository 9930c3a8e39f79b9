/** A real program whose health check fails after a while: ECS replaces it, and its logs tell why. */
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { ECS, type Task } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { pushProgram } from '../conformance/tasks/program.ts'

/** Serves, and says that it is unwell from the moment on that somebody asks for /break. */
const PROGRAM = `
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
createServer((request, reply) => {
  if (request.url === '/break') {
    writeFileSync('broken', '')
    console.log('something broke')
  }
  reply.end('ok')
}).listen(8080)
`

async function setUp() {
  const drydock = await testEngine({ tasks: 'process' })
  const ecs = new ECS(drydock.config)
  await ecs.createCluster({})
  const { reference: image } = await pushProgram(drydock, PROGRAM)
  const options = {
    'awslogs-group': '/ecs/web',
    'awslogs-region': 'us-east-1',
    'awslogs-stream-prefix': 'shop',
    'awslogs-create-group': 'true',
  }
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
        healthCheck: { command: ['CMD-SHELL', 'test ! -e broken'], interval: 5, timeout: 60, retries: 2 },
        logConfiguration: { logDriver: 'awslogs', options },
      },
    ],
  })
  await ecs.createService({
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  })
  const tasks = async (desiredStatus: 'RUNNING' | 'STOPPED'): Promise<Task[]> => {
    const { taskArns = [] } = await ecs.listTasks({ desiredStatus })
    return taskArns.length ? ((await ecs.describeTasks({ tasks: taskArns })).tasks ?? []) : []
  }
  return { drydock, ecs, tasks }
}

/** Asks the program of a task, as soon as it listens. */
async function ask(task: Task | undefined, path: string): Promise<string> {
  const address = task?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address
  for (;;) {
    const answer = await fetch(`http://${address}:8080${path}`).catch(() => undefined)
    if (answer) return answer.text()
  }
}

test('a program that breaks is found by its health check and replaced, and its log says what it did', async () => {
  const { drydock, ecs, tasks } = await setUp()
  await using _ = drydock
  await drydock.engine.advance('8s')
  const [first] = await tasks('RUNNING')
  expect(first).toMatchObject({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' })
  await ask(first, '/break')

  await drydock.engine.advance('30s')
  const [second, ...others] = await tasks('RUNNING')
  expect(others).toEqual([])
  expect(second?.taskArn).not.toBe(first?.taskArn)
  expect(second).toMatchObject({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' })
  expect(await ask(second, '/')).toBe('ok')
  expect(await tasks('STOPPED')).toMatchObject([
    {
      taskArn: first?.taskArn,
      healthStatus: 'UNHEALTHY',
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
    },
  ])
  const { services } = await ecs.describeServices({ services: ['web'] })
  const messages = services?.[0]?.events?.map(({ message }) => message)
  const id = first?.taskArn?.split('/').at(-1)
  expect(messages).toContain(`(service web) (task ${id}) failed container health checks.`)

  const logs = new CloudWatchLogs(drydock.config)
  const { events } = await logs.filterLogEvents({ logGroupName: '/ecs/web', filterPattern: 'broke' })
  expect(events).toMatchObject([{ logStreamName: `shop/web/${id}`, message: 'something broke' }])
  expect(drydock.faults).toEqual([])
})
