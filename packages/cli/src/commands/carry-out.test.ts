import type { DeliveryDecision, SkipReason, WaitReason } from '@capstan/core/decision.ts'
import { expect, test } from 'vitest'
import { exitCodes } from '../exit.ts'
import { codeOf, parseLength, wayOn } from './carry-out.ts'

const base = { service: { cluster: 'prod', service: 'web' }, facts: {} }
const wait = (reason: WaitReason): DeliveryDecision => ({ ...base, kind: 'wait', reason })
const skip = (reason: SkipReason): DeliveryDecision => ({ ...base, kind: 'skip', reason })

test.each<[DeliveryDecision | undefined, keyof typeof exitCodes]>([
  [skip('already-running'), 'done'],
  [skip('held'), 'held'],
  [skip('quarantined'), 'held'],
  [wait('frozen'), 'held'],
  [wait('paused'), 'held'],
  [wait('recovering'), 'waiting'],
  [wait('deployment-in-progress'), 'waiting'],
  [skip('no-matching-image'), 'failed'],
  [undefined, 'failed'],
])('nothing is begun because of %o', (decision, expected) => {
  expect(codeOf(decision)).toBe(exitCodes[expected])
})

test.each<[DeliveryDecision | undefined, string | undefined]>([
  [wait('paused'), 'capstan service resume prod/web'],
  [wait('frozen'), '--break-glass'],
  [skip('quarantined'), 'capstan service release prod/web'],
  [skip('paused'), undefined],
  [skip('already-running'), undefined],
  [undefined, undefined],
])('after %o a person is told what can be done', (decision, expected) => {
  if (expected) expect(wayOn(decision)).toContain(expected)
  else expect(wayOn(decision)).toBeUndefined()
})

test.each([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
])('%s is a length of time', (text, expected) => {
  expect(parseLength(text)).toBe(expected)
})

test.each(['', '10', 'soon', '0s', '-5m'])('"%s" is refused with what to write', (text) => {
  expect(() => parseLength(text)).toThrow(/10m/)
})
