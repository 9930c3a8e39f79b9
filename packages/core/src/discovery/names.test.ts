/** How sources and targets are named. */
import { expect, test } from 'vitest'
import {
  nameProblem,
  normalName,
  parseSourceName,
  parseTargetName,
  serviceProblem,
  sourceName,
  sourceOf,
  targetName,
} from './names.ts'

test.each([
  ['prod/web', 'prod', 'service:web', 'prod/web'],
  ['web', 'default', 'service:web', 'default/web'],
  ['prod/family:worker', 'prod', 'family:worker', 'prod/family:worker'],
  ['family:worker', 'default', 'family:worker', 'default/family:worker'],
])('%s is a source', (text, cluster, group, name) => {
  expect(parseSourceName(text)).toEqual({ cluster, group })
  expect(sourceName({ cluster, group })).toBe(name)
})

test.each(['', 'a/b/c', 'prod/', '/web', 'prod/other:web', 'prod/we b'])('"%s" is no source', (text) => {
  expect(parseSourceName(text)).toBeUndefined()
})

test('a task of no service is found by the family of its task definition', () => {
  const arn = 'arn:aws:ecs:us-east-1:123456789012:task-definition/worker:12'
  expect(sourceOf('prod', 'service:web', arn)).toEqual({ cluster: 'prod', group: 'service:web' })
  expect(sourceOf('prod', 'my-own-group', arn)).toEqual({ cluster: 'prod', group: 'family:worker' })
})

test.each([
  ['Web.Example.com.', { kind: 'dns', name: 'web.example.com' }, 'web.example.com'],
  ['shop/web', { kind: 'cloud-map', namespace: 'shop', service: 'web' }, 'shop/web'],
  ['a/b/web', { kind: 'cloud-map', namespace: 'a/b', service: 'web' }, 'a/b/web'],
])('%s is a target', (text, target, name) => {
  const parsed = parseTargetName(text)
  expect(parsed).toEqual(target)
  expect(parsed && targetName(parsed)).toBe(name)
})

test.each([
  ['', 'has an empty label; write a name such as web.example.com'],
  ['web..com', 'has an empty label; write a name such as web.example.com'],
  ['*.example.com', 'is a wildcard; write the name itself'],
  ['web site.com', 'has other characters than letters, digits, hyphens and underscores'],
  ['bücher.de', 'has other characters'],
  [`${'a'.repeat(64)}.com`, `has the label ${'a'.repeat(20)}… of 64 characters; write at most 63`],
  [`${'abc.'.repeat(63)}ab`, 'has 254 characters; write at most 253'],
])('the name "%s" is refused', (name, problem) => {
  expect(nameProblem(normalName(name))).toContain(problem)
  expect(parseTargetName(name)).toBeUndefined()
})

test('there is room for the names of tasks', () => {
  const name = `${'abc.'.repeat(60)}ab`
  expect(nameProblem(name)).toBeUndefined()
  expect(nameProblem(name, 33)).toBe(
    'has 242 characters; write at most 220, because its tasks have names below it',
  )
})

test('a service of Cloud Map has a name without a slash', () => {
  expect(serviceProblem('shop', 'web')).toBeUndefined()
  expect(serviceProblem('shop', 'we b')).toContain('strange service')
  expect(serviceProblem('sh op', 'web')).toContain('strange namespace')
})
