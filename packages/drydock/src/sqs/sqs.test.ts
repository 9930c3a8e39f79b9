/** Queues on a virtual clock: what is hidden when, for how long, and where it goes in the end. */
import type { Message, ReceiveMessageResult } from '@aws-sdk/client-sqs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Engine } from '../engine.ts'
import { virtualClock } from '../host/clock.ts'
import { performerOf } from '../host/effects.ts'
import { seededIds } from '../host/ids.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const ARN = 'arn:aws:sqs:us-east-1:123456789012'

interface TestQueue {
  readonly engine: Engine
  call(operation: string, input?: object): Promise<Record<string, unknown>>
  send(body: string, more?: object): Promise<Record<string, unknown>>
  receive(more?: object): Promise<Message[]>
  count(name: string): Promise<number>
}

/** A queue of that name; operations go to it unless they name another. */
async function queueOf(
  name: string,
  Attributes: Record<string, string> = {},
  engine = newEngine(),
): Promise<TestQueue> {
  const QueueUrl = `${engine.endpoint}/${scope.accountId}/${name}`
  const call = async (operation: string, input: object = {}) =>
    (await engine.call('sqs', scope, operation, { QueueUrl, ...input })) as Record<string, unknown>
  await call('CreateQueue', { QueueName: name, Attributes })
  return {
    engine,
    call,
    send: (MessageBody, more) => call('SendMessage', { MessageBody, ...more }),
    async receive(more = {}) {
      const { Messages = [] } = (await call('ReceiveMessage', {
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
        ...more,
      })) as ReceiveMessageResult
      return Messages
    },
    async count(which) {
      const { Attributes: found } = await call('GetQueueAttributes', { AttributeNames: ['All'] })
      return Number((found as Record<string, string>)[`ApproximateNumberOfMessages${which}`])
    },
  }
}

const newEngine = () => new Engine({ clock: virtualClock(), ids: seededIds(1), perform: performerOf() })
const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body)

test('a received message is hidden for the visibility timeout, then comes again', async () => {
  const q = await queueOf('q')
  await q.send('a')
  const [first] = await q.receive()
  expect(await q.receive()).toEqual([])
  await q.engine.advance('29s')
  expect(await q.receive()).toEqual([])
  await q.engine.advance('1s')
  const [again] = await q.receive()
  expect(again?.MessageId).toBe(first?.MessageId)
  expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle)
  expect(again?.Attributes).toMatchObject({ ApproximateReceiveCount: '2', SentTimestamp: '1767225600000' })
})

test('a deleted message never comes again, and an old receipt deletes nothing', async () => {
  const q = await queueOf('q', { VisibilityTimeout: '10' })
  await q.send('a')
  const [old] = await q.receive()
  await q.engine.advance('10s')
  const [latest] = await q.receive()
  await q.call('DeleteMessage', { ReceiptHandle: old?.ReceiptHandle })
  expect(await q.count('NotVisible')).toBe(1)
  await q.call('DeleteMessage', { ReceiptHandle: latest?.ReceiptHandle })
  await q.call('DeleteMessage', { ReceiptHandle: latest?.ReceiptHandle })
  await q.engine.advance('1h')
  expect(await q.receive()).toEqual([])
})

test('visibility can be prolonged, or ended at once', async () => {
  const q = await queueOf('q')
  await q.send('a')
  const [{ ReceiptHandle } = {}] = await q.receive()
  await q.call('ChangeMessageVisibility', { ReceiptHandle, VisibilityTimeout: 100 })
  await q.engine.advance('99s')
  expect(await q.receive()).toEqual([])
  await q.call('ChangeMessageVisibility', { ReceiptHandle, VisibilityTimeout: 0 })
  expect(bodies(await q.receive())).toEqual(['a'])
})

