/** Deliveries on a virtual clock, with a host that fails as the test says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Engine } from '../engine.ts'
import { virtualClock } from '../host/clock.ts'
import { performerOf } from '../host/effects.ts'
import { seededIds } from '../host/ids.ts'
import type { EventsEffect, EventsReport } from './effects.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:failed'
const TARGET = 'arn:aws:lambda:us-east-1:123456789012:function:f'

type Outcome = 'delivered' | 'unavailable' | 'gone'
type DeadLetter = Extract<EventsEffect, { kind: 'dead-letter-event' }>

interface World {
  readonly engine: Engine
  readonly attempts: { at: number; outcome: Outcome; input: unknown }[]
  readonly deadLetters: DeadLetter[]
  call(operation: string, input: object): Promise<unknown>
}

/** An engine whose targets answer with `outcomes` in turn, the last one again and again. */
function world(outcomes: readonly Outcome[], queueWorks = true, start = Date.UTC(2026, 0, 1)): World {
  const attempts: World['attempts'] = []
  const deadLetters: DeadLetter[] = []
  const performers = performerOf({
    async 'deliver-event'({ delivery, input }: Extract<EventsEffect, { kind: 'deliver-event' }>) {
      const outcome = outcomes[Math.min(attempts.length, outcomes.length - 1)] ?? 'delivered'
      attempts.push({ at: engine.clock.now(), outcome, input: JSON.parse(input) })
      engine.report('events', scope, reportOf(delivery, outcome))
    },
    async 'dead-letter-event'(effect: DeadLetter) {
      deadLetters.push(effect)
      const kind = queueWorks ? 'dead-lettered' : 'dead-letter-failed'
      engine.report('events', scope, { kind, delivery: effect.delivery })
    },
  })
  const engine: Engine = new Engine({ clock: virtualClock(start), ids: seededIds(1), perform: performers })
  return { engine, attempts, deadLetters, call: (name, input) => engine.call('events', scope, name, input) }
}

function reportOf(delivery: string, outcome: Outcome): EventsReport {
  if (outcome === 'delivered') return { kind: 'delivered', delivery }
  const retry = outcome === 'unavailable'
  return {
    kind: 'delivery-failed',
    delivery,
    code: retry ? 'INTERNAL_ERROR' : 'NO_RESOURCE',
    message: 'No.',
    retry,
  }
}

