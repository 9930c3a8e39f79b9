import { expect, test } from 'vitest'
import { stateIn } from './targets.ts'

const at = (
  Id: string,
  Port: number,
  State: 'healthy' | 'draining' | 'unused' | 'unavailable' | 'unhealthy',
) => ({
  Target: { Id, Port },
  TargetHealth: { State },
})
const own = { id: 'a1', address: '10.0.0.1', ports: [] }
const hosted = { id: 'a1', instance: 'i-1', ports: [32_768] }

test.each([
  [
    'a target with its address',
    [at('10.0.0.1', 80, 'healthy'), at('10.0.0.2', 80, 'unhealthy')],
    own,
    'healthy',
  ],
  ['no target of its own', [at('10.0.0.2', 80, 'healthy')], own, 'absent'],
  ['its port on its instance', [at('i-1', 32_768, 'unhealthy')], hosted, 'unhealthy'],
  ['another port of its instance', [at('i-1', 32_769, 'healthy')], hosted, 'absent'],
  ['the same port of another instance', [at('i-2', 32_768, 'healthy')], hosted, 'absent'],
  ['a group that no listener uses', [at('10.0.0.1', 80, 'unused')], own, undefined],
  ['health checks that are off', [at('10.0.0.1', 80, 'unavailable')], own, undefined],
  [
    'both groups of a deployment',
    [at('10.0.0.1', 80, 'draining'), at('10.0.0.1', 80, 'healthy')],
    own,
    'healthy',
  ],
])('a task with %s', (_, targets, place, expected) => {
  expect(stateIn(targets, place)).toBe(expected)
})
