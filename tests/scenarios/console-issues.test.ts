/**
 * What operators see in the SST Console of doors that run in Drydock's Lambda: each error once, by its name, and nothing of
 * what is in order. The lines are those that the doors have really written to CloudWatch Logs.
 */
import { join } from 'node:path'
import { ECS } from '@aws-sdk/client-ecs'
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import { checkout } from '@capstan/cli/config-file.ts'
import { bundleFunctions } from '@capstan/cli/dev/bundle.ts'
import { type CapstanOnDrydock, startCapstan } from '@capstan/cli/dev/dev.ts'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import { until } from '@capstan/cli/until.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupOf, type Issue, issuesIn } from '../sst/console-issues.ts'
import { throttlingProxy } from './throttling-proxy.ts'

const configFile = join(checkout, 'capstan.config.ts')
let capstan: CapstanOnDrydock

beforeAll(async () => {
  capstan = await startCapstan({ port: 0, tasks: 'simulated' }, configFile)
  await createUnluckyDoors()
})
afterAll(() => capstan?.drydock.close())

/** Two functions that go wrong as they are told to, made and bundled as all doors are. */
async function createUnluckyDoors(): Promise<void> {
  const folder = join(checkout, 'tests', 'fixtures', 'doors')
  const files = ['unlucky.ts', 'unlucky-queue.ts'].map((file) => join(folder, file))
  const sqs = new SQSClient(capstan.sdk)
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'capstan-dead-letters' }))
  const lambda = new LambdaClient(capstan.sdk)
  for (const { handler: Handler, name, zip: ZipFile } of await bundleFunctions(files, configFile))
    await lambda.send(
      new CreateFunctionCommand({
        ...{ FunctionName: `capstan-${name}`, Handler, Runtime: 'nodejs24.x', Timeout: 30 },
        Role: 'arn:aws:iam::123456789012:role/capstan-reconcile',
        Environment: { Variables: { CAPSTAN_DEAD_LETTER_QUEUE_URL: QueueUrl } },
        Code: { ZipFile },
      }),
    )
}

async function invoke(door: string, event: object): Promise<string | undefined> {
  const Payload = Buffer.from(JSON.stringify(event))
  const command = new InvokeCommand({ FunctionName: `capstan-${door}`, Payload })
  return (await new LambdaClient(capstan.sdk).send(command)).FunctionError
}

const SWEEP = { id: '1', source: 'aws.events', 'detail-type': 'Scheduled Event' }
const seen = new Map<string, number>()

/** The issues that a door has caused since it was last asked. */
async function issues(door: string): Promise<Issue[]> {
  const all = await issuesIn(capstan.sdk, `/aws/lambda/capstan-${door}`)
  const before = seen.get(door) ?? 0
  seen.set(door, all.length)
  return all.slice(before)
}

/** What is told of an issue that is made in Capstan's own code. */
const told = (name: string, message: string, isFailed: boolean) => ({
  ...{ name, message, isFailed },
  stack: expect.arrayContaining([expect.stringMatching(/^ {4}at .*unlucky(-queue)?\.mjs:\d+:\d+\)?$/)]),
})

const batch = (...goes: string[]) => ({
  Records: goes.map((each, at) => ({ messageId: `${at}`, body: JSON.stringify({ goes: each }) })),
})

