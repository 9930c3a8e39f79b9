import { expect, test } from 'vitest'
import { boundedCache } from './bounded-cache.ts'

function counted(limit: number) {
  const loads: string[] = []
  const cache = boundedCache(limit, async (key) => {
    loads.push(key)
    if (key.startsWith('bad')) throw new Error(key)
    return key.toUpperCase()
  })
  return { loads, cache }
}

test('a key is loaded once, also for readers at the same time', async () => {
  const { loads, cache } = counted(2)
  expect(await Promise.all([cache.get('a'), cache.get('a')])).toEqual(['A', 'A'])
  expect(await cache.get('a')).toBe('A')
  expect(loads).toEqual(['a'])
})

test('the key used longest ago goes first', async () => {
  const { loads, cache } = counted(2)
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(key)
  expect(loads).toEqual(['a', 'b', 'c', 'b'])
})

test('a load that failed is tried again', async () => {
  const { loads, cache } = counted(2)
  await expect(cache.get('bad')).rejects.toThrow('bad')
  await expect(cache.get('bad')).rejects.toThrow('bad')
  expect(loads).toEqual(['bad', 'bad'])
})

test('what is set is not loaded', async () => {
  const { loads, cache } = counted(2)
  cache.set('a', 'told')
  expect(await cache.get('a')).toBe('told')
  expect(loads).toEqual([])
})
