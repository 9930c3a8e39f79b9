import { expect, test } from 'vitest'
import { parseFilterPattern } from './filter-pattern.ts'

// Most of these are the guide's own (CloudWatch Logs User Guide: filter pattern syntax).
test.each<[string | undefined, string, boolean]>([
  [undefined, 'anything', true],
  ['', 'anything', true],
  ['  ', '', true],
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR', '[error 400] BAD REQUEST', false],
  ['ERROR ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', true],
  ['ERROR ARGUMENTS', '[ERROR 400] BAD REQUEST', false],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['"INTERNAL SERVER ERROR"', 'INTERNAL ERROR IN SERVER', false],
  ['?ERROR ?ARGUMENTS', '[WARN] MISSING ARGUMENTS', true],
  ['?ERROR ?ARGUMENTS', '[WARN] BAD REQUEST', false],
  ['ERROR -ARGUMENTS', '[ERROR 400] BAD REQUEST', true],
  ['ERROR -ARGUMENTS', '[ERROR 419] MISSING ARGUMENTS', false],
  ['-"BAD REQUEST"', '[ERROR 400] BAD REQUEST', false],
  ['?ERROR BAD', 'BAD REQUEST', true],
  ['?ERROR BAD', 'an ERROR', false],
  ['"say \\"hi\\""', 'they say "hi" to all', true],
  ['a_1', 'x a_1 y', true],
])('%j on %j: %s', (pattern, text, expected) => {
  expect(parseFilterPattern(pattern)(text)).toBe(expected)
})

test.each([
  ['"never ends', 'Invalid filter pattern'],
  ['a"b"', 'Invalid filter pattern'],
  ['foo.bar', "Invalid character(s) in term 'foo.bar'"],
  ['{ $.level = "ERROR" }', 'for JSON or for events with columns is not supported'],
  ['[ip, user]', 'for JSON or for events with columns is not supported'],
  ['%A+%', 'A regular expression in a filter pattern is not supported'],
  ['x'.repeat(1025), 'too long'],
])('%j is refused', (pattern, message) => {
  expect(() => parseFilterPattern(pattern)).toThrow(message)
})