async function putOne({ call }: World, target: object = {}): Promise<void> {
  await call('PutRule', { Name: 'r', EventPattern: '{"source":["shop"]}' })
  await call('PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: TARGET, ...target }] })
  await call('PutEvents', { Entries: [{ Source: 'shop', DetailType: 'sold', Detail: '{"n":1}' }] })
}

const outcomesOf = ({ engine }: World) => Object.values(engine.state('events', scope).outcomes)

test('a target that fails twice gets the event at the third attempt', async () => {
  const w = world(['unavailable', 'unavailable', 'delivered'])
  await putOne(w)
  await w.engine.advance('1m')
  expect(w.attempts.map(({ outcome }) => outcome)).toEqual(['unavailable', 'unavailable', 'delivered'])
  expect(w.attempts[2]?.input).toEqual(w.attempts[0]?.input)
  expect(outcomesOf(w)).toEqual([{ delivered: 1, deadLettered: 0, dropped: 0 }])
})

test('a target that is gone is not tried again: the event goes to the dead-letter queue', async () => {
  const w = world(['gone'])
  await putOne(w, { DeadLetterConfig: { Arn: QUEUE } })
  await w.engine.settle()
  expect(w.attempts).toHaveLength(1)
  const [letter] = w.deadLetters
  expect(JSON.parse(letter?.body ?? '')).toMatchObject({ source: 'shop', detail: { n: 1 } })
  expect(letter).toMatchObject({
    queueArn: QUEUE,
    attributes: {
      RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:us-east-1:123456789012:rule/r' },
      TARGET_ARN: { DataType: 'String', StringValue: TARGET },
      ERROR_CODE: { DataType: 'String', StringValue: 'NO_RESOURCE' },
      ERROR_MESSAGE: { DataType: 'String', StringValue: 'No.' },
      RETRY_ATTEMPTS: { DataType: 'Number', StringValue: '0' },
    },
  })
  expect(letter?.attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION')
})

test.each([
  ['MaximumRetryAttempts', { MaximumRetryAttempts: 2 }, '2'],
  ['MaximumEventAgeInSeconds', { MaximumEventAgeInSeconds: 60 }, '6'],
])('a dead letter says that %s was exhausted', async (condition, RetryPolicy, retries) => {
  const w = world(['unavailable'])
  await putOne(w, { RetryPolicy, DeadLetterConfig: { Arn: QUEUE } })
  await w.engine.advance('2m')
  expect(w.deadLetters[0]?.attributes).toMatchObject({
    EXHAUSTED_RETRY_CONDITION: { StringValue: condition },
    RETRY_ATTEMPTS: { StringValue: retries },
  })
  expect(outcomesOf(w)).toEqual([{ delivered: 0, deadLettered: 1, dropped: 0 }])
})

test('without a dead-letter queue, or with one that fails, the drop is counted', async () => {
  const without = world(['gone'])
  await putOne(without)
  await without.engine.settle()
  expect(outcomesOf(without)).toEqual([{ delivered: 0, deadLettered: 0, dropped: 1 }])
  const failing = world(['gone'], false)
  await putOne(failing, { DeadLetterConfig: { Arn: QUEUE } })
  await failing.engine.settle()
  expect(outcomesOf(failing)).toEqual([{ delivered: 0, deadLettered: 0, dropped: 1 }])
})

test('with the defaults an event is tried for about a day', async () => {
  const w = world(['unavailable'])
  await putOne(w)
  await w.engine.advance('2d')
  expect(w.attempts.length).toBeGreaterThan(150)
  expect(w.attempts.length).toBeLessThanOrEqual(186)
  const [first, last] = [w.attempts[0]?.at ?? 0, w.attempts.at(-1)?.at ?? 0]
  expect(last - first).toBeGreaterThan(20 * 3_600_000)
  expect(last - first).toBeLessThanOrEqual(24 * 3_600_000)
})

test('an event that nobody matches is nothing', async () => {
  const w = world(['delivered'])
  await putOne(w)
  await w.call('PutEvents', { Entries: [{ Source: 'other', DetailType: 'sold', Detail: '{}' }] })
  await w.engine.settle()
  expect(w.attempts).toHaveLength(1)
})

test('an attempt that was never answered is made again after a restart', async () => {
  const silent = new Engine({ clock: virtualClock(), ids: seededIds(1), perform: async () => {} })
  await putOne({ ...world([]), call: (name, input) => silent.call('events', scope, name, input) })
  const kept = structuredClone(silent.snapshot())
  const w = world(['delivered'])
  await w.engine.restore(kept)
  w.engine.resume(() => w.engine.report('events', scope, { kind: 'host-restarted' }))
  await w.engine.settle()
  expect(w.attempts).toHaveLength(1)
  expect(outcomesOf(w)).toEqual([{ delivered: 1, deadLettered: 0, dropped: 0 }])
})

test('a scheduled rule fires on time, each time, and not while it is disabled', async () => {
  const w = world(['delivered'])
  await w.call('PutRule', { Name: 'r', ScheduleExpression: 'rate(1 minute)' })
  await w.call('PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: TARGET }] })
  await w.engine.advance('3m')
  await w.call('DisableRule', { Name: 'r' })
  await w.engine.advance('10m')
  await w.call('EnableRule', { Name: 'r' })
  await w.engine.advance('60s')
  const times = w.attempts.map(({ input }) => (input as { time: string }).time)
  expect(times.map((time) => time.slice(14, 19))).toEqual(['01:00', '02:00', '03:00', '14:00'])
  expect(w.attempts[0]?.input).toMatchObject({
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    resources: ['arn:aws:events:us-east-1:123456789012:rule/r'],
    detail: {},
  })
})

test('a schedule that was missed while the engine was not running goes on from now', async () => {
  const before = world([])
  await before.call('PutRule', { Name: 'r', ScheduleExpression: 'rate(1 hour)' })
  await before.call('PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: TARGET }] })
  const w = world(['delivered'], true, Date.UTC(2026, 0, 3, 12, 30))
  await w.engine.restore(structuredClone(before.engine.snapshot()))
  w.engine.resume(() => w.engine.report('events', scope, { kind: 'host-restarted' }))
  await w.engine.settle()
  expect(w.attempts).toEqual([])
  await w.engine.advance('1h')
  expect(w.attempts).toHaveLength(1)
})

test('every event is delivered, dead-lettered or counted as dropped, within its attempts and age', async () => {
  const outcomes = fc.array(fc.constantFrom<Outcome>('delivered', 'unavailable', 'gone'), { minLength: 1 })
  const policies = fc.record({
    MaximumRetryAttempts: fc.integer({ min: 0, max: 185 }),
    MaximumEventAgeInSeconds: fc.integer({ min: 60, max: 86_400 }),
  })
  await fc.assert(
    fc.asyncProperty(
      outcomes,
      policies,
      fc.boolean(),
      fc.boolean(),
      async (script, RetryPolicy, hasQueue, works) => {
        const w = world(script, works)
        await putOne(w, { RetryPolicy, ...(hasQueue && { DeadLetterConfig: { Arn: QUEUE } }) })
        await w.engine.advance('25h')
        const [first] = w.attempts
        const last = w.attempts.at(-1)
        const ended =
          last?.outcome === 'delivered' ? 'delivered' : hasQueue && works ? 'deadLettered' : 'dropped'
        expect(w.engine.state('events', scope)).toMatchObject({ deliveries: {}, underWay: {} })
        expect(outcomesOf(w)).toEqual([{ delivered: 0, deadLettered: 0, dropped: 0, [ended]: 1 }])
        expect(w.attempts.length).toBeLessThanOrEqual(RetryPolicy.MaximumRetryAttempts + 1)
        expect((last?.at ?? 0) - (first?.at ?? 0)).toBeLessThanOrEqual(
          RetryPolicy.MaximumEventAgeInSeconds * 1000,
        )
      },
    ),
    { numRuns: 40 },
  )
})
