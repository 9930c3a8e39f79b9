/**
 * What doors that run in Drydock's Lambda have really written: what operators see of it in the SST Console (each error once,
 * by its name, and nothing of what is in order), structured lines, and metrics, which are read back from CloudWatch.
 */
import { until } from '@capstan/cli/until.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groupOf, type Issue, issuesIn } from '../sst/console-issues.ts'
import { deliveriesOf, fieldsOf, linesOf, metricDocumentProblems, metricsNow } from './door-lines.ts'
import { deployOne, invoke as invokeOn, type Stage, startStage, sweep } from './door-stage.ts'

let stage: Stage
let digest: string

beforeAll(async () => {
  stage = await startStage()
  digest = await deployOne(stage)
}, 120_000)
afterAll(() => stage?.drydock.close())

const invoke = (door: string, event: object) => invokeOn(stage, door, event)
const ENVELOPE = { id: '2', account: '123456789012', region: 'us-east-1', time: '', resources: [] }

const seen = new Map<string, number>()

/** The issues that a door has caused since it was last asked. */
async function issues(door: string): Promise<Issue[]> {
  const all = await issuesIn(stage.sdk, `/aws/lambda/capstan-${door}`)
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
  await sweep(stage)
  const detail = { result: 'SUCCESS', 'action-type': 'DELETE', 'repository-name': 'web', 'image-digest': 'x' }
  const deleted = { ...ENVELOPE, source: 'aws.ecr', 'detail-type': 'ECR Image Action', detail }
  expect(await invoke('image-pushed', deleted)).toBeUndefined()
  for (const door of ['image-pushed', 'deployment-state-changed', 'reconcile', 'reconcile-discovery'])
    expect({ door, issues: await issues(door) }).toEqual({ door, issues: [] })
})

test('lines about a deployment say which, of which image, why, and because of which event', async () => {
  const [begun, ...others] = deliveriesOf(stage, 'deploy', 'newer-image')
  expect(others).toEqual([])
  expect(begun).toMatchObject({
    ...{ level: 'INFO', service: 'capstan', message: expect.stringContaining('Deploys web 1.1.0') },
    correlation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    delivery: { service: 'default/web', deployment: expect.any(String), digest },
    decision: { kind: 'deploy', reason: 'newer-image', facts: { policy: 'semver:1.x' } },
  })
  const [ended] = deliveriesOf(stage, 'record', 'completed')
  expect(ended?.delivery).toEqual({
    ...begun?.delivery,
    ecsDeployment: expect.stringMatching(/^ecs-svc\/\d+$/),
  })
})

test('what comes from a queue has the id of its event', async () => {
  const body = JSON.stringify({ id: 'e-1', goes: 'busy' })
  await invoke('unlucky-queue', {
    Records: [
      { messageId: 'm-1', body },
      { messageId: 'm-2', body: 'hello' },
    ],
  })
  const told = fieldsOf(stage, 'unlucky-queue').map(({ correlation_id }) => correlation_id)
  expect(told.toSorted()).toEqual(['e-1', 'm-2'])
  await issues('unlucky-queue')
})

test('lines about a name say whose task is found there, and how long it waited is measured', async () => {
  const found = await until(
    () => 'a task is found by name',
    async () => fieldsOf(stage, 'task-state-changed').find(({ decision }) => decision?.reason === 'serving'),
  )
  expect(found).toMatchObject({
    discovery: {
      ...{ service: 'default/web', target: 'web.example.com' },
      tasks: expect.stringMatching(/^[0-9a-f]{32}$/),
    },
    decision: { kind: 'register', reason: 'serving', facts: { tasks: 1 } },
  })
  const lag = await until(
    () => 'its lag is measured',
    async () => (await metricsNow(stage, {})).DiscoveryLag,
  )
  expect(lag.sum / lag.count).toBeLessThan(60_000)
})

test('every metric is written as CloudWatch reads it, and nothing warns of none', () => {
  const lines = [
    'image-pushed',
    'deployment-state-changed',
    'reconcile',
    'unlucky',
    'task-state-changed',
  ].flatMap((door) => linesOf(stage, door))
  const documents = lines.filter((line) => line.includes('_aws'))
  expect(documents.flatMap(metricDocumentProblems)).toEqual([])
  expect(documents.length).toBeGreaterThan(5)
  expect(lines.filter((line) => /No application metrics|reserved key/.test(line))).toEqual([])
})

test('a deployment is counted once, by its service and all together, with how long it took since the push', async () => {
  for (const dimensions of [{ service: 'default/web' }, {}]) {
    const metrics = await metricsNow(stage, dimensions)
    expect(metrics).toMatchObject({
      Deployments: { sum: 1, count: 1 },
      PushToStarted: { count: 1 },
      PushToDeployed: { count: 1 },
    })
    expect(metrics.PushToDeployed?.sum).toBeGreaterThan(
      metrics.PushToStarted?.sum ?? Number.POSITIVE_INFINITY,
    )
    expect(metrics).not.toHaveProperty('FailedDeployments')
  }
  expect(await metricsNow(stage, { reason: 'already-running' })).toMatchObject({
    Skips: { count: expect.any(Number) },
  })
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
