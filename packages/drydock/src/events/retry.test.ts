import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextRetry } from './retry.ts'

const attempt = (attempts: number, RetryPolicy = {}) => ({
  attempts,
  acceptedAt: 0,
  target: { Id: '1', Arn: 'a', RetryPolicy },
})

test.each([
  ['the first retry is after a second', attempt(1), 0, 0, { at: 1000 }],
  ['jitter shortens a distance by up to a half', attempt(1), 0, 1, { at: 500 }],
  ['the distance doubles', attempt(4), 0, 0, { at: 8000 }],
  ['the distance grows to ten minutes', attempt(40), 0, 0, { at: 600_000 }],
  [
    'no retry is asked for',
    attempt(1, { MaximumRetryAttempts: 0 }),
    0,
    0,
    { exhausted: 'MaximumRetryAttempts' },
  ],
  ['the last retry', attempt(2, { MaximumRetryAttempts: 2 }), 0, 0, { at: 2000 }],
  [
    'the retries are used up',
    attempt(3, { MaximumRetryAttempts: 2 }),
    0,
    0,
    { exhausted: 'MaximumRetryAttempts' },
  ],
  ['185 retries unless told', attempt(186), 0, 0, { exhausted: 'MaximumRetryAttempts' }],
  [
    'the event would be too old',
    attempt(1, { MaximumEventAgeInSeconds: 60 }),
    59_500,
    0,
    { exhausted: 'MaximumEventAgeInSeconds' },
  ],
  [
    'the event would be just young enough',
    attempt(1, { MaximumEventAgeInSeconds: 60 }),
    59_000,
    0,
    { at: 60_000 },
  ],
])('%s', (_, delivery, now, jitter, expected) => {
  expect(nextRetry(delivery, now, jitter)).toEqual(expected)
})

test('distances never shrink until they are longest, never exceed ten minutes, and end within age and attempts', () => {
  const policies = fc.record({
    MaximumRetryAttempts: fc.integer({ min: 0, max: 185 }),
    MaximumEventAgeInSeconds: fc.integer({ min: 60, max: 86_400 }),
  })
  const jitters = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 186, maxLength: 186 })
  fc.assert(
    fc.property(policies, jitters, (policy, jitter) => {
      let now = 0
      let before = 0
      let attempts = 1
      for (; ; attempts++) {
        const next = nextRetry(attempt(attempts, policy), now, jitter[attempts - 1] ?? 0)
        if ('exhausted' in next) break
        const distance = next.at - now
        expect(distance).toBeGreaterThanOrEqual(Math.min(before, 300_000))
        expect(distance).toBeLessThanOrEqual(600_000)
        before = distance
        now = next.at
      }
      expect(attempts).toBeLessThanOrEqual(policy.MaximumRetryAttempts + 1)
      expect(now).toBeLessThanOrEqual(policy.MaximumEventAgeInSeconds * 1000)
    }),
  )
})
