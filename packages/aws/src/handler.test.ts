import { Failure } from '@capstan/core/failure.ts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { defineHandler } from './handler.ts'

const schema = z.pipe(
  z.object({ detail: z.object({ name: z.string() }) }),
  z.transform(({ detail }) => detail),
)
const context = { functionName: 'capstan-test', awsRequestId: '1', memoryLimitInMB: '256' }

/** A handler, called as Lambda calls it. */
function called(run: (event: { name: string }) => Promise<unknown>) {
  const kept: [unknown, string][] = []
  const handler = defineHandler(schema, run, {
    keep: async (event, { code }) => void kept.push([event, code]),
  })
  return {
    kept,
    invoke: (event: unknown): Promise<unknown> => Reflect.apply(handler, undefined, [event, context]),
  }
}

const printed = ['log', 'info', 'warn', 'error'] as const
beforeEach(() => {
  vi.stubEnv('POWERTOOLS_DEV', 'true')
  for (const method of printed) vi.spyOn(console, method).mockImplementation(() => {})
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

test('the work gets what the schema makes of the event, and its value is not an answer', async () => {
  const names: string[] = []
  const { invoke } = called(async ({ name }) => names.push(name))
  expect(await invoke({ detail: { name: 'web', more: 1 } })).toBeUndefined()
  expect(names).toEqual(['web'])
})

test('a malformed event never reaches the work', async () => {
  const { invoke, kept } = called(() => Promise.reject(new Error('reached')))
  await invoke({ detail: {} })
  expect(kept).toEqual([[{ detail: {} }, 'INVALID_EVENT']])
})

test('what a retry may help escapes as it is', async () => {
  const busy = new Failure('UNAVAILABLE', 'throttled')
  const { invoke, kept } = called(() => Promise.reject(busy))
  await expect(invoke({ detail: { name: 'web' } })).rejects.toBe(busy)
  expect(kept).toEqual([])
})

test('a function without a place to keep events does not start', () => {
  expect(() => defineHandler(schema, async () => {})).toThrow(
    expect.objectContaining({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('DEAD_LETTER_QUEUE'),
    }),
  )
})
