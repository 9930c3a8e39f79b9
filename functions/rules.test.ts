import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rules } from './rules.ts'

test('every door has a rule, and every rule a door', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => !file.startsWith('rules'))
  const doors = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length))
  expect(rules.map(({ door }) => door).sort()).toEqual(doors.sort())
})

test('a rule is woken by events or by time, never by both', () => {
  for (const rule of rules) expect('pattern' in rule).not.toBe('schedule' in rule)
})
