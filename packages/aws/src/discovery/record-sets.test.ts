import { expect, test } from 'vitest'
import { actualRecord, plainName } from './record-sets.ts'

test.each([
  ['web.example.com.', 'web.example.com'],
  ['WEB.example.com', 'web.example.com'],
  ['\\052.example.com.', '*.example.com'],
  ['a\\041b.example.com.', 'a!b.example.com'],
  ['a\\056b.example.com.', 'a\\056b.example.com'],
  ['a\\134b.example.com.', 'a\\134b.example.com'],
  ['a\\351b.example.com.', 'a\\351b.example.com'],
])('Route 53 lists %s, which is %s', (listed, name) => {
  expect(plainName(listed)).toBe(name)
})

test.each<[string, object, boolean]>([
  ['a simple record set', {}, true],
  ['a multivalue one', { SetIdentifier: 'a', MultiValueAnswer: true }, true],
  ['one with a health check', { SetIdentifier: 'a', MultiValueAnswer: true, HealthCheckId: 'h' }, false],
  ['a weighted one', { SetIdentifier: 'a', Weight: 0 }, false],
  ['a failover one', { SetIdentifier: 'a', Failover: 'PRIMARY' }, false],
  ['an alias', { TTL: undefined, ResourceRecords: undefined, AliasTarget: {} }, false],
])('whether %s can be taken over', (_, more, isPlain) => {
  const set = { Name: 'a.example.com.', Type: 'A', TTL: 5, ResourceRecords: [{ Value: '10.0.0.1' }], ...more }
  expect(actualRecord(set as Parameters<typeof actualRecord>[0]).isPlain).toBe(isPlain)
})
