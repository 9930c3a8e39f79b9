import type { DecisionEntry, DeploymentEntry } from '@capstan/aws'
import { expect, test } from 'vitest'
import { formatOffset, rollbackOf, timelineOf } from './timeline.ts'

const key = { cluster: 'prod', service: 'web' }
const deployment: DeploymentEntry = {
  ...key,
  id: '002',
  reason: 'newer-image',
  changes: [],
  state: 'completed',
  intendedAt: 2000,
  timeline: [
    { at: 2000, what: 'intended' },
    { at: 3000, what: 'started' },
    { at: 9000, what: 'completed' },
  ],
}

function decision(id: string, at: number, kind: string, more: Partial<DecisionEntry> = {}): DecisionEntry {
  return { ...key, id, at, kind, reason: '', facts: {}, sentence: `${kind}.`, ...more }
}

const before = decision('001.0', 1000, 'verify')
const begun = decision('002.0', 2000, 'deploy', { deployment: '002' })
const watched = decision('003.1', 9000, 'bake')
const verified = decision('004.0', 20_000, 'verify')
const muted = decision('005.0', 25_000, 'hold')
const paused = decision('006.0', 26_000, 'pause', { facts: { by: 'ann' } })
const idle = decision('006.1', 26_000, 'wait')
const back = decision('007.0', 90_000, 'roll-back', { deployment: '007', facts: { by: 'bo' } })
const later = decision('008.0', 95_000, 'hold')
const all = [later, back, idle, paused, muted, verified, watched, begun, before]

test('a deployment is told from its beginning to its rollback, with who and when', () => {
  const told = timelineOf(deployment, all).map(({ afterMs, what, by, note }) => [afterMs, what, by, note])
  expect(told).toEqual([
    [0, 'intended', 'Capstan', 'deploy.'],
    [1000, 'started', 'ECS', ''],
    [7000, 'completed', 'ECS', ''],
    [7000, 'watched', 'Capstan', 'bake.'],
    [18_000, 'verified', 'Capstan', 'verify.'],
    [23_000, 'held', 'Capstan', 'hold.'],
    [24_000, 'paused', 'ann', 'pause.'],
    [88_000, 'rolled back', 'bo', 'roll-back.'],
  ])
})

test('the next deployment begins a story of its own', () => {
  const next = decision('007.0', 90_000, 'deploy', { deployment: '007' })
  const told = timelineOf(deployment, [later, next, verified, begun])
  expect(told.map(({ what }) => what)).toEqual(['intended', 'started', 'completed', 'verified'])
})

test('a rollback is told as a deployment of its own', () => {
  const rollback = { ...deployment, id: '007', timeline: [{ at: 90_000, what: 'intended' as const }] }
  const told = timelineOf({ ...rollback, intendedAt: 90_000 }, all)
  expect(told.map(({ what, by, note }) => [what, by, note])).toEqual([
    ['intended', 'bo', 'roll-back.'],
    ['held', 'Capstan', 'hold.'],
  ])
})

test.each<[string, string, readonly DecisionEntry[], string | undefined]>([
  ['what was rolled back', '002', all, '007.0'],
  ['the rollback itself', '007', all, undefined],
  ['what was followed by a deployment', '002', [{ ...back, kind: 'deploy' }], undefined],
  [
    'a deployment before that',
    '002',
    [decision('003.0', 1, 'deploy', { deployment: '003' }), back],
    undefined,
  ],
])('the rollback of %s is found', (_, id, decisions, expected) => {
  expect(rollbackOf({ ...key, id }, decisions)?.id).toBe(expected)
})

test.each([
  [0, '+0.0s'],
  [-5, '+0.0s'],
  [840, '+0.8s'],
  [12_345, '+12.3s'],
  [63_400, '+1m3s'],
  [7_200_000, '+2h'],
])('%i ms after the beginning is shown as %s', (afterMs, expected) => {
  expect(formatOffset(afterMs)).toBe(expected)
})