test('a delayed message comes when its delay is over', async () => {
  const q = await queueOf('q', { DelaySeconds: '5' })
  await q.send('by the queue')
  await q.send('by itself', { DelaySeconds: 10 })
  await q.send('at once', { DelaySeconds: 0 })
  expect(bodies(await q.receive())).toEqual(['at once'])
  expect(await q.count('Delayed')).toBe(2)
  await q.engine.advance('5s')
  expect(bodies(await q.receive())).toEqual(['by the queue'])
  await q.engine.advance('5s')
  expect(bodies(await q.receive())).toEqual(['by itself'])
})

test('a message is gone when its retention is over', async () => {
  const q = await queueOf('q', { MessageRetentionPeriod: '60' })
  await q.send('a')
  await q.engine.advance('59s')
  expect(await q.count('')).toBe(1)
  await q.engine.advance('1s')
  expect(await q.count('')).toBe(0)
})

test('a long poll is answered when a message comes', async () => {
  const q = await queueOf('q')
  const polled = q.receive({ WaitTimeSeconds: 20 })
  await q.engine.advance('5s')
  await q.send('a')
  expect(bodies(await polled)).toEqual(['a'])
})

test('a long poll is answered when a hidden message can be received again', async () => {
  const q = await queueOf('q', { VisibilityTimeout: '5', ReceiveMessageWaitTimeSeconds: '20' })
  await q.send('a')
  await q.receive()
  const polled = q.receive()
  await q.engine.advance('5s')
  expect(bodies(await polled)).toEqual(['a'])
})

test('a long poll ends empty when its time is over or its engine was restarted', async () => {
  const q = await queueOf('q')
  const polled = q.receive({ WaitTimeSeconds: 3 })
  expect(await q.count('')).toBe(0)
  await q.engine.advance('3s')
  expect(await polled).toEqual([])
  void q.receive({ WaitTimeSeconds: 20 })
  expect(await q.count('')).toBe(0)
  q.engine.report('sqs', scope, { kind: 'host-restarted' })
  await q.send('a')
  expect(bodies(await q.receive())).toEqual(['a'])
})

test('of two long polls one gets the message and the other goes on waiting', async () => {
  const q = await queueOf('q')
  const polls = [q.receive({ WaitTimeSeconds: 10 }), q.receive({ WaitTimeSeconds: 10 })]
  await q.engine.advance('1s')
  await q.send('a')
  await q.engine.advance('10s')
  expect((await Promise.all(polls)).map(bodies)).toEqual([['a'], []])
})

test('a long poll of a queue that is deleted fails', async () => {
  const q = await queueOf('q')
  const polled = q.receive({ WaitTimeSeconds: 10 })
  expect(await q.count('')).toBe(0)
  const failed = expect(polled).rejects.toThrow('The specified queue does not exist.')
  await q.call('DeleteQueue')
  await failed
})

test('a message that was received too often goes to the dead-letter queue', async () => {
  const dead = await queueOf('dead')
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 2 })
  const q = await queueOf('q', { RedrivePolicy, VisibilityTimeout: '1' }, dead.engine)
  const sent = await q.send('a')
  for (const count of [1, 2]) {
    expect(await q.receive(), `receive ${count}`).toHaveLength(1)
    await q.engine.advance('1s')
  }
  expect(await q.receive()).toEqual([])
  const [letter] = await dead.receive()
  expect(letter).toMatchObject({
    MessageId: sent.MessageId,
    Attributes: { DeadLetterQueueSourceArn: `${ARN}:q` },
  })
  expect(
    await q.call('ListDeadLetterSourceQueues', { QueueUrl: `${q.engine.endpoint}/${scope.accountId}/dead` }),
  ).toEqual({
    queueUrls: [`${q.engine.endpoint}/${scope.accountId}/q`],
  })
})

