import type { Published } from '@capstan/aws/discovery/work-place.ts'
import { NAME } from '@capstan/core/discovery/builders.ts'
import type { DiscoveryDecision } from '@capstan/core/discovery/decision.ts'
import { Failure, type FailureCode } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { adoptWhenFree, endOf } from './discovery-adopt.ts'

const target = { kind: 'dns', name: NAME } as const
const old = { name: NAME, type: 'A', ttl: 300, values: ['192.0.2.1'], state: 'written' } as const
const adopted = (count: number): DiscoveryDecision => ({
  ...{ kind: 'adopt', reason: 'requested', target, facts: {} },
  records: Array.from({ length: count }, () => old),
})

test.each<[string, Omit<Published, 'target'> | 'busy' | undefined, number]>([
  [`Nothing is changed: no record at ${NAME} is to be taken over.`, undefined, 0],
  [
    `Nothing is changed: no record at ${NAME} is to be taken over.`,
    { outcome: 'unchanged', decisions: [] },
    0,
  ],
  [`Done: 1 record at ${NAME} taken over.`, { outcome: 'written', decisions: [adopted(1)] }, 0],
  [`Done: 2 records at ${NAME} taken over.`, { outcome: 'unchanged', decisions: [adopted(2)] }, 0],
  [
    `Nothing is changed at ${NAME}: AccessDenied.`,
    { outcome: 'refused', decisions: [adopted(1)], reason: 'AccessDenied.' },
    1,
  ],
  [
    `Nothing is taken over at ${NAME}: other processes were writing in its place for a minute. Try again.`,
    'busy',
    7,
  ],
])('%s', (sentence, published, code) => {
  expect(endOf(target, published === 'busy' ? published : published && { target, ...published })).toEqual({
    code,
    sentence,
  })
})

/** Tries to adopt where the place is free after so many milliseconds; how it ends, and how long it took. */
async function adoptAfter(ms: number, code: FailureCode = 'CONFLICT') {
  let now = 0
  const adopt = async (): Promise<Published> => {
    if (now < ms) throw new Failure(code, 'Someone else writes there.')
    return { target, outcome: 'written', decisions: [] }
  }
  const wait = async (step: number) => {
    now += step
  }
  const end = await adoptWhenFree({ adopt }, target, { now: () => now, wait })
  return { end: end === 'busy' ? end : end.outcome, now }
}

test.each([
  [0, 'written', 0],
  [25_000, 'written', 25_000],
  [60_000, 'written', 60_000],
  [120_000, 'busy', 60_000],
])('a place that is free after %i ms: %s', async (ms, end, now) => {
  expect(await adoptAfter(ms)).toEqual({ end, now })
})

test('what is no conflict is told at once', async () => {
  await expect(adoptAfter(1, 'UNAVAILABLE')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
