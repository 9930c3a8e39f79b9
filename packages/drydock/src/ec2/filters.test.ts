/** What passes filters, and what is no filter. */
import type { Tag } from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { type FilterTable, filtered } from './filters.ts'

interface Thing {
  readonly id: string
  readonly on: boolean
  readonly tags: Tag[]
}

const things: Thing[] = [
  { id: 'a.b', on: true, tags: [{ Key: 'Team', Value: 'shop' }] },
  { id: 'axb', on: false, tags: [{ Key: 'Team', Value: 'ops' }] },
  { id: 'c*', on: true, tags: [] },
]
const table: FilterTable<Thing> = { id: ({ id }) => [id], on: ({ on }) => [on], none: () => [] }

const passing = (...filters: [string, ...string[]][]) =>
  filtered(
    things,
    filters.map(([Name, ...Values]) => ({ Name, Values })),
    table,
    ({ tags }) => tags,
  ).map(({ id }) => id)

test.each<[string, [string, ...string[]][], string[]]>([
  ['none passes all', [], ['a.b', 'axb', 'c*']],
  ['a value is taken as it is', [['id', 'a.b']], ['a.b']],
  ['one of several values', [['id', 'a.b', 'c*']], ['a.b', 'c*']],
  [
    'all of several filters',
    [
      ['id', 'a*'],
      ['on', 'true'],
    ],
    ['a.b'],
  ],
  ['a question mark is one character', [['id', 'a?b']], ['a.b', 'axb']],
  [
    'an escaped wildcard is itself',
    [
      ['id', '\\*'],
      ['id', 'c\\*'],
    ],
    [],
  ],
  ['an escaped star at the end', [['id', 'c\\*']], ['c*']],
  ['case counts', [['id', 'A*']], []],
  ['a tag', [['tag:Team', 'shop']], ['a.b']],
  ['the key of a tag', [['tag-key', 'Te*']], ['a.b', 'axb']],
  ['what nothing has', [['none', '*']], []],
])('%s', (_, filters, expected) => {
  expect(passing(...filters)).toEqual(expected)
})

test.each<[string, [string, ...string[]], string]>([
  ['an unknown name', ['foo', 'a'], "The filter 'foo' is invalid"],
  ['a name of every object', ['constructor', 'a'], "The filter 'constructor' is invalid"],
  ['no values', ['id'], 'id'],
])('%s is refused', (_, filter, message) => {
  expect(() => passing(filter)).toThrow(expect.objectContaining({ name: 'InvalidParameterValue', message }))
})
