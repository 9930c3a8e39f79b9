/** Who runs when more events come than a machine can run at once. */
import { expect, test } from 'vitest'
import { FunctionTurns } from './function-turns.ts'

test('turns are had in order, and one function never waits for another', async () => {
  const turns = new FunctionTurns(2)
  const had: string[] = []
  const take = async (name: string) => {
    if (await turns.enter('f')) had.push(name)
  }
  const all = ['a', 'b', 'c', 'd'].map(take)
  await Promise.all(all.slice(0, 2))
  expect(had).toEqual(['a', 'b'])
  expect(await turns.enter('g')).toBe(true)
  turns.leave('f')
  await all[2]
  turns.leave('f')
  await all[3]
  expect(had).toEqual(['a', 'b', 'c', 'd'])
})

test('those who wait are sent away, and turns are free again afterwards', async () => {
  const turns = new FunctionTurns(1)
  expect(await turns.enter('f')).toBe(true)
  const waiting = turns.enter('f')
  turns.clear()
  expect(await waiting).toBe(false)
  turns.leave('f')
  expect(await turns.enter('f')).toBe(true)
})
