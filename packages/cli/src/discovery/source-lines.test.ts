import { publication, WEB } from '@capstan/core/discovery/builders.ts'
import type { Publication } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { sourceLine } from './source-lines.ts'

const lineOf = (overrides: Partial<Publication>, isConfigured = false) =>
  sourceLine({ source: WEB, publication: publication(overrides), tasks: [] }, () => isConfigured)

test.each<[string, Partial<Publication>]>([
  ['prod/web, by its tags: A of private addresses, TTL 10 s, policy sync', {}],
  [
    'prod/web, by its tags: A SRV of public addresses, TTL 30 s, port app:8080, a name for each task, a TXT record, zone Z9, policy upsert-only',
    {
      ...{ types: ['A', 'SRV'], address: 'public', ttl: 30, port: { container: 'app', port: 8080 } },
      ...{ perTask: true, txt: true, zone: 'Z9', policy: 'upsert-only' },
    },
  ],
  ['prod/web, by its tags: AAAA of IPv6 addresses, TTL 10 s, policy sync', { types: ['AAAA'] }],
  [
    'prod/web, by its tags: A AAAA of private and IPv6 addresses, TTL 10 s, policy sync',
    { types: ['A', 'AAAA'] },
  ],
  [
    'prod/web, by its tags: private addresses, port 8080, policy sync',
    { target: { kind: 'cloud-map', namespace: 'shop', service: 'web' }, port: { port: 8080 } },
  ],
])('%s', (line, overrides) => {
  expect(lineOf(overrides)).toBe(line)
})

test('settings of the config file are told as such', () => {
  expect(lineOf({}, true)).toMatch(/^prod\/web, by the config file: /)
})
