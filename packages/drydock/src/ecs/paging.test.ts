import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageOf } from './paging.ts'

test('the pages together are the list, in its order', () => {
  const list = fc.uniqueArray(fc.string({ minLength: 1 })).map((keys) => keys.sort())
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 100 }), (keys, maxResults) => {
      const pages: string[] = []
      let nextToken: string | undefined
      do {
        const answer = pageOf(keys, { maxResults, nextToken })
        pages.push(...answer.page)
        nextToken = answer.nextToken
      } while (nextToken)
      expect(pages).toEqual(keys)
    }),
  )
})

test('a key that is removed between two pages hides no other', () => {
  const { nextToken } = pageOf(['a', 'b', 'c', 'd'], { maxResults: 2 })
  expect(pageOf(['a', 'c', 'd'], { maxResults: 2, nextToken }).page).toEqual(['c', 'd'])
})

test.each([0, 101])('pages of %i are refused', (maxResults) => {
  expect(() => pageOf([], { maxResults })).toThrow('maxResults must be between 1 and 100.')
})
