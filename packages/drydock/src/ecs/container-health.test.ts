import type { HealthCheck, HealthStatus } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterCheck,
  commandOfCheck,
  healthOfTask,
  newHealth,
  requireHealthCheck,
  withHealthDefaults,
} from './container-health.ts'
import type { ContainerRecord } from './state.ts'

const CHECK: HealthCheck = { command: ['CMD-SHELL', 'true'], interval: 10, retries: 2 }

test.each<[string, Partial<HealthCheck>, boolean[], HealthStatus]>([
  ['nothing is known before the first check', {}, [], 'UNKNOWN'],
  ['one success is enough', {}, [true], 'HEALTHY'],
  ['a failure fewer than the retries is forgiven', {}, [false], 'UNKNOWN'],
  ['failures in a row make it unhealthy', {}, [false, false], 'UNHEALTHY'],
  ['a success in between starts the row anew', {}, [false, true, false], 'HEALTHY'],
  ['what was healthy can fail', {}, [true, false, false], 'UNHEALTHY'],
  ['what has failed can recover', {}, [false, false, true], 'HEALTHY'],
  ['failures in the start period do not count', { startPeriod: 25 }, [false, false, false], 'UNKNOWN'],
  ['they count after it', { startPeriod: 25 }, [false, false, false, false], 'UNHEALTHY'],
  ['or from the first success on', { startPeriod: 300 }, [true, false, false], 'UNHEALTHY'],
  ['three tries unless told', { retries: undefined }, [false, false], 'UNKNOWN'],
])('%s', (_, settings, outcomes, status) => {
  const check = { ...CHECK, ...settings }
  const end = outcomes.reduce(
    (health, hasPassed, index) => {
      return afterCheck(health, hasPassed, check, (index + 1) * 10_000)
    },
    newHealth(check, 0),
  )
  expect(end).toMatchObject({ status, nextAt: (outcomes.length + 1) * 10_000 })
})

test('unhealthy means that as many checks as there are retries have failed in a row', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      (outcomes, retries) => {
        const check = { ...CHECK, retries }
        const { status } = outcomes.reduce(
          (health, passed) => afterCheck(health, passed, check, 0),
          newHealth(check, 0),
        )
        const row = outcomes.length - 1 - outcomes.lastIndexOf(true)
        expect(status === 'UNHEALTHY').toBe(row >= retries)
        expect(status === 'HEALTHY').toBe(outcomes.includes(true) && row < retries)
      },
    ),
  )
})

const containers = (...statuses: (HealthStatus | 'none' | 'helper')[]) => ({
  definition: {
    containerDefinitions: statuses.map((status, index) => ({
      name: `c${index}`,
      essential: status !== 'helper',
      ...(status !== 'none' && { healthCheck: CHECK }),
    })),
  },
  records: statuses.map((status, index) => {
    const health = { status: status === 'helper' ? 'UNHEALTHY' : status, since: 0, failures: 0, runs: 1 }
    return { name: `c${index}`, health } as unknown as ContainerRecord
  }),
})

// The first ones are AWS's own examples (API Reference: HealthCheck).
test.each<[(HealthStatus | 'none' | 'helper')[], HealthStatus | undefined]>([
  [['UNHEALTHY', 'UNKNOWN'], 'UNHEALTHY'],
  [['UNHEALTHY', 'HEALTHY'], 'UNHEALTHY'],
  [['HEALTHY', 'UNKNOWN'], 'UNKNOWN'],
  [['HEALTHY', 'HEALTHY'], 'HEALTHY'],
  [['UNHEALTHY', 'UNKNOWN', 'HEALTHY'], 'UNHEALTHY'],
  [['HEALTHY', 'UNKNOWN', 'HEALTHY'], 'UNKNOWN'],
  [['HEALTHY', 'helper'], 'HEALTHY'],
  [['HEALTHY', 'none'], 'HEALTHY'],
  [['none', 'none'], undefined],
  [['helper'], undefined],
])('a task of containers that are %j is %s', (statuses, expected) => {
  const { definition, records } = containers(...statuses)
  expect(healthOfTask(records, definition)).toBe(expected)
})

test.each<[string[], string[]]>([
  [
    ['CMD', 'wget', '-q', 'http://localhost/'],
    ['wget', '-q', 'http://localhost/'],
  ],
  [
    ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'],
    ['/bin/sh', '-c', 'curl -f http://localhost/ || exit 1'],
  ],
])('%j runs %j', (command, expected) => {
  expect(commandOfCheck({ command })).toEqual(expected)
})

test.each<[Partial<HealthCheck>, string]>([
  [{ command: [] }, 'command must be'],
  [{ command: ['CMD'] }, 'command must be'],
  [{ command: ['curl', 'localhost'] }, 'command must be'],
  [{ interval: 4 }, 'interval must be between 5 and 300'],
  [{ interval: 301 }, 'interval must be between 5 and 300'],
  [{ timeout: 1 }, 'timeout must be between 2 and 60'],
  [{ timeout: 61 }, 'timeout must be between 2 and 60'],
  [{ retries: 0 }, 'retries must be between 1 and 10'],
  [{ retries: 11 }, 'retries must be between 1 and 10'],
  [{ startPeriod: -1 }, 'startPeriod must be between 0 and 300'],
  [{ startPeriod: 301 }, 'startPeriod must be between 0 and 300'],
])('a health check with %j is refused', (settings, message) => {
  const healthCheck = { ...CHECK, ...settings }
  expect(() => requireHealthCheck({ name: 'web', healthCheck })).toThrow(message)
})

test('the widest and the narrowest check are accepted, and defaults filled in', () => {
  for (const [interval, timeout, retries, startPeriod] of [
    [5, 2, 1, 0],
    [300, 60, 10, 300],
  ])
    requireHealthCheck({ healthCheck: { command: ['CMD', 'true'], interval, timeout, retries, startPeriod } })
  const command = ['CMD', 'true']
  expect(withHealthDefaults({ command })).toEqual({ command, interval: 30, timeout: 5, retries: 3 })
})
