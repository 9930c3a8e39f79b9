import { expect, test } from 'vitest'
import type { TargetDescription } from '../wire/services.ts'
import { countTargets } from './targets.ts'

const target = (Id: string, State: string, Reason?: string, Port = 80): TargetDescription => ({
  Target: { Id, Port },
  TargetHealth: { State, ...(Reason && { Reason, Description: 'No answer' }) },
})

const targets = [
  target('10.0.0.1', 'healthy'),
  target('10.0.0.2', 'unhealthy', 'Target.Timeout'),
  target('10.0.0.3', 'unhealthy', 'Target.Timeout'),
  target('10.0.0.4', 'initial'),
  target('10.0.0.5', 'draining'),
  target('10.0.0.6', 'unused'),
  target('i-0abc', 'unhealthy', undefined, 32768),
]

test.each([
  ['all, where no other deployment has tasks', undefined, { healthy: 1, unhealthy: 3, initial: 1 }],
  [
    "the primary deployment's, by the addresses of its tasks",
    [
      { address: '10.0.0.2', hostPorts: [] },
      { address: '10.0.0.4', hostPorts: [] },
    ],
    { healthy: 0, unhealthy: 1, initial: 1 },
  ],
  ['by the ports that tasks have on their instances', [{ hostPorts: [32768] }], { unhealthy: 1 }],
  ['none, where its tasks have no place yet', [], { healthy: 0, unhealthy: 0, initial: 0 }],
])('counts %s', (_, places, expected) => {
  expect(countTargets('group', targets, places)).toMatchObject({ targetGroup: 'group', ...expected })
})

test('tells each reason once', () => {
  expect(countTargets('group', targets.slice(0, 4), undefined).reasons).toEqual(['Target.Timeout: No answer'])
})
