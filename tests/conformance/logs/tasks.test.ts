/** What tasks and functions write arrives in CloudWatch Logs. */
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { ECS } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { testLambda } from '../lambda/harness.ts'
import { pushProgram } from '../tasks/program.ts'

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } }

/** An engine with a way to run a task whose output goes to the group `/ecs/app` in eu-west-1. */
async function setUp(tasks: 'process' | 'simulated', options: Record<string, string> = {}) {
  const drydock = await testEngine({ tasks })
  const [ecs, logs] = [
    new ECS(drydock.config),
    new CloudWatchLogs({ ...drydock.config, region: 'eu-west-1' }),
  ]
  onTestFinished(async () => {
    await drydock.close()
    expect(drydock.faults).toEqual([])
  })
  await ecs.createCluster({})
  const run = async (image: string) => {
    const logOptions = {
      'awslogs-group': '/ecs/app',
      'awslogs-region': 'eu-west-1',
      'awslogs-stream-prefix': 'shop',
      ...options,
    }
    await ecs.registerTaskDefinition({
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        { name: 'web', image, logConfiguration: { logDriver: 'awslogs', options: logOptions } },
      ],
    })
    const { tasks: started } = await ecs.runTask({ taskDefinition: 'web', networkConfiguration: NETWORK })
    await drydock.engine.advance('5s')
    const taskArn = started?.[0]?.taskArn ?? ''
    const { tasks: now } = await ecs.describeTasks({ tasks: [taskArn] })
    return { task: now?.[0] ?? {}, id: taskArn.split('/').at(-1) ?? '' }
  }
  return { drydock, logs, run }
}

/** All lines of a stream, as soon as there are `count`. */
async function lines(logs: CloudWatchLogs, logGroupName: string, logStreamName: string, count: number) {
  for (;;) {
    const { events = [] } = await logs.getLogEvents({ logGroupName, logStreamName, startFromHead: true })
    if (events.length >= count) return events.map(({ message }) => message)
  }
}

test("a program's lines go to the stream of its container, in the region of its options", async () => {
  const { drydock, logs, run } = await setUp('process', { 'awslogs-create-group': 'true' })
  const program = `console.log('one\\n\\ntwo'); console.error('three'); setInterval(() => {}, 60_000)`
  const { reference } = await pushProgram(drydock, program)
  const { id } = await run(reference)
  const written = await lines(logs, '/ecs/app', `shop/web/${id}`, 3)
  expect(written.toSorted()).toEqual(['one', 'three', 'two'])
})

test('what a program writes just before its end is not lost', async () => {
  const { drydock, logs, run } = await setUp('process', { 'awslogs-create-group': 'true' })
  const { reference } = await pushProgram(drydock, "console.log('last words'); process.exit(1)")
  const { id } = await run(reference)
  expect(await lines(logs, '/ecs/app', `shop/web/${id}`, 1)).toEqual(['last words'])
})

test.each(['process', 'simulated'] as const)(
  'a group that is not there keeps a task from starting: %s',
  async (tasks) => {
    const { drydock, run } = await setUp(tasks)
    const { reference } = await pushProgram(drydock, "console.log('never')")
    const { task } = await run(reference)
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason:
        'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ' +
        'failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : ' +
        'exit status 1',
    })
  },
)

test('a function writes to its group, even before anybody has asked for it', async () => {
  await using lambda = await testLambda()
  await lambda.make('shop', 'export const handler = async () => { console.log("sold 42") }')
  await lambda.invoke('shop')
  expect(lambda.drydock.engine.loaded()).not.toContain('logs')
  const logs = new CloudWatchLogs(lambda.drydock.config)
  const group = { logGroupName: '/aws/lambda/shop' }
  const textsNow = async () => {
    const { events = [] } = await logs.filterLogEvents(group)
    return events.map(
      ({ message = '' }) => message.replaceAll(/[\da-f]{8}-[-\da-f]{27}/g, 'ID').split('\t')[0],
    )
  }
  const first = await textsNow()
  expect(first.map((text) => (text?.endsWith('sold 42') ? 'sold 42' : text))).toEqual(
    expect.arrayContaining([
      'START RequestId: ID Version: $LATEST',
      'END RequestId: ID',
      'REPORT RequestId: ID',
    ]),
  )
  await lambda.invoke('shop')
  expect((await textsNow()).length).toBe(2 * first.length)
  const { logStreams } = await logs.describeLogStreams(group)
  expect(logStreams).toHaveLength(1)
  expect(logStreams?.[0]?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][\da-f]{32}$/)
})
