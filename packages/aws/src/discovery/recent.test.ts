import { expect, test } from 'vitest'
import { recentOf } from './recent.ts'

function counted() {
  const loads: (readonly string[])[] = []
  const clock = { now: 0 }
  const recent = recentOf(
    async (keys) => {
      loads.push(keys)
      return keys.map((key) => `${key}${loads.length}`)
    },
    () => clock.now,
  )
  return { clock, loads, recent }
}

test('what was read is believed for ten seconds, and only what is missing is read', async () => {
  const { clock, loads, recent } = counted()
  expect(await recent(['a', 'a', 'b'])).toEqual(['a1', 'a1', 'b1'])
  clock.now = 9_999
  expect(await recent(['b', 'c'])).toEqual(['b1', 'c2'])
  clock.now = 10_000
  expect(await recent(['a', 'c'])).toEqual(['a3', 'c2'])
  expect(loads).toEqual([['a', 'b'], ['c'], ['a']])
})

test('what is asked for afresh is read again, and believed from then on', async () => {
  const { clock, recent } = counted()
  await recent(['a'])
  clock.now = 9_000
  expect(await recent(['a'], true)).toEqual(['a2'])
  clock.now = 18_000
  expect(await recent(['a'])).toEqual(['a2'])
})

test('those who ask at the same time share one read', async () => {
  const { loads, recent } = counted()
  expect(await Promise.all([recent(['a']), recent(['a'])])).toEqual([['a1'], ['a1']])
  expect(loads).toHaveLength(1)
})

test('a read that failed is not remembered', async () => {
  let isDown = true
  const recent = recentOf(
    async (keys) => {
      if (isDown) throw new Error('down')
      return keys
    },
    () => 0,
  )
  await expect(recent(['a'])).rejects.toThrow('down')
  isDown = false
  expect(await recent(['a'])).toEqual(['a'])
})
