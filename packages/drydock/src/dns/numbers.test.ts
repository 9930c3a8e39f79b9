/** Numbers that choose: each from 0 to below 1, evenly, and the same for the same seed. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { numbersFrom } from './numbers.ts'

const take = (count: number, seed: number) => Array.from({ length: count }, numbersFrom(seed))

test('every tenth has its tenth of the numbers, whatever the seed', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (seed) => {
      const counts = new Array(10).fill(0)
      for (const number of take(10_000, seed)) counts[Math.floor(number * 10)] += 1
      expect(counts).toHaveLength(10)
      for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200)
    }),
  )
})

test('the same seed gives the same numbers, another gives others', () => {
  expect(take(20, 0.3)).toEqual(take(20, 0.3))
  expect(take(20, 0.3)).not.toEqual(take(20, 0.4))
})
