/** When asynchronous invocations are tried, and that their schedule always comes to an end. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventSourceEffect, LambdaEffect } from './effects.ts'
import { receive } from './receive.ts'
import { perform, schedule } from './schedule.ts'
import {
  emptyState,
  type FunctionState,
  type LambdaContext,
  type LambdaState,
  type QueuedEvent,
} from './state.ts'

const NOW = Date.UTC(2026, 0, 1)

function fn(overrides: Partial<FunctionState> = {}): FunctionState {
  return {
    name: 'f',
    arn: 'arn:aws:lambda:us-east-1:123456789012:function:f',
    code: { kind: 'folder', path: '/f' },
    codeSize: 0,
    codeSha256: '',
    settings: {
      role: '',
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      description: '',
      timeoutSeconds: 3,
      memoryMb: 128,
      ephemeralStorageMb: 512,
      tracingMode: 'PassThrough',
      architecture: 'x86_64',
      logGroup: '/aws/lambda/f',
    },
    environmentId: 'e',
    revisionId: 'r',
    lastModified: NOW,
    tags: {},
    policy: {},
    ...overrides,
  }
}

function event(overrides: Partial<QueuedEvent> = {}): QueuedEvent {
  return {
    requestId: 'r',
    functionName: 'f',
    payload: '{}',
    acceptedAt: NOW,
    dueAt: NOW,
    invocations: 0,
    throttles: 0,
    ...overrides,
  }
}

function contextOf(
  state: LambdaState,
  now: number,
  asked: (LambdaEffect | EventSourceEffect)[] = [],
): LambdaContext {
  const never = () => {
    throw new Error('Asynchronous invocations need none of this')
  }
  return {
    state,
    now,
    accountId: '123456789012',
    region: 'us-east-1',
    endpoint: '',
    newId: never,
    newUuid: never,
    emit: never,
    ask: (effect: LambdaEffect | EventSourceEffect) => void asked.push(effect),
    defer: never,
    settle: never,
  }
}

test.each<[string, { dueAt?: number | undefined }, Partial<FunctionState>, object[]]>([
  ['a new event is tried at once', {}, {}, [{ kind: 'try-event', at: NOW }]],
  ['an event that runs is left alone', { dueAt: undefined }, {}, []],
  [
    'an event is tried again when it is due',
    { dueAt: NOW + 60_000 },
    {},
    [{ kind: 'try-event', at: NOW + 60_000 }],
  ],
  [
    'an event is given up after six hours',
    { dueAt: NOW + 22_000_000 },
    {},
    [{ kind: 'expire-event', at: NOW + 21_600_000 }],
  ],
  [
    'an event is given up at the age that its function gives',
    { dueAt: NOW + 120_000 },
    { eventInvoke: { eventAgeSeconds: 60, lastModified: NOW } },
    [{ kind: 'expire-event', at: NOW + 60_000 }],
  ],
])('%s', (_, eventOverrides, fnOverrides, expected) => {
  const { dueAt, ...rest } = { ...event(), ...eventOverrides }
  const queued = dueAt === undefined ? rest : { ...rest, dueAt }
  const state = { ...emptyState(), functions: { f: fn(fnOverrides) }, queue: { r: queued } }
  expect(schedule(state)).toEqual(expected.map((action) => ({ ...action, requestId: 'r' })))
})

const outcomes = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 })
const configs = fc.record({
  retryAttempts: fc.integer({ min: 0, max: 2 }),
  eventAgeSeconds: fc.integer({ min: 60, max: 21_600 }),
  reservedConcurrency: fc.integer({ min: 0, max: 2 }),
  events: fc.integer({ min: 1, max: 8 }),
})

test('every event ends, runs no more often than allowed, and never above the concurrency', () => {
  fc.assert(
    fc.property(configs, outcomes, ({ reservedConcurrency, events, ...config }, failing) => {
      const eventInvoke = { ...config, lastModified: NOW }
      const state = { ...emptyState(), functions: { f: fn({ reservedConcurrency, eventInvoke }) } }
      for (let n = 0; n < events; n++) state.queue[`r${n}`] = event({ requestId: `r${n}` })
      const runs = new Map<string, number>()
      let now = NOW
      for (let turn = 0; Object.keys(state.queue).length; turn++) {
        expect(turn).toBeLessThan(1000)
        const plan = schedule(state)
        now = Math.max(now, Math.min(...plan.map((action) => action.at)))
        const asked: (LambdaEffect | EventSourceEffect)[] = []
        for (const action of plan) if (action.at <= now) perform(action, contextOf(state, now, asked))
        expect(schedule(state).every((action) => action.at > now)).toBe(true)
        expect(Object.keys(state.running).length).toBeLessThanOrEqual(reservedConcurrency)
        for (const effect of asked) {
          if (effect.kind !== 'invoke-function') continue
          const run = (runs.get(effect.requestId) ?? 0) + 1
          runs.set(effect.requestId, run)
          const failed = failing[run] ?? false
          const payload = failed ? '{"errorMessage":"no"}' : 'null'
          const report = {
            kind: 'function-ended',
            requestId: effect.requestId,
            payload,
            failed,
            log: '',
          } as const
          receive(report, contextOf(state, now))
        }
      }
      for (const run of runs.values()) expect(run).toBeLessThanOrEqual(config.retryAttempts + 1)
      expect(now - NOW).toBeLessThanOrEqual(config.eventAgeSeconds * 1000)
      expect(state.running).toEqual({})
    }),
  )
})

test('events that ran when the host ended are tried again, and nothing else runs any more', () => {
  const { dueAt: _dueAt, ...running } = event({ invocations: 1 })
  const state = {
    ...emptyState(),
    functions: { f: fn() },
    queue: { r: running },
    running: { r: { functionName: 'f', tail: false } },
  }
  receive({ kind: 'host-restarted' }, contextOf(state, NOW))
  expect([state.running, schedule(state)]).toEqual([{}, [{ kind: 'try-event', requestId: 'r', at: NOW }]])
})
