import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics } from '@aws-lambda-powertools/metrics'
import { parser } from '@aws-lambda-powertools/parser/middleware'
import { Failure } from '@capstan/core/failure.ts'
import middy from '@middy/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { answerForFailures, permanentFailures } from './failures.ts'

const conflict = new Failure('CONFLICT', 'the service changed')
const denied = new Failure('DENIED', 'AWS refuses')
const bug = new TypeError('no such property')

test.each([
  ['a permanent failure', denied, [denied]],
  ['a failure that a retry may help', conflict, undefined],
  ['a bug', bug, undefined],
  ['a thrown string', 'oops', undefined],
  ['several permanent failures', new AggregateError([denied, denied], 'two'), [denied, denied]],
  ['one that a retry may help among several', new AggregateError([denied, conflict], 'two'), undefined],
  ['a bug among several', new AggregateError([denied, bug], 'two'), undefined],
])('%s: is it permanent?', (_name, error, expected) => {
  expect(permanentFailures(error)).toEqual(expected)
})

const reported = vi.spyOn(console, 'error')
beforeEach(() => void reported.mockImplementation(() => {}))
afterEach(() => void reported.mockReset())

/** A handler of `{ n: number }` whose work is `run`, and the events that it kept. */
function handlerOf(run: () => Promise<void>) {
  const kept: { event: unknown; code: string; message: string }[] = []
  const tools = {
    log: new Logger({ logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'Test' }),
    keep: async (event: unknown, { code, message }: Failure) => void kept.push({ event, code, message }),
  }
  const handler = middy()
    .use(answerForFailures(tools))
    .use(parser({ schema: z.object({ n: z.number() }) }))
    .handler(run)
  return {
    kept,
    invoke: (event: unknown) => Reflect.apply(handler, undefined, [event, {}]) as Promise<unknown>,
  }
}

test('an event that does not parse is kept as it came, with what is wrong with it', async () => {
  const { kept, invoke } = handlerOf(async () => {})
  await invoke({ n: 'one', more: true })
  expect(kept).toEqual([
    {
      event: { n: 'one', more: true },
      code: 'INVALID_EVENT',
      message: expect.stringContaining('n: Invalid input'),
    },
  ])
})

test('a permanent failure is reported once, as the error itself', async () => {
  const { invoke } = handlerOf(() => Promise.reject(denied))
  await invoke({ n: 1 })
  expect(reported.mock.calls.filter(([first]) => first instanceof Error)).toEqual([[denied]])
})

test('several permanent failures keep their event once, with every reason', async () => {
  const gone = new Failure('NOT_FOUND', 'no such service')
  const { kept, invoke } = handlerOf(() => Promise.reject(new AggregateError([denied, gone], 'two')))
  await invoke({ n: 1 })
  expect(kept).toEqual([{ event: { n: 1 }, code: 'DENIED', message: 'AWS refuses no such service' }])
})

test.each([conflict, bug])('%s escapes, is not kept and not reported', async (error) => {
  const { kept, invoke } = handlerOf(() => Promise.reject(error))
  await expect(invoke({ n: 1 })).rejects.toBe(error)
  expect(kept).toEqual([])
  expect(reported).not.toHaveBeenCalled()
})

test('where the event cannot be kept, that error escapes', async () => {
  const full = new Failure('UNAVAILABLE', 'SQS SendMessage failed')
  const tools = { log: new Logger({ logLevel: 'SILENT' }), metrics: new Metrics({ namespace: 'Test' }) }
  const handler = middy()
    .use(answerForFailures({ ...tools, keep: () => Promise.reject(full) }))
    .handler(() => Promise.reject(denied))
  await expect(Reflect.apply(handler, undefined, [{}, {}])).rejects.toBe(full)
})
