/** Queues and functions together, with functions that end as the test says, on a virtual clock. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Engine } from '../engine.ts'
import type { LambdaEffect } from '../lambda/effects.ts'
import type { SqsRecord } from '../lambda/sqs-event.ts'
import { type Access, createAccess } from './access.ts'
import { virtualClock } from './clock.ts'
import { performerOf } from './effects.ts'
import { eventSourcePerformers } from './event-sources.ts'
import { seededIds } from './ids.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`

type Invocation = Extract<LambdaEffect, { kind: 'invoke-function' }>

/** How an invocation ends: whether it fails whole, which of its records fail (as bits), and how long it takes. */
interface Ending {
  readonly fails: boolean
  readonly failing: number
  readonly seconds: number
}

interface World {
  readonly engine: Engine
  /** Every batch given to the function, in order, and which of its messages that processed. */
  readonly given: { readonly records: readonly SqsRecord[]; readonly processed: ReadonlySet<string> }[]
  readonly mostAtOnce: () => number
  call(service: 'sqs' | 'lambda', operation: string, input: object): Promise<unknown>
  /** The bodies of all messages that a queue has, in any state. */
  left(queue: string): string[]
}

function world(endings: readonly Ending[]): World {
  const given: World['given'] = []
  let running = 0
  let most = 0
  const access = {
    requireAs: (...asked: Parameters<Access['requireAs']>) =>
      createAccess(engine, { isEnforced: false }).requireAs(...asked),
  }
  const performers = performerOf(eventSourcePerformers(access), {
    async 'store-code'() {},
    async 'retire-environments'() {},
    async 'invoke-function'({ requestId, payload }: Invocation) {
      const { records, processed, answer, seconds } = play(payload, endings[given.length % endings.length])
      given.push({ records, processed })
      running += 1
      most = Math.max(most, running)
      engine.after(seconds * 1000, () => {
        running -= 1
        engine.report('lambda', scope, { kind: 'function-ended', requestId, log: '', ...answer })
      })
    },
  })
  const engine: Engine = new Engine({ clock: virtualClock(), ids: seededIds(1), perform: performers })
  return {
    engine,
    given,
    mostAtOnce: () => most,
    call: (service, operation, input) => engine.call(service, scope, operation, input),
    left: (queue) => engine.state('sqs', scope).queues[queue]?.messages.map(({ body }) => body) ?? [],
  }
}

function play(
  payload: string,
  { fails, failing, seconds }: Ending = { fails: false, failing: 0, seconds: 0 },
) {
  const { Records: records }: { Records: SqsRecord[] } = JSON.parse(payload)
  const bad = records.filter((_, index) => failing & (1 << (index % 8)))
  const processed = new Set(records.filter((each) => !fails && !bad.includes(each)).map(({ body }) => body))
  const batchItemFailures = bad.map(({ messageId }) => ({ itemIdentifier: messageId }))
  const answer = {
    failed: fails,
    payload: JSON.stringify(fails ? { errorMessage: 'no' } : { batchItemFailures }),
  }
  return { records, processed, answer, seconds }
}

interface Setup {
  readonly queue?: string
  readonly attributes?: Record<string, string>
  readonly mapping?: object
}

async function join({ call, engine }: World, { queue = 'jobs', attributes = {}, mapping = {} }: Setup = {}) {
  await call('sqs', 'CreateQueue', { QueueName: queue, Attributes: attributes })
  await call('lambda', 'CreateFunction', {
    FunctionName: 'worker',
    Role: 'arn:aws:iam::123456789012:role/test',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { S3Bucket: 'hot-reload', S3Key: '/nowhere' },
  })
  await call('lambda', 'CreateEventSourceMapping', {
    EventSourceArn: arnOf(queue),
    FunctionName: 'worker',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ...mapping,
  })
  await engine.advance('1s')
}

const urlOf = ({ engine }: World, queue: string) => `${engine.endpoint}/123456789012/${queue}`

const endings = fc.array(
  fc.record({
    fails: fc.boolean(),
    failing: fc.integer({ min: 0, max: 255 }),
    seconds: fc.integer({ min: 0, max: 45 }),
  }),
  { minLength: 1, maxLength: 12 },
)
const mappings = fc.record({
  BatchSize: fc.integer({ min: 1, max: 10 }),
  MaximumBatchingWindowInSeconds: fc.integer({ min: 0, max: 20 }),
})
const sendings = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 10 }), pause: fc.integer({ min: 0, max: 40 }) }),
  { minLength: 1, maxLength: 6 },
)
const VISIBLE_AGAIN_SECONDS = 30

/** Sends numbered messages in bursts, with pauses between them; returns their bodies. */
async function sendInBursts(
  w: World,
  bursts: readonly { count: number; pause: number }[],
): Promise<string[]> {
  const sent: string[] = []
  for (const { count, pause } of bursts) {
    const bodies = Array.from({ length: count }, (_, index) => `m${sent.length + index}`)
    const Entries = bodies.map((MessageBody) => ({ Id: MessageBody, MessageBody }))
    await w.call('sqs', 'SendMessageBatch', { QueueUrl: urlOf(w, 'jobs'), Entries })
    sent.push(...bodies)
    await w.engine.advance(`${pause}s`)
  }
  return sent
}

