import { expect, test } from 'vitest'
import { functionLogs } from './function-logs.ts'

const entry = (text: string, functionArn = 'f') => ({
  at: 0,
  engineTime: 0,
  functionArn,
  logGroup: 'g',
  logStream: 's',
  text,
})

test('a function that floods its log keeps the end of it, and no other loses any', () => {
  const told: string[] = []
  const logs = functionLogs(({ text }) => told.push(text))
  logs.write(entry('calm', 'other'))
  for (let n = 0; n < 6000; n++) logs.write(entry(String(n)))
  expect(logs.of('f').length).toBeLessThanOrEqual(5000)
  expect(logs.of('f').at(-1)?.text).toBe('5999')
  expect(logs.of('other').map(({ text }) => text)).toEqual(['calm'])
  expect(told).toHaveLength(6001)
})

test('long entries are fewer', () => {
  const logs = functionLogs(undefined)
  const megabyte = 'x'.repeat(2 ** 20)
  for (let n = 0; n < 20; n++) logs.write(entry(`${n}${megabyte}`))
  const kept = logs.of('f')
  expect(kept.length).toBeLessThanOrEqual(8)
  expect(kept.at(-1)?.text.slice(0, 2)).toBe('19')
})

test('an entry longer than all that is kept is kept by itself', () => {
  const logs = functionLogs(undefined)
  logs.write(entry('before'))
  logs.write(entry('x'.repeat(9 * 2 ** 20)))
  expect(logs.of('f').map(({ text }) => text.length)).toEqual([9 * 2 ** 20])
  logs.write(entry('after'))
  expect(logs.of('f').map(({ text }) => text)).toEqual(['after'])
})

test('whoever follows is told all that is kept, then each entry', () => {
  const logs = functionLogs(undefined)
  const told: string[] = []
  logs.write(entry('before'))
  logs.follow(({ text }) => told.push(text))
  logs.write(entry('after'))
  expect(told).toEqual(['before', 'after'])
})
