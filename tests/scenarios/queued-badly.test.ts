/**
 * The queue before discovery's door when things go badly: Route 53 that takes next to nothing, and messages that nobody
 * can read among those of tasks.
 */
import type { Message } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { until } from '../fixtures/program.ts'
import { type Crowd, createService, gather, lineOf, recordSets, tasksOf, wantedLines } from './crowd.ts'
import { Detour, settle } from './detour.ts'
import { countDoorCalls } from './door-calls.ts'

const services = ['one', 'two', 'three']
const COUNT = 4

async function expectExact(crowd: Crowd): Promise<void> {
  const wanted = (await Promise.all(services.map((service) => wantedLines(crowd, service)))).flat()
  expect(wanted).toHaveLength(services.length * COUNT)
  expect((await recordSets(crowd)).map(lineOf).sort()).toEqual(wanted.sort())
}

test('where Route 53 takes one request a second, nothing is lost', async () => {
  using calls = countDoorCalls()
  const crowd = await gather({ route53Rate: { perSecond: 1, burst: 1 } })
  const detour = new Detour(crowd, 5)
  for (const service of services) await createService(crowd, service, COUNT)
  await settle(crowd, detour, services)
  await expectExact(crowd)

  for (const service of services) {
    const [first] = await tasksOf(crowd, service)
    await crowd.ecs.stopTask({ task: first?.taskArn })
  }
  await settle(crowd, detour, services)
  await expectExact(crowd)
  expect(calls.usageOf('route53').refused).toBeGreaterThan(0)
  expect(await deadLetters(crowd)).toEqual([])
}, 300_000)

const event = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change' }
/** Messages that cannot be read, with what is said of them. */
const UNREADABLE: readonly (readonly [string, RegExp])[] = [
  ['no JSON', /expected object/i],
  ['"text"', /expected object/i],
  ['[]', /expected object, received array/],
  [JSON.stringify(event), /detail/],
  [JSON.stringify({ ...event, detail: { taskArn: 7, clusterArn: [], version: 'new' } }), /detail\.taskArn/],
  [JSON.stringify({ ...event, detail: 'x'.repeat(200_000) }), /detail/],
]

test('messages that nobody can read are kept once with the reason, and hinder no other', async () => {
  const crowd = await gather({})
  const { queues, sqs } = crowd
  const detour = new Detour(crowd, 5)
  for (const service of services) await createService(crowd, service, COUNT)
  for (const [MessageBody] of UNREADABLE) await sqs.sendMessage({ QueueUrl: queues.read, MessageBody })
  await settle(crowd, detour, services)
  await expectExact(crowd)
  const kept = await deadLetters(crowd)
  expect(kept).toHaveLength(UNREADABLE.length)
  for (const [body, reason] of UNREADABLE) {
    const own = kept.find(({ Body = '' }) => Body === body || Body === JSON.stringify(body))
    expect(own?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'INVALID_EVENT' },
      ERROR_MESSAGE: { StringValue: expect.stringMatching(reason) },
    })
  }
})

/** Everything in the dead-letter queue. */
async function deadLetters({ queues, sqs }: Crowd): Promise<Message[]> {
  const all: Message[] = []
  const read = async () => {
    const { Messages = [] } = await sqs.receiveMessage({
      QueueUrl: queues.dead,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    })
    all.push(...Messages)
    return Messages.length === 0 || undefined
  }
  await until('the dead-letter queue is read', read)
  return all
}
