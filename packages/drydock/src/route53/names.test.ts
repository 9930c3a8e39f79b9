/** Names in the one form that they are kept in. */
import { expect, test } from 'vitest'
import { canonicalName, isWithin, parentOf, sortKeyOf } from './names.ts'

test.each([
  ['Example.COM', 'example.com.'],
  ['example.com.', 'example.com.'],
  ['*.example.com', '\\052.example.com.'],
  ['\\052.example.com', '\\052.example.com.'],
  ['_sip._TCP.example.com', '_sip._tcp.example.com.'],
  ['a/b.example.com', 'a\\057b.example.com.'],
  ['.', '.'],
])('%s is kept as %s', (text, expected) => {
  expect(canonicalName(text)).toBe(expected)
})

test.each([
  ['a..b', 'DomainLabelEmpty'],
  [`${'x'.repeat(64)}.com`, 'DomainLabelTooLong'],
  [Array.from({ length: 5 }, () => 'x'.repeat(60)).join('.'), 'DomainNameTooLong'],
  ['a b.com', 'UnsupportedCharacter'],
  ['ä€.com', 'UnsupportedCharacter'],
])('%s is refused as %s', (text, code) => {
  expect(() => canonicalName(text)).toThrow(code)
})

test('names are above, within and before each other by their labels', () => {
  expect(parentOf('a.example.com.')).toBe('example.com.')
  expect(parentOf('com.')).toBe('.')
  expect(parentOf('.')).toBeUndefined()
  expect(isWithin('a.example.com.', 'example.com.')).toBe(true)
  expect(isWithin('aexample.com.', 'example.com.')).toBe(false)
  const names = ['b.example.com.', 'a-b.example.com.', 'x.a.example.com.', 'a.example.com.', 'example.com.']
  expect(names.toSorted((x, y) => (sortKeyOf(x) < sortKeyOf(y) ? -1 : 1))).toEqual([
    'example.com.',
    'a.example.com.',
    'x.a.example.com.',
    'a-b.example.com.',
    'b.example.com.',
  ])
})
