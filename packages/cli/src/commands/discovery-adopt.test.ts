import type { Published } from '@capstan/aws/discovery/work-place.ts'
import { NAME } from '@capstan/core/discovery/builders.ts'
import type { DiscoveryDecision } from '@capstan/core/discovery/decision.ts'
import { expect, test } from 'vitest'
import { endOf } from './discovery-adopt.ts'

const target = { kind: 'dns', name: NAME } as const
const old = { name: NAME, type: 'A', ttl: 300, values: ['192.0.2.1'], state: 'written' } as const
const adopted = (count: number): DiscoveryDecision => ({
  ...{ kind: 'adopt', reason: 'requested', target, facts: {} },
  records: Array.from({ length: count }, () => old),
})

test.each<[string, Omit<Published, 'target'> | undefined, number]>([
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
])('%s', (sentence, published, code) => {
  expect(endOf(target, published && { target, ...published })).toEqual({ code, sentence })
})
