import type { Measures } from '@capstan/core/measures.ts'
import { expect, test } from 'vitest'
import { countedAs } from './apply.ts'

const metrics = [{ name: 'Deployments', unit: 'Count', value: 1 }] as const
const measured: Measures[] = [
  { by: { service: 'prod/web' }, metrics },
  { by: { reason: 'frozen' }, metrics },
  { metrics },
]

test.each([
  ['each', measured],
  ['together', [{ metrics }, { by: { reason: 'frozen' }, metrics }, { metrics }]],
] as const)('of metrics of %s, those by service are told or not, and lines always', (wish, expected) => {
  const told: unknown[] = []
  const log = countedAs(wish, {
    info: (message, fields) => void told.push(message, fields),
    measure: (measures) => void told.push(measures),
  })
  log.info('Deploys', { a: 1 })
  log.measure?.(measured)
  expect(told).toEqual(['Deploys', { a: 1 }, expected])
})
