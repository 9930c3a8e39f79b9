import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { forwarded, permissionsElsewhere, rules, sources } from './rules.ts'

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

test('whatever wakes a door is forwarded from other places, and comes from AWS itself', () => {
  for (const rule of rules)
    if ('pattern' in rule) {
      const events = '$or' in rule.pattern ? rule.pattern.$or : [rule.pattern]
      expect(forwarded.$or).toEqual(expect.arrayContaining([...events]))
    }
  // PutRule takes no longer pattern.
  expect(JSON.stringify(forwarded).length).toBeLessThan(4096)
  expect(sources).toEqual(['aws.ecr', 'aws.ecs', 'aws.cloudwatch', 'aws.tag'])
})

test('in another place a door may do the same to services, and nothing to the ledger, the queues and the bus of home', () => {
  for (const rule of rules) {
    const left = rule.permissions.filter((one) => !permissionsElsewhere(rule).includes(one))
    const services = new Set(left.flatMap(({ actions }) => actions.map((action) => action.split(':')[0])))
    expect([...services].filter((service) => !['dynamodb', 'sqs', 'events'].includes(service ?? ''))).toEqual(
      [],
    )
    const kept = permissionsElsewhere(rule).flatMap(({ actions }) => actions)
    expect(kept.filter((action) => /^(dynamodb|sqs|events):/.test(action))).toEqual([])
  }
})
