import type { DecisionEntry, DeploymentEntry } from '@capstan/aws'
import { known, record } from '@capstan/core/builders.ts'
import type { ServiceRecord } from '@capstan/core/view.ts'
import { expect, test } from 'vitest'
import { exitCodes } from './exit.ts'
import { type Goal, outcomeOf } from './progress.ts'

const { bake: _, ...unwatched } = record()

type State = DeploymentEntry['state']

const row = (state: State): DeploymentEntry => ({
  cluster: 'prod',
  service: 'web',
  id: '002',
  reason: 'newer-image',
  changes: [],
  state,
  intendedAt: 0,
  primaryId: 'ecs-svc/1',
  note: 'because',
  timeline: [],
})
const rollback: DecisionEntry = {
  cluster: 'prod',
  service: 'web',
  id: '003.0',
  at: 1,
  kind: 'roll-back',
  reason: 'alarm',
  facts: {},
  sentence: 'Rolls prod/web back.',
  deployment: '003',
}
const hold = { reason: 'rolled-back' as const, since: 1, images: {}, note: '' }
const bake = { primaryId: 'ecs-svc/1', since: 1 }
const trouble = { reason: 'nothing-to-roll-back-to' as const, cause: '', since: 1, note: 'web-5xx rings' }

test('a deployment of which the ledger tells nothing yet goes on', () => {
  const told = { deployment: undefined, decisions: [], record: undefined }
  expect(outcomeOf('002', told, 'completed')).toBeUndefined()
})

test.each<[string, State, Goal, Partial<ServiceRecord>, DecisionEntry[], keyof typeof exitCodes | undefined]>(
  [
    ['goes on', 'started', 'completed', {}, [], undefined],
    ['completed', 'completed', 'completed', {}, [], 'done'],
    ['failed', 'failed', 'completed', {}, [], 'failed'],
    ['failed, and ECS went back', 'failed', 'completed', { hold }, [], 'rolledBack'],
    ['was rolled back while it was under way', 'superseded', 'completed', {}, [rollback], 'rolledBack'],
    ['was rolled back after it had completed', 'completed', 'verified', {}, [rollback], 'rolledBack'],
    ['was superseded', 'superseded', 'completed', {}, [], 'superseded'],
    ['is watched', 'completed', 'verified', { bake }, [], undefined],
    ['is verified', 'completed', 'verified', { bake: { ...bake, verifiedAt: 5 } }, [], 'done'],
    ['runs no more', 'completed', 'verified', { known: known({ primaryId: 'ecs-svc/9' }) }, [], 'superseded'],
    ['has nothing to go back to', 'completed', 'verified', { bake, trouble }, [], 'held'],
    [
      'is in trouble that may end',
      'completed',
      'verified',
      { trouble: { ...trouble, reason: 'muted' } },
      [],
      undefined,
    ],
  ],
)('a deployment that %s', (_, state, goal, overrides, decisions, expected) => {
  const told = { deployment: row(state), decisions, record: { ...unwatched, ...overrides } }
  expect(outcomeOf('002', told, goal)?.code).toBe(expected && exitCodes[expected])
})
