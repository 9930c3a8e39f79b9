import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock, virtualClock } from './clock.ts'

test('a virtual clock stands still until it is moved, and never goes back', () => {
  const clock = virtualClock(1000)
  expect(clock.now()).toBe(1000)
  clock.moveTo(2000)
  clock.moveTo(500)
  expect(clock.now()).toBe(2000)
})

test('a virtual clock starts in 2026 unless told', () => {
  expect(new Date(virtualClock().now()).toISOString()).toBe('2026-01-01T00:00:00.000Z')
})

test('an alarm rings once, when its time has come, and only the last one that was set', () => {
  const clock = virtualClock(0)
  const rung: string[] = []
  clock.setAlarm(10, () => rung.push('first'))
  clock.setAlarm(20, () => rung.push('second'))
  clock.moveTo(19)
  expect(rung).toEqual([])
  clock.moveTo(20)
  clock.moveTo(30)
  expect(rung).toEqual(['second'])
  expect(clock.alarm()).toBeUndefined()
})

test('an alarm that is taken back does not ring', () => {
  const clock = virtualClock(0)
  const rung: string[] = []
  clock.setAlarm(10, () => rung.push('first'))
  clock.setAlarm(undefined, () => rung.push('never'))
  clock.moveTo(100)
  expect(rung).toEqual([])
})

test('whatever moves it, a virtual clock is where it was moved furthest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (moves) => {
      const clock = virtualClock(0)
      for (const move of moves) clock.moveTo(move)
      expect(clock.now()).toBe(Math.max(0, ...moves))
    }),
  )
})

test("the machine's clock rings as well, also for what is past", async () => {
  const clock = systemClock()
  const { promise, resolve } = Promise.withResolvers<void>()
  // An alarm does not keep the process alive: here something else has to.
  const alive = setInterval(() => {}, 1000)
  clock.setAlarm(clock.now() - 1000, resolve)
  await promise
  clearInterval(alive)
})
