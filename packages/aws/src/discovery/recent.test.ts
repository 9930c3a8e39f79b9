import { expect, test } from 'vitest'
import { type Calls, recentOf } from './recent.ts'

function counted(calls?: Calls) {
  const loads: (readonly string[])[] = []
  const clock = { now: 0 }
  const recent = recentOf(
    async (keys) => {
      loads.push(keys)
      return keys.map((key) => `${key}${loads.length}`)
    },
    () => clock.now,
    calls,
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

test('a call that has room for more takes along what will be missing soon', async () => {
  const { clock, loads, recent } = counted({ size: 3, groupOf: (key) => key.charAt(0) })
  await recent(['a1', 'a2', 'a3', 'a4', 'b1'])
  await recent(['a2', 'a3', 'a4', 'b1'])
  clock.now = 5_000
  await recent(['a5', 'a4'])
  // Nobody has asked for `a1` since it was read, and `b1` would be a call of its own.
  expect(loads.at(-1)).toEqual(['a5', 'a2', 'a3'])
  clock.now = 14_000
  expect(await recent(['a2', 'a3'])).toEqual(['a22', 'a32'])
  expect(loads).toHaveLength(2)
})
