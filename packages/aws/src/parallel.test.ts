import { expect, test } from 'vitest'
import { settleEach, valuesOf, valuesOrFirstError } from './parallel.ts'

test('results keep the order of the items, whatever finishes first', async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>())
  const work = settleEach([0, 1, 2], async (item) => {
    await gates[item]?.promise
    return item * 10
  })
  for (const gate of gates.toReversed()) gate.resolve()
  expect(valuesOf(await work)).toEqual([0, 10, 20])
})

test('no more than `most` are at work at a time', async () => {
  let busy = 0
  let highest = 0
  const work = async () => {
    busy += 1
    highest = Math.max(highest, busy)
    await Promise.resolve()
    busy -= 1
  }
  await settleEach(Array.from({ length: 20 }), work, 3)
  expect(highest).toBe(3)
})

test('one failure stops no other, and is thrown as it is', async () => {
  const bad = new Error('bad')
  const done: number[] = []
  const results = await settleEach([1, 2, 3], async (item) => {
    if (item === 2) throw bad
    done.push(item)
  })
  expect(done).toEqual([1, 3])
  expect(() => valuesOf(results)).toThrow(bad)
})

test('several failures are thrown together', async () => {
  const results = await settleEach(['a', 'b', 'c'], (item) =>
    item === 'b' ? Promise.resolve() : Promise.reject(new Error(item)),
  )
  expect(() => valuesOf(results)).toThrow(
    expect.objectContaining({ message: '2 of 3 failed: a; c', errors: [new Error('a'), new Error('c')] }),
  )
  expect(() => valuesOrFirstError(results)).toThrow(new Error('a'))
})

test('what already is several failures stays as many', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((item) => new Error(item))
  const inner = new AggregateError([a, b], 'both')
  const results = await settleEach([inner, c, undefined], (error) =>
    error ? Promise.reject(error) : Promise.resolve(),
  )
  expect(() => valuesOf(results)).toThrow(
    expect.objectContaining({ message: '3 of 4 failed: a; b; c', errors: [a, b, c] }),
  )
})

test('errors of one kind keep its name together, and tell the first of their reasons, each once', async () => {
  const errors = ['a', 'b', 'a', 'c', 'd'].map((message) =>
    Object.assign(new Error(message), { name: 'Busy' }),
  )
  const results = await settleEach(errors, (error) => Promise.reject(error))
  expect(() => valuesOf(results)).toThrow(
    expect.objectContaining({ name: 'Busy', message: '5 of 5 failed: a; b; c; …' }),
  )
})