test('what is in order is no issue: push, deployment, cold start, sweeps, an event to ignore, a call that is throttled once', async () => {
  const { drydock, sdk } = capstan
  const ecs = new ECS(sdk)
  const push = async (version: string, tag: string) => {
    const folder = join(checkout, 'examples', 'web', version)
    return (await pushImage(sdk, 'web', tag, await packDirectory(folder, { platform: 'linux/amd64' })))
      .reference
  }
  const image = await push('v1', '1.0.0')
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    family: 'web',
    containerDefinitions: [{ name: 'web', image, memory: 128 }],
  })
  const tags = [{ key: 'capstan:track', value: 'semver:1.x' }]
  await ecs.createService({ serviceName: 'web', taskDefinition: 'web', desiredCount: 1, tags })
  expect(await invoke('reconcile', SWEEP)).toBeUndefined()
  await using proxy = await throttlingProxy(drydock.endpoint)
  const lambda = new LambdaClient(sdk)
  const { Environment } = await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: 'capstan-image-pushed' }),
  )
  const Variables = { ...Environment?.Variables, AWS_ENDPOINT_URL: proxy.endpoint }
  await lambda.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: 'capstan-image-pushed',
      Environment: { Variables },
    }),
  )
  proxy.refused = 'DescribeServices'
  await push('v2', '1.1.0')
  await until(
    () => 'a call is throttled',
    async () => proxy.count > 0 || undefined,
  )
  proxy.refused = ''
  await until(
    () => 'the pushed image is deployed',
    async () => {
      const { services } = await ecs.describeServices({ services: ['web'] })
      const [primary] = services?.[0]?.deployments ?? []
      return (primary?.taskDefinition?.endsWith(':2') && primary.rolloutState === 'COMPLETED') || undefined
    },
  )
  for (const door of ['reconcile', 'reconcile-discovery']) expect(await invoke(door, SWEEP)).toBeUndefined()
  const envelope = { id: '2', account: '123456789012', region: 'us-east-1', time: '', resources: [] }
  const detail = { result: 'SUCCESS', 'action-type': 'DELETE', 'repository-name': 'web', 'image-digest': 'x' }
  const deleted = { ...envelope, source: 'aws.ecr', 'detail-type': 'ECR Image Action', detail }
  expect(await invoke('image-pushed', deleted)).toBeUndefined()
  for (const door of ['image-pushed', 'deployment-state-changed', 'reconcile', 'reconcile-discovery'])
    expect({ door, issues: await issues(door) }).toEqual({ door, issues: [] })
})

test('warnings are none, whatever they quote, and neither is a message that goes back to its queue', async () => {
  expect(await invoke('unlucky', { goes: ['well'] })).toBeUndefined()
  expect(await invoke('unlucky-queue', batch('busy', 'well'))).toBeUndefined()
  expect([...(await issues('unlucky')), ...(await issues('unlucky-queue'))]).toEqual([])
})

test('a bug that escapes a door is one issue', async () => {
  expect(await invoke('unlucky', { goes: ['wrong'] })).toBe('Unhandled')
  expect(await issues('unlucky')).toEqual([told('TypeError', 'Cannot read properties of undefined', true)])
})

test('what a retry may help escapes as well, so that it is one issue too', async () => {
  expect(await invoke('unlucky', { goes: ['busy', 'busy'] })).toBe('Unhandled')
  expect(await issues('unlucky')).toEqual([told('Unavailable', '2 of 2 failed: AWS is busy.', true)])
})

test('a failure that no retry helps is one issue, and the invocation does not fail', async () => {
  expect(await invoke('unlucky', { goes: ['denied'] })).toBeUndefined()
  expect(await issues('unlucky')).toEqual([told('Denied', 'AWS refuses.', false)])
})

test('two failures of one event are two issues, told apart', async () => {
  expect(await invoke('unlucky', { goes: ['denied', 'gone', 'well'] })).toBeUndefined()
  const both = await issues('unlucky')
  expect(both).toEqual([
    told('Denied', 'AWS refuses.', false),
    told('NotFound', 'There is no such service.', false),
  ])
  expect(new Set(both.map(groupOf)).size).toBe(2)
})

test('each message of a batch that cannot be handled is one issue, and those that come again are none', async () => {
  expect(await invoke('unlucky-queue', batch('denied', 'busy', 'gone', 'well'))).toBeUndefined()
  const kept = await issues('unlucky-queue')
  expect(kept.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    told('Denied', 'AWS refuses.', false),
    told('NotFound', 'There is no such service.', false),
  ])
  expect(await invoke('unlucky-queue', batch('wrong', 'denied'))).toBe('Unhandled')
  expect(await issues('unlucky-queue')).toEqual([
    told('TypeError', 'Cannot read properties of undefined', true),
  ])
})

test.each(['tags-changed', 'task-state-changed'])(
  'an event that %s cannot read is one issue',
  async (door) => {
    const message = { messageId: '1', body: 'hello' }
    const event = door === 'tags-changed' ? { source: 'nobody' } : { Records: [message] }
    expect(await invoke(door, event)).toBeUndefined()
    expect(await issues(door)).toEqual([
      {
        name: 'InvalidEvent',
        message: expect.stringContaining('The event is not of the expected form'),
        stack: expect.arrayContaining([expect.stringContaining(`${door}.mjs`)]),
        isFailed: false,
      },
    ])
  },
)
