import { expect, test } from 'vitest'
import { auditOf } from './freezes.ts'

const freeze = { id: 'f-1', scope: 'all', reason: 'launch', by: 'bo', at: 1 }
const when = { id: 'p.0', at: 1000 }

test.each<[string, string, string | undefined, object]>([
  ['all', 'every service', undefined, { cluster: '*', service: '*' }],
  ['prod', 'every service of cluster prod', undefined, { cluster: 'prod', service: '*' }],
  ['prod/web', 'prod/web until 2026-01-01T00:00:00.000Z', '2026-01-01', { cluster: 'prod', service: 'web' }],
])('a freeze of %s is told of %s', (scope, words, until, key) => {
  const entry = { ...freeze, scope, ...(until && { until: Date.parse(until) }) }
  expect(auditOf(entry, { kind: 'freeze', by: 'bo', reason: 'launch' }, when)).toMatchObject({
    ...key,
    ...when,
    kind: 'freeze',
    reason: 'requested',
    facts: { freeze: 'f-1', scope, by: 'bo', why: 'launch' },
    sentence: `Freezes ${words} (freeze f-1), as bo asked: launch.`,
  })
})

test('who ends a freeze is told, with what it was for', () => {
  const { sentence } = auditOf(freeze, { kind: 'unfreeze', by: 'ann', reason: 'it is over' }, when)
  expect(sentence).toBe('Ends freeze f-1 of every service ("launch"), as ann asked: it is over.')
})
