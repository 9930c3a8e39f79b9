import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AlarmRule, alarmsOf, holds, parseRule } from './rule.ts'
import type { StateValue } from './state.ts'

const states: Record<string, StateValue> = {
  a: 'ALARM',
  b: 'OK',
  c: 'INSUFFICIENT_DATA',
  'two words': 'ALARM',
}
const check = (text: string) => holds(parseRule(text), (name) => states[name])

test.each([
  ['ALARM(a)', true],
  ['ALARM(b)', false],
  ['OK(b)', true],
  ['INSUFFICIENT_DATA(c)', true],
  ['ALARM("two words")', true],
  ['ALARM(a) AND OK(b)', true],
  ['ALARM(a) AND ALARM(b)', false],
  ['ALARM(b) OR ALARM(a)', true],
  ['NOT ALARM(b)', true],
  ['NOT(ALARM(a))', false],
  ['NOT NOT ALARM(a)', true],
  ['ALARM(a) AND NOT ALARM(b)', true],
  ['(ALARM(a) OR ALARM(b)) AND OK(b)', true],
  ['ALARM(a) OR ALARM(a) AND ALARM(b)', true],
  ['(ALARM(a) OR ALARM(a)) AND ALARM(b)', false],
  ['TRUE', true],
  ['FALSE', false],
  ['NOT FALSE AND TRUE', true],
  ['\n ALARM( a )\n\tAND TRUE ', true],
])('%s is %s', (text, expected) => {
  expect(check(text)).toBe(expected)
})

test('a rule names alarms as they were given, each once', () => {
  const arn = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:a'
  expect(alarmsOf(parseRule(`ALARM(a) OR (OK("${arn}") AND NOT ALARM(a))`))).toEqual(['a', arn])
})

test.each([
  ['', 'it ends too early'],
  ['ALARM(a) AND', 'it ends too early'],
  ['ALARM(a', "unexpected 'ALARM(a' at position 0"],
  ['ALARM(a) ALARM(b)', "unexpected 'ALARM(b)' at position 8"],
  ['(ALARM(a)', 'it ends too early'],
  ['alarm(a)', "unexpected 'alarm(a)' at position 0"],
  ['AT_LEAST(1, ALARM, (a, b))', "unexpected 'AT_LEAST(1, ALARM, (a, b))' at position 0"],
  [Array.from({ length: 101 }, (_, i) => `ALARM(a${i})`).join(' OR '), 'more than 100 alarms'],
  [Array.from({ length: 501 }, () => 'TRUE').join(' OR '), 'more than 500 elements'],
  ['('.repeat(600), 'more than 500 elements'],
])('%s is refused', (text, reason) => {
  expect(() => parseRule(text)).toThrow(`The alarm rule is not valid: ${reason}.`)
})

const rules: fc.Arbitrary<AlarmRule> = fc.letrec<{ rule: AlarmRule }>((tie) => ({
  rule: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constant('constant' as const), value: fc.boolean() }),
    fc.record({
      kind: fc.constant('state' as const),
      state: fc.constantFrom<StateValue>('OK', 'ALARM', 'INSUFFICIENT_DATA'),
      alarm: fc.constantFrom('a', 'b', 'c'),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('rule') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      left: tie('rule'),
      right: tie('rule'),
    }),
  ),
})).rule

function write(rule: AlarmRule): string {
  switch (rule.kind) {
    case 'constant':
      return rule.value ? 'TRUE' : 'FALSE'
    case 'state':
      return `${rule.state}(${rule.alarm})`
    case 'not':
      return `NOT (${write(rule.operand)})`
    default:
      return `(${write(rule.left)}) ${rule.kind.toUpperCase()} (${write(rule.right)})`
  }
}

test('what is written with all its parentheses is read as it was meant', () => {
  fc.assert(
    fc.property(rules, (rule) => {
      fc.pre(write(rule).length < 2000)
      const stateOf = (name: string) => states[name]
      expect(holds(parseRule(write(rule)), stateOf)).toBe(holds(rule, stateOf))
    }),
  )
})