test('a FIFO queue gives each group in order, one lot at a time', async () => {
  const q = await queueOf('q.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
  for (const body of ['a1', 'a2', 'a3']) await q.send(body, { MessageGroupId: 'a' })
  await q.send('b1', { MessageGroupId: 'b' })
  const lot = await q.receive({ MaxNumberOfMessages: 2 })
  expect(bodies(lot)).toEqual(['a1', 'a2'])
  expect(bodies(await q.receive())).toEqual(['b1'])
  for (const { ReceiptHandle } of lot) await q.call('DeleteMessage', { ReceiptHandle })
  expect(bodies(await q.receive())).toEqual(['a3'])
})

test('a FIFO queue takes a message once in five minutes', async () => {
  const q = await queueOf('q.fifo', { FifoQueue: 'true' })
  const send = () => q.send('a', { MessageGroupId: 'g', MessageDeduplicationId: 'd' })
  const [first, second] = [await send(), await send()]
  expect(second).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber })
  expect(await q.count('')).toBe(1)
  await q.engine.advance('5m')
  const third = await send()
  expect(third.MessageId).not.toBe(first.MessageId)
  expect(BigInt(String(third.SequenceNumber)) > BigInt(String(first.SequenceNumber))).toBe(true)
})

test('each message of a FIFO queue has five minutes of its own, and is forgotten after ten', async () => {
  const q = await queueOf('q.fifo', { FifoQueue: 'true' })
  const send = (id: string) => q.send('a', { MessageGroupId: 'g', MessageDeduplicationId: id })
  await send('1')
  await q.engine.advance('1m')
  const first = await send('2')
  await q.engine.advance('299s')
  expect((await send('2')).MessageId).toBe(first.MessageId)
  await q.engine.advance('1s')
  expect((await send('2')).MessageId).not.toBe(first.MessageId)
  expect(Object.keys(q.engine.state('sqs', scope).queues['q.fifo']?.sent ?? {})).toEqual(['2'])
})

test('a FIFO receipt whose time is over no longer deletes', async () => {
  const q = await queueOf('q.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
  await q.send('a', { MessageGroupId: 'g' })
  const [{ ReceiptHandle } = {}] = await q.receive()
  await q.engine.advance('30s')
  await expect(q.call('DeleteMessage', { ReceiptHandle })).rejects.toThrow('The receipt handle has expired')
})

test("a queue's name is free again a minute after its deletion, and so is purging", async () => {
  const q = await queueOf('q')
  await q.send('a')
  await q.call('PurgeQueue')
  expect(await q.count('')).toBe(0)
  await expect(q.call('PurgeQueue')).rejects.toMatchObject({ name: 'PurgeQueueInProgress' })
  await q.engine.advance('60s')
  await q.call('PurgeQueue')
  await q.call('DeleteQueue')
  await expect(q.call('CreateQueue', { QueueName: 'q' })).rejects.toMatchObject({
    name: 'QueueDeletedRecently',
  })
  await q.engine.advance('60s')
  await q.call('CreateQueue', { QueueName: 'q' })
})

test('whatever is received, hidden and waited for, no message is lost or doubled until it is deleted', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('send' as const), delay: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ kind: fc.constant('receive' as const), visibility: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 30 }) }),
    fc.constant({ kind: 'delete' as const }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const q = await queueOf('q')
      const kept = new Set<string>()
      let held: Message[] = []
      let sent = 0
      for (const s of steps) {
        if (s.kind === 'send') {
          await q.send(`m${++sent}`, { DelaySeconds: s.delay })
          kept.add(`m${sent}`)
        } else if (s.kind === 'receive') {
          const found = await q.receive({ VisibilityTimeout: s.visibility })
          expect(found.every(({ Body = '' }) => kept.has(Body))).toBe(true)
          expect(new Set(bodies(found)).size).toBe(found.length)
          held = [...held, ...found]
        } else if (s.kind === 'wait') await q.engine.advance(`${s.seconds}s`)
        else {
          const last = held.pop()
          if (!last) continue
          const before = await total(q)
          await q.call('DeleteMessage', { ReceiptHandle: last.ReceiptHandle })
          if ((await total(q)) < before) kept.delete(last.Body ?? '')
        }
        expect(await total(q)).toBe(kept.size)
      }
      await q.engine.advance('1m')
      expect(await q.count('')).toBe(kept.size)
    }),
    { numRuns: 50 },
  )
})

const total = async (q: TestQueue) =>
  (await q.count('')) + (await q.count('NotVisible')) + (await q.count('Delayed'))
