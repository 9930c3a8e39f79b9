import { expect, test } from 'vitest'
import { Engine } from './engine.ts'
import { virtualClock } from './host/clock.ts'
import type { ServiceName } from './services.ts'
import { testEngine } from './testing.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const caller = { ...scope, accessKeyId: 'test', requestId: 'test' }
const queue = (name: string) => ({ QueueName: name })

test('a service is loaded once, however many ask for it at the same time', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  expect(engine.loaded()).toEqual([])
  const [first, second] = await Promise.all([engine.load('sqs'), engine.load('sqs')])
  expect(first).toBe(second)
  expect(engine.loaded()).toEqual(['sqs'])
})

test('an operation of a service that is not loaded, or not implemented, is a bug of the caller', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  expect(() => engine.execute('sqs', 'ListQueues', {}, caller)).toThrow('sqs is not loaded')
  await engine.load('sqs')
  expect(() => engine.execute('sqs', 'Nope', {}, caller)).toThrow('sqs Nope has no handler')
})

test('timers run in order, at their time and only then', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  const seen: [string, number][] = []
  const began = engine.clock.now()
  const note = (label: string) => () => seen.push([label, engine.clock.now() - began])
  engine.after(2000, note('b'))
  engine.after(1000, note('a'))
  engine.after(60_000, note('late'))
  await engine.advance('10s')
  expect(seen).toEqual([
    ['a', 1000],
    ['b', 2000],
  ])
  expect(engine.clock.now() - began).toBe(10_000)
})

test('a timer that sets the next one goes on within one advance', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  let ticks = 0
  const tick = () => {
    ticks++
    engine.after(1000, tick)
  }
  engine.after(1000, tick)
  await engine.advance('1h')
  expect(ticks).toBe(3600)
})

test("the machine's clock cannot be advanced", async () => {
  await using drydock = await testEngine({ clock: 'system' })
  await expect(drydock.engine.advance('1s')).rejects.toThrow(
    'Only an engine with a virtual clock can be advanced',
  )
})

test('the same engine does the same things with the same ids', async () => {
  const ids = async () => {
    await using drydock = await testEngine()
    const { engine } = drydock
    await engine.call('sqs', scope, 'CreateQueue', queue('a'))
    const QueueUrl = `${engine.endpoint}/${scope.accountId}/a`
    const { MessageId } = (await engine.call('sqs', scope, 'SendMessage', {
      QueueUrl,
      MessageBody: 'x',
    })) as {
      MessageId: string
    }
    return MessageId
  }
  expect(await ids()).toBe(await ids())
})

test('what waits for an answer is told when the engine is reset', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  await engine.call('sqs', scope, 'CreateQueue', queue('a'))
  const QueueUrl = `${engine.endpoint}/${scope.accountId}/a`
  const waiting = engine.call('sqs', scope, 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 })
  const refused = expect(waiting).rejects.toMatchObject({ name: 'ServiceUnavailable', status: 503 })
  await drydock.reset()
  await refused
  expect(engine.snapshot()).toEqual([])
})

test('a snapshot, through JSON and back, is the same state', async () => {
  await using first = await testEngine()
  await first.engine.call('sqs', scope, 'CreateQueue', queue('a'))
  const kept: ReturnType<typeof first.engine.snapshot> = JSON.parse(JSON.stringify(first.engine.snapshot()))
  await using second = await testEngine()
  await second.engine.restore(kept)
  second.engine.resume(() => {})
  expect(second.engine.snapshot()).toEqual(first.engine.snapshot())
  const { QueueUrls } = (await second.engine.call('sqs', scope, 'ListQueues', {})) as { QueueUrls: string[] }
  expect(QueueUrls.map((url) => new URL(url).pathname)).toEqual(['/123456789012/a'])
})

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
  'nothing is called %s by itself',
  async (name) => {
    await using drydock = await testEngine()
    const { clusters, failures } = (await drydock.engine.call('ecs', scope, 'DescribeClusters', {
      clusters: [name],
    })) as { clusters: unknown[]; failures: unknown[] }
    expect([clusters.length, failures.length]).toEqual([0, 1])
  },
)

test('after it has stopped, nothing happens any more', async () => {
  const { engine, close } = await testEngine()
  let ran = false
  engine.after(1000, () => {
    ran = true
  })
  await close()
  await engine.advance('10s')
  expect(ran).toBe(false)
})

test('each service keeps its state by account and region', async () => {
  await using drydock = await testEngine()
  const { engine } = drydock
  const names: ServiceName[] = ['sqs', 'ecs']
  for (const name of names) await engine.load(name)
  const other = { ...scope, region: 'eu-west-1' }
  await engine.call('sqs', scope, 'CreateQueue', queue('a'))
  await engine.call('sqs', other, 'CreateQueue', queue('b'))
  expect(engine.snapshot().map(({ name, scope: { region } }) => [name, region])).toEqual([
    ['sqs', 'us-east-1'],
    ['sqs', 'eu-west-1'],
  ])
})

test('an effect that fails by a bug is told, and the engine goes on', async () => {
  const bugs: unknown[] = []
  const bug = new TypeError('a bug in a performer')
  const perform = () => Promise.reject(bug)
  const engine = new Engine({ clock: virtualClock(), perform, onBug: (error) => void bugs.push(error) })
  await engine.call('ecs', scope, 'CreateCluster', { clusterName: 'default' })
  const containerDefinitions = [{ name: 'a', image: 'a', memory: 64 }]
  await engine.call('ecs', scope, 'RegisterTaskDefinition', { family: 'a', containerDefinitions })
  await engine.call('ecs', scope, 'RunTask', { taskDefinition: 'a' })
  await engine.advance('1m')
  expect(new Set(bugs)).toEqual(new Set([bug]))
  await expect(engine.call('ecs', scope, 'ListTasks', {})).resolves.toMatchObject({
    taskArns: [expect.any(String)],
  })
})

test('a report or a timer that meets a bug is told, and the engine goes on', async () => {
  await using drydock = await testEngine()
  const { engine, faults } = drydock
  await engine.load('ecr')
  const bug = new TypeError('a bug in a timer')
  let ran = false
  engine.after(1000, () => {
    throw bug
  })
  engine.after(1000, () => {
    ran = true
  })
  await engine.advance('1s')
  expect([faults, ran]).toEqual([[bug], true])
  engine.report('ecr', scope, null as never)
  expect(faults).toEqual([bug, expect.any(TypeError)])
})

test('an operation that throws has changed nothing that the engine acts on', async () => {
  let changes = 0
  const perform = () => Promise.resolve()
  const engine = new Engine({ clock: virtualClock(), perform, onChange: () => void changes++ })
  await expect(engine.call('sqs', scope, 'DeleteQueue', { QueueUrl: 'http://x/1/none' })).rejects.toThrow()
  expect(changes).toBe(0)
})