test('a message is deleted exactly when its processing succeeded, and never lost, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(endings, mappings, sendings, fc.boolean(), async (script, mapping, bursts, redrives) => {
      const w = world(script)
      await w.call('sqs', 'CreateQueue', { QueueName: 'dead' })
      const policy = JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 3 })
      await join(w, { mapping, attributes: redrives ? { RedrivePolicy: policy } : {} })
      const sent = await sendInBursts(w, bursts)
      await w.engine.advance('1h')
      const tried = new Set(w.given.flatMap(({ records }) => records.map(({ body }) => body)))
      expect([...tried].sort()).toEqual(sent.toSorted())
      const processed = w.given.flatMap((batch) => [...batch.processed])
      const left = [...w.left('jobs'), ...w.left('dead')]
      expect([...new Set([...processed, ...left])].sort()).toEqual(sent.toSorted())
      const longest = Math.max(...script.map(({ seconds }) => seconds))
      const isInTime = longest + mapping.MaximumBatchingWindowInSeconds < VISIBLE_AGAIN_SECONDS
      // An answer that comes when others can receive the message deletes nothing, and so it may be processed twice.
      if (isInTime) expect([...processed, ...left].sort()).toEqual(sent.toSorted())
      expect(w.mostAtOnce()).toBeLessThanOrEqual(5)
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('each group of a FIFO queue is processed in its order, whatever fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 20 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 10 }),
      async (groups, fails, BatchSize) => {
        const w = world([...fails, false].map((each) => ({ fails: each, failing: 0, seconds: 5 })))
        const attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
        await join(w, { queue: 'jobs.fifo', attributes, mapping: { BatchSize } })
        for (const [index, MessageGroupId] of groups.entries()) {
          const MessageBody = `${MessageGroupId}${index}`
          await w.call('sqs', 'SendMessage', { QueueUrl: urlOf(w, 'jobs.fifo'), MessageBody, MessageGroupId })
        }
        await w.engine.advance('2h')
        const processed = w.given.flatMap((batch) => [...batch.processed])
        for (const group of ['x', 'y', 'z']) {
          const wanted = groups.flatMap((each, index) => (each === group ? [`${each}${index}`] : []))
          expect(processed.filter((body) => body.startsWith(group))).toEqual(wanted)
        }
        expect(w.left('jobs.fifo')).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)

test('a mapping runs as many batches at once as it may', async () => {
  const w = world([{ fails: false, failing: 0, seconds: 20 }])
  await join(w, { mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } } })
  for (let n = 0; n < 8; n++)
    await w.call('sqs', 'SendMessage', { QueueUrl: urlOf(w, 'jobs'), MessageBody: `m${n}` })
  await w.engine.advance('2m')
  expect(w.mostAtOnce()).toBe(2)
  expect(w.given).toHaveLength(8)
})

test('a throttled batch is tried again while its messages are held', async () => {
  const w = world([{ fails: false, failing: 0, seconds: 4 }])
  await join(w, { mapping: { BatchSize: 1 } })
  await w.call('lambda', 'PutFunctionConcurrency', {
    FunctionName: 'worker',
    ReservedConcurrentExecutions: 1,
  })
  for (let n = 0; n < 4; n++)
    await w.call('sqs', 'SendMessage', { QueueUrl: urlOf(w, 'jobs'), MessageBody: `m${n}` })
  await w.engine.advance('20s')
  expect(w.mostAtOnce()).toBe(1)
  expect(w.given.map(({ records }) => records[0]?.attributes.ApproximateReceiveCount)).toEqual([
    '1',
    '1',
    '1',
    '1',
  ])
})

test('a mapping outlives its queue and its function, and goes on when they are back', async () => {
  const w = world([{ fails: false, failing: 0, seconds: 0 }])
  await join(w)
  await w.call('sqs', 'DeleteQueue', { QueueUrl: urlOf(w, 'jobs') })
  await w.engine.advance('2m')
  await w.call('sqs', 'CreateQueue', { QueueName: 'jobs' })
  await w.call('sqs', 'SendMessage', { QueueUrl: urlOf(w, 'jobs'), MessageBody: 'back' })
  await w.engine.settle()
  expect(w.given.map(({ records }) => records[0]?.body)).toEqual(['back'])
})

test('after a start anew the messages of batches that ran come back', async () => {
  const before = world([{ fails: false, failing: 0, seconds: 20 }])
  await join(before, { mapping: { BatchSize: 1 } })
  await before.call('sqs', 'SendMessage', { QueueUrl: urlOf(before, 'jobs'), MessageBody: 'm' })
  await before.engine.settle()
  expect(before.given).toHaveLength(1)
  const w = world([{ fails: false, failing: 0, seconds: 0 }])
  await w.engine.restore(structuredClone(before.engine.snapshot()))
  w.engine.resume(() => {
    w.engine.report('sqs', scope, { kind: 'host-restarted' })
    w.engine.report('lambda', scope, { kind: 'host-restarted' })
  })
  await w.engine.advance('1m')
  expect(w.given.map(({ records }) => records[0]?.attributes.ApproximateReceiveCount)).toEqual(['2'])
  expect(w.left('jobs')).toEqual([])
})

test('a mapping that waits has nothing to do, however long', async () => {
  const w = world([{ fails: false, failing: 0, seconds: 0 }])
  await join(w)
  expect(w.engine.clock).toHaveProperty('alarm')
  const clock = w.engine.clock as ReturnType<typeof virtualClock>
  expect(clock.alarm()).toBeUndefined()
})
