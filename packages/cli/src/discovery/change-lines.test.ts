import type { DiscoveryDecision } from '@capstan/core/discovery/decision.ts'
import type { DiscoveryRecord } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { changeLines, formatRecord } from './change-lines.ts'

const target = { kind: 'dns', name: 'web.example.com' } as const
const facts = {}
const address = (task: string, value: string): DiscoveryRecord => ({
  ...{ name: 'web.example.com', type: 'A', ttl: 10 },
  ...{ setIdentifier: `capstan-${task}`, values: [value] },
})

test.each<[string, DiscoveryRecord]>([
  ['web.example.com 10 A 10.0.0.1 (capstan-a1)', address('a1', '10.0.0.1')],
  [
    '_capstan.web.example.com 60 TXT "heritage=capstan"',
    { name: '_capstan.web.example.com', type: 'TXT', ttl: 60, values: ['"heritage=capstan"'] },
  ],
  ['web.example.com CNAME alias', { name: 'web.example.com', type: 'CNAME', values: [] }],
  [
    'capstan-a1 AWS_INSTANCE_IPV4=10.0.0.1 CAPSTAN_SOURCE=prod/web',
    {
      name: 'capstan-a1',
      type: 'INSTANCE',
      values: ['AWS_INSTANCE_IPV4=10.0.0.1', 'CAPSTAN_SOURCE=prod/web'],
    },
  ],
])('%s is how a record is written', (text, record) => {
  expect(formatRecord(record)).toBe(text)
})

test('changes are lines with a sign, and what is left undone is none', () => {
  const decisions: DiscoveryDecision[] = [
    {
      kind: 'adopt',
      reason: 'requested',
      target,
      facts,
      records: [{ ...address('x', '10.0.0.9'), state: 'written' }],
    },
    {
      ...{ kind: 'register', reason: 'serving', target, facts },
      writes: [
        { action: 'create', record: address('a1', '10.0.0.1'), task: 'a1' },
        { action: 'upsert', record: address('a2', '10.0.0.2'), task: 'a2' },
      ],
    },
    {
      ...{ kind: 'deregister', reason: 'replaced', target, facts },
      writes: [{ action: 'delete', record: address('x', '10.0.0.9') }],
    },
    { kind: 'skip', reason: 'not-ready', target, facts },
  ]
  expect(changeLines(decisions)).toEqual([
    '= web.example.com 10 A 10.0.0.9 (capstan-x)',
    '+ web.example.com 10 A 10.0.0.1 (capstan-a1)',
    '~ web.example.com 10 A 10.0.0.2 (capstan-a2)',
    '- web.example.com 10 A 10.0.0.9 (capstan-x)',
  ])
})
