import type { ObservedName } from '@capstan/aws/discovery/observe-names.ts'
import { parseConfig } from '@capstan/core/config.ts'
import { nameView, source, WEB } from '@capstan/core/discovery/builders.ts'
import type { NameView } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { troublesAt, whatToWrite } from './connect.ts'

const known = ['web.example.com', 'prod/api']

test.each([
  ['a slip is put right', 'wbe.example.com', known, 'Write web.example.com.'],
  ['of Cloud Map as well', 'prod/apj', known, 'Write prod/api.'],
  [
    'what is like none is told where the names are',
    'nothing.test',
    known,
    "Write one of those that 'capstan discovery list' shows, such as web.example.com.",
  ],
  [
    'where there is none, it is told how to get one',
    'web.example.com',
    [],
    'Tag a service with capstan:dns or capstan:discovery, or name it in the config file.',
  ],
])('%s', (_, text, names, told) => {
  expect(whatToWrite(text, names)).toBe(told)
})

const seen = (view: NameView): ObservedName => ({ kind: 'seen', target: view.target, view })

const discovery = { dns: 'web.example.com' }

test('what belongs to no name, and who is not there, is told once', () => {
  const config = parseConfig({
    bogus: 1,
    services: { 'prod/web': { discovery }, 'prod/lost': { discovery } },
  })
  const api = { source: { cluster: 'prod', group: 'service:api' }, targets: [], told: 'no ttl.' }
  const names = [
    seen(nameView({ sources: [source([])], problems: ['a mistake.'] })),
    seen(nameView({ problems: ['a mistake.'] })),
  ]
  expect(troublesAt(config, [{ source: WEB, targets: [] }, api], names)).toEqual([
    expect.stringContaining('unknown key "bogus"'),
    'prod/api: no ttl.',
    'a mistake.',
    expect.stringMatching(/^The config file says how prod\/lost is found, but it is found nowhere/),
  ])
})

test('where all is well, nothing is told', () => {
  const config = parseConfig({ services: { 'prod/web': { discovery } } })
  expect(troublesAt(config, [], [seen(nameView({ sources: [source([])] }))])).toEqual([])
})

test('a name that cannot be looked at is told, and its sources are not called missing', () => {
  const config = parseConfig({ services: { 'prod/web': { discovery } } })
  const { target } = nameView()
  const failed: ObservedName = { kind: 'failed', target, error: new Error('AccessDenied') }
  expect(troublesAt(config, [{ source: WEB, targets: [target] }], [failed])).toEqual([
    'web.example.com cannot be shown: AccessDenied',
  ])
})
