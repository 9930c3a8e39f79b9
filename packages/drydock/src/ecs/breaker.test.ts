import type { ThresholdConfiguration } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { failureThreshold, requireThreshold } from './breaker.ts'

test.each<[ThresholdConfiguration | undefined, number, number]>([
  [undefined, 0, 3],
  [undefined, 1, 3],
  [undefined, 6, 3],
  [undefined, 7, 4],
  [undefined, 25, 13],
  [undefined, 399, 200],
  [undefined, 400, 200],
  [undefined, 800, 200],
  [{ type: 'BOUNDED_PERCENT', value: 100 }, 2, 3],
  [{ type: 'BOUNDED_PERCENT', value: 10 }, 45, 5],
  [{ type: 'BOUNDED_PERCENT', value: 100 }, 201, 200],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 800, 400],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 3, 2],
  [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 0, 1],
  [{ type: 'COUNT', value: 1 }, 800, 1],
  [{ type: 'COUNT', value: 250 }, 1, 250],
])('%j with %i tasks desired fails after %i failures', (thresholdConfiguration, desired, threshold) => {
  expect(failureThreshold(desired, { thresholdConfiguration })).toBe(threshold)
})

test.each<[string, number, string]>([
  ['COUNT', 0, 'positive'],
  ['COUNT', 1.5, 'positive'],
  ['BOUNDED_PERCENT', 0, 'from 1 to 100'],
  ['BOUNDED_PERCENT', 101, 'from 1 to 100'],
  ['UNBOUNDED_PERCENT', 101, 'from 1 to 100'],
  ['PERCENT', 50, 'should be one of [BOUNDED_PERCENT,COUNT,UNBOUNDED_PERCENT]'],
])('a threshold of type %s and value %d is refused', (type, value, message) => {
  const thresholdConfiguration = { type, value } as ThresholdConfiguration
  const configuration = { deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration } }
  expect(() => requireThreshold(configuration)).toThrow(message)
})
