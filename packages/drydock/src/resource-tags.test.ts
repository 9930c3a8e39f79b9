import { expect, test } from 'vitest'
import { changedKeys, problemOfTag } from './resource-tags.ts'

test.each([
  ['capstan:track', 'semver:1.x', undefined],
  ['größe', 'L', undefined],
  ['k'.repeat(128), 'v'.repeat(256), undefined],
  ['', 'v', 'key'],
  ['k'.repeat(129), 'v', 'key'],
  ['a*b', 'v', 'key'],
  ['k', 'v'.repeat(257), 'value'],
  ['k', '{}', 'value'],
  ['aws:ecs', 'v', 'reserved'],
  ['AWS:ecs', 'v', 'reserved'],
])('the tag %s = %s: %s', (key, value, problem) => {
  expect(problemOfTag(key, value)).toBe(problem)
})

test('a tag has changed that was added, removed or given another value', () => {
  expect(
    changedKeys({ kept: '1', changed: '1', removed: '1' }, { kept: '1', changed: '2', added: '1' }),
  ).toEqual(['changed', 'removed', 'added'])
})
