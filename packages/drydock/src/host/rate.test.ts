/** A limit holds per account, lets a burst through, and fills again with time. */
import { expect, test } from 'vitest'
import { limitedTo } from './rate.ts'

test('a burst is taken, then so many a second, for each account by itself', () => {
  let now = 0
  const take = limitedTo({ perSecond: 5, burst: 10 }, () => now)
  const takenOf = (account: string, count: number) =>
    Array.from({ length: count }).filter(() => {
      try {
        take(account)
        return true
      } catch (error) {
        expect(error).toMatchObject({ name: 'Throttling', message: 'Rate exceeded', status: 400 })
        return false
      }
    }).length
  expect(takenOf('one', 20)).toBe(10)
  expect(takenOf('two', 3)).toBe(3)
  now = 1000
  expect(takenOf('one', 20)).toBe(5)
  now = 100_000
  expect(takenOf('one', 20)).toBe(10)
})
