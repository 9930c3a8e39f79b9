/** What answers to health checks make of a target. Each row tells a life: answers, and the state after each. */
import { expect, test } from 'vitest'
import type { Answer } from './effects.ts'
import { describeHealth, healthAfter, matchesCode, newHealth } from './health.ts'
import { countHealth } from './readers.ts'
import { groupOf, healthCheck, targetAt } from './testing.ts'

const good: Answer = { kind: 'status', status: 200 }
const bad: Answer = { kind: 'status', status: 500 }
const timeout: Answer = { kind: 'timeout' }
const failed: Answer = { kind: 'failed' }

test.each<[string, Answer[], string]>([
  ['one good answer is enough at the start', [good], 'healthy'],
  ['a bad first answer decides nothing', [bad], 'initial'],
  ['a good answer after a bad one is enough as well', [bad, good], 'initial healthy'],
  ['as many bad answers as the threshold make a new target unhealthy', [bad, bad], 'initial unhealthy'],
  ['one bad answer does not make a healthy target unhealthy', [good, bad], 'healthy healthy'],
  ['bad answers must follow one another', [good, bad, good, bad], 'healthy healthy healthy healthy'],
  ['two in a row do', [good, timeout, failed], 'healthy healthy unhealthy'],
  [
    'an unhealthy target needs the healthy threshold',
    [bad, bad, good, good, good],
    'initial unhealthy unhealthy unhealthy healthy',
  ],
  [
    'good answers must follow one another',
    [bad, bad, good, good, bad, good, good, good],
    'initial unhealthy unhealthy unhealthy unhealthy unhealthy unhealthy healthy',
  ],
])('%s', (_, answers, states) => {
  let health = newHealth
  const seen = answers.map((answer) => {
    health = healthAfter(health, answer, healthCheck)
    return health.state
  })
  expect(seen.join(' ')).toBe(states)
})

test.each<[Answer, string, string]>([
  [bad, 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [500]'],
  [timeout, 'Target.Timeout', 'Request timed out'],
  [failed, 'Target.FailedHealthChecks', 'Health checks failed'],
])('an unhealthy target says why: %j', (answer, Reason, Description) => {
  const target = targetAt(1, 'initial')
  target.health = healthAfter(healthAfter(newHealth, answer, healthCheck), answer, healthCheck)
  expect(describeHealth(target, groupOf([target]))).toEqual({ State: 'unhealthy', Reason, Description })
})

test('a target is described by its state, its group and its way out', () => {
  const target = targetAt(1, 'healthy')
  expect(describeHealth(target, groupOf([target]))).toEqual({ State: 'healthy' })
  const unused = { ...groupOf([target]), loadBalancerArns: [] }
  expect(describeHealth(target, unused)).toMatchObject({ State: 'unused', Reason: 'Target.NotInUse' })
  const drained = targetAt(1, 'healthy', { drainedAt: 5 })
  expect(describeHealth(drained, groupOf([drained]))).toMatchObject({
    State: 'draining',
    Reason: 'Target.DeregistrationInProgress',
  })
  const fresh = targetAt(1, 'initial')
  expect(describeHealth(fresh, groupOf([fresh]))).toMatchObject({ Reason: 'Elb.RegistrationInProgress' })
  fresh.health = healthAfter(newHealth, bad, healthCheck)
  expect(describeHealth(fresh, groupOf([fresh]))).toMatchObject({
    State: 'initial',
    Reason: 'Elb.InitialHealthChecking',
  })
})

test('a group counts its targets as they are described', () => {
  const targets = [
    targetAt(1, 'healthy'),
    targetAt(2, 'healthy', { drainedAt: 5 }),
    targetAt(3, 'unhealthy'),
    targetAt(4, 'initial'),
  ]
  const group = groupOf(targets)
  expect(countHealth(group)).toEqual({ healthy: 1, unhealthy: 1, initial: 1, draining: 1, unused: 0 })
  const unused = { ...group, loadBalancerArns: [] }
  expect(countHealth(unused)).toMatchObject({ healthy: 0, draining: 1, unused: 3 })
})

test.each([
  ['200', 200, true],
  ['200', 201, false],
  ['200,202', 202, true],
  ['200-299', 250, true],
  ['200-204,301', 301, true],
  ['200-204,301', 300, false],
])('the matcher %s takes %i: %s', (matcher, status, isMatch) => {
  expect(matchesCode(matcher, status)).toBe(isMatch)
})
