import type { DiscoveryDecision, DiscoverySkipReason } from '@capstan/core/discovery/decision.ts'
import type { Place } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { leftUndone, stateOf, whereOf } from './state.ts'

const target = { kind: 'dns', name: 'web.example.com' } as const
const skip = (reason: DiscoverySkipReason): DiscoveryDecision => ({ kind: 'skip', reason, target, facts: {} })
const register: DiscoveryDecision = { kind: 'register', reason: 'serving', target, facts: {}, writes: [] }

test.each<[string, string, DiscoveryDecision[]]>([
  ['all that can serve is found', 'found', [skip('up-to-date')]],
  ['nothing is decided', 'found', []],
  ['records are written', 'changing', [register]],
  ['some tasks are told and others not ready', 'changing', [register, skip('not-ready')]],
  ['tasks are not ready', 'starting', [skip('not-ready')]],
  ['no task is there', 'empty', [skip('no-task')]],
  ['nobody is healthy', 'unhealthy', [skip('all-unhealthy')]],
  ['a policy forbids what should be', 'kept', [register, skip('policy')]],
  ['there are too many tasks', 'partial', [skip('over-quota'), skip('not-ready')]],
  ['a foreign record hinders some of it', 'blocked', [register, skip('foreign-record')]],
  ['there is no zone', 'nowhere', [skip('no-zone')]],
  ['there is no namespace', 'nowhere', [skip('no-namespace')]],
  ['there is no discovery service', 'nowhere', [skip('no-discovery-service')]],
  ['settings are wrong as well', 'wrong', [skip('foreign-record'), skip('invalid-settings')]],
])('where %s, the word is %s', (_, word, decisions) => {
  expect(stateOf(decisions)).toBe(word)
})

test.each<[string, Place]>([
  ['public zone example.com (Z1)', { kind: 'zone', id: 'Z1', name: 'example.com', isPrivate: false }],
  ['private zone corp (Z2)', { kind: 'zone', id: 'Z2', name: 'corp', isPrivate: true }],
  ['Cloud Map (srv-1)', { kind: 'cloud-map', id: 'srv-1', types: ['A'] }],
  ['-', { kind: 'none', reason: 'no-zone', note: 'no hosted zone' }],
])('a place is written %s', (text, place) => {
  expect(whereOf(place)).toBe(text)
})

test('only what should be done and is not counts as left undone', () => {
  const left = leftUndone([register, skip('foreign-record'), skip('up-to-date')])
  expect(left.map(({ reason }) => reason)).toEqual(['foreign-record'])
})
