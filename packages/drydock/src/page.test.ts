import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageOf } from './page.ts'

const badToken = () => new Error('No such page')
const page = (keys: readonly string[], size: number, token?: string, isDescending = false) =>
  pageOf(keys, (key) => key, { size, token, isDescending, badToken })

test.each([false, true])('the pages together are the list in order, descending: %s', (isDescending) => {
  const list = fc.uniqueArray(fc.string({ minLength: 1 }))
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 100 }), (keys, size) => {
      const all: string[] = []
      let token: string | undefined
      do {
        const { items, nextToken } = page(keys, size, token, isDescending)
        all.push(...items)
        token = nextToken
      } while (token)
      const sorted = keys.toSorted()
      expect(all).toEqual(isDescending ? sorted.reverse() : sorted)
    }),
  )
})

test.each([
  [false, ['c', 'd']],
  [true, ['b', 'a']],
])('an item that is removed between two pages hides no other, descending: %s', (isDescending, rest) => {
  const { items, nextToken } = page(['a', 'b', 'c', 'd'], 2, undefined, isDescending)
  const removed = items.at(-1)
  const left = ['a', 'b', 'c', 'd'].filter((key) => key !== removed)
  expect(page(left, 2, nextToken, isDescending).items).toEqual(rest)
})

test('an item that is added between two pages repeats no other', () => {
  const { nextToken } = page(['b', 'c', 'd'], 2)
  expect(page(['a', 'b', 'c', 'd'], 2, nextToken).items).toEqual(['d'])
})

test('the last page has no token', () => {
  expect(page(['a', 'b'], 2).nextToken).toBeUndefined()
})

test.each(['', 'bogus', Buffer.from('a').toString('base64url')])('the token "%s" is of no page', (token) => {
  expect(() => page(['a'], 1, token)).toThrow('No such page')
})
