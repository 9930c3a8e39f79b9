import { expect, test } from 'vitest'
import { writesOf } from './ledger.ts'
import type { Pass } from './pass.ts'

const service = { cluster: 'prod', service: 'web' }
const record = { ...service, version: 3, repositories: ['web'], quarantine: {}, problems: [] }
const pass: Pass = { service, expects: 2, record, begun: [], updates: [], decisions: [] }

test('the record is written on the condition of the version that was read', () => {
  expect(writesOf(pass, 'ledger')).toEqual([
    {
      Update: {
        TableName: 'ledger',
        Key: { pk: 'SERVICE', sk: 'prod/web' },
        UpdateExpression: expect.stringMatching(/^SET #cluster = :cluster, .* REMOVE #inFlight, #known, /),
        ExpressionAttributeNames: expect.objectContaining({ '#version': 'version', '#pause': 'pause' }),
        ConditionExpression: 'version = :expected',
        ExpressionAttributeValues: expect.objectContaining({ ':expected': 2, ':version': 3 }),
      },
    },
  ])
})

test('a first record is written on the condition that there is none', () => {
  const [write] = writesOf({ ...pass, expects: undefined }, 'ledger')
  expect(write?.Update).toMatchObject({ ConditionExpression: 'attribute_not_exists(pk)' })
})

test('a deployment is told its state and gets its milestones appended', () => {
  const milestones = [{ at: 1, what: 'failed' as const, note: 'why' }]
  const update = { id: 'd-1', state: 'failed' as const, primaryId: 'ecs-svc/1', note: 'why', milestones }
  const { Update } = writesOf({ ...pass, updates: [update] }, 'ledger')[1] ?? {}
  expect(Update?.Key).toEqual({ pk: 'DEPLOYMENT#prod/web', sk: 'd-1' })
  expect(Update?.UpdateExpression).toMatch(/^SET #state = :state, #primaryId = :primaryId, #note = :note, /)
  expect(Update?.UpdateExpression).toContain('list_append(if_not_exists(#timeline, :timeline), :milestones)')
  expect(Update?.ExpressionAttributeValues).toMatchObject({
    ':state': 'failed',
    ':primaryId': 'ecs-svc/1',
    ':note': 'why',
    ':milestones': milestones,
  })
})

test('a decision is kept for ninety days', () => {
  const at = Date.UTC(2026, 0, 1)
  const decision = {
    ...service,
    id: 'p.0',
    at,
    kind: 'skip',
    reason: 'paused',
    facts: {},
    sentence: 'Paused.',
  }
  const [, write] = writesOf({ ...pass, decisions: [decision] }, 'ledger')
  expect(write?.Put?.Item).toEqual({
    ...decision,
    pk: 'DECISION#prod/web',
    sk: 'p.0',
    expiresAt: Date.UTC(2026, 3, 1) / 1000,
  })
})
