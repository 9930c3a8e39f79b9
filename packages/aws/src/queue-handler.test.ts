import { Failure } from '@capstan/core/failure.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { type BatchWork, defineQueueHandler } from './queue-handler.ts'

const schema = z.pipe(
  z.object({ name: z.string() }),
  z.transform(({ name }) => name),
)
const REMAINING_MS = 20_000
const context = {
  functionName: 'capstan-test',
  awsRequestId: '1',
  memoryLimitInMB: '256',
  getRemainingTimeInMillis: () => REMAINING_MS,
}
const busy = new Failure('UNAVAILABLE', 'throttled')
const denied = new Failure('DENIED', 'AWS refuses')

/** A handler, called as an event source mapping calls it, with bodies whose message ids are their places. */
function called(run: BatchWork<string>, keeps = async () => {}) {
  const kept: [unknown, string][] = []
  const handler = defineQueueHandler(schema, run, {
    keep: async (message, { code }) => {
      await keeps()
      kept.push([message, code])
    },
  })
  const invoke = (event: unknown): Promise<unknown> => Reflect.apply(handler, undefined, [event, context])
  return {
    kept,
    invoke,
    deliver: (...bodies: string[]) =>
      invoke({ Records: bodies.map((body, index) => ({ messageId: `${index}`, body, awsRegion: 'any' })) }),
  }
}

const body = (name: string) => JSON.stringify({ name })
const settle = (work: (name: string) => unknown) => async (names: readonly string[]) =>
  Promise.allSettled(names.map(async (name) => work(name)))
const failing = (reasons: Readonly<Record<string, unknown>>) =>
  settle((name) => {
    if (reasons[name]) throw reasons[name]
  })
const back = (...ids: number[]) => ({
  batchItemFailures: ids.map((id) => ({ itemIdentifier: `${id}` })),
})

const printed = ['log', 'info', 'warn', 'error'] as const
beforeEach(() => {
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  for (const method of printed) vi.spyOn(console, method).mockImplementation(() => {})
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('the messages of a batch are worked on together, with the time that is left', async () => {
  const batches: unknown[] = []
  const before = Date.now()
  const { deliver } = called(async (names, _log, deadline) => {
    batches.push(names)
    expect(deadline).toBeGreaterThan(before)
    expect(deadline).toBeLessThan(Date.now() + REMAINING_MS)
    return settle(() => 'done')(names)
  })
  expect(await deliver(body('web'), body('api'))).toEqual(back())
  expect(batches).toEqual([['web', 'api']])
})

test('what a retry may help goes back to the queue, alone', async () => {
  const { deliver, kept } = called(failing({ api: busy }))
  expect(await deliver(body('web'), body('api'), body('jobs'))).toEqual(back(1))
  expect(kept).toEqual([])
})

test('a batch of which all is to come again says so of each', async () => {
  const { deliver } = called(failing({ web: busy, api: busy }))
  expect(await deliver(body('web'), body('api'))).toEqual(back(0, 1))
})

test('what no retry can help is kept once and reported, and does not come again', async () => {
  const { deliver, kept } = called(failing({ api: denied }))
  expect(await deliver(body('web'), body('api'))).toEqual(back())
  expect(kept).toEqual([[{ name: 'api' }, 'DENIED']])
  expect(vi.mocked(console.error).mock.calls.filter(([first]) => first === denied)).toHaveLength(1)
})

test.each([
  ['no JSON', 'hello', 'hello'],
  ['of another form', '{"title":"web"}', { title: 'web' }],
])('a message that is %s is kept as it came, and the others are worked on', async (_name, bad, expected) => {
  const worked: string[] = []
  const { deliver, kept } = called(settle((name) => worked.push(name)))
  expect(await deliver(bad, body('web'))).toEqual(back())
  expect(kept).toEqual([[expected, 'INVALID_EVENT']])
  expect(worked).toEqual(['web'])
})

test('where a message cannot be kept, it comes again', async () => {
  const { deliver } = called(failing({ web: denied }), () => Promise.reject(busy))
  expect(await deliver(body('web'), body('api'))).toEqual(back(0))
})

test.each([new TypeError('no such property'), new AggregateError([denied, new TypeError('bug')], 'two')])(
  '%s escapes, and nothing of its batch is kept',
  async (bug) => {
    const { deliver, kept } = called(failing({ web: bug, api: denied }))
    await expect(deliver(body('web'), body('api'))).rejects.toBe(bug)
    expect(kept).toEqual([])
  },
)

test('an event of no queue is kept as a whole', async () => {
  const { invoke, kept } = called(settle(() => 'done'))
  await invoke({ source: 'nobody' })
  expect(kept).toEqual([[{ source: 'nobody' }, 'INVALID_EVENT']])
})
