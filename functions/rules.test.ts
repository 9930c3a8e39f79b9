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

test('only actions that know no resource are allowed everywhere, and none changes anything but a new health check', () => {
  const wide = rules.flatMap(({ permissions }) =>
    permissions.flatMap(({ actions, resource }) => (resource === '*' ? actions : [])),
  )
  expect([...new Set(wide)].filter((action) => !/:(Describe|Get|List)/.test(action))).toEqual([
    'route53:CreateHealthCheck',
  ])
})

test('no action is allowed twice behind one door, and none by a star', () => {
  for (const { door, permissions } of rules) {
    const allowed = permissions.flatMap(({ actions, resource }) => actions.map((one) => `${one} ${resource}`))
    const twice = allowed.filter((one, at) => allowed.indexOf(one) !== at)
    expect({ door, twice, stars: allowed.filter((one) => /^\S*\*/.test(one)) }).toEqual({
      ...{ door, twice: [], stars: [] },
    })
  }
})
