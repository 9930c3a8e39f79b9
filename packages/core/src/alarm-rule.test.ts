import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alarmNameOf, childrenOf } from './alarm-rule.ts'

/** The children as `a`, or `!a` where negated. */
function read(rule: string): string[] | undefined {
  return childrenOf(rule)?.map(({ alarm, negated }) => (negated ? `!${alarm}` : alarm))
}

test.each<[string, string[]]>([
  ['ALARM(a)', ['a']],
  ['ALARM(a) AND ALARM(b)', ['a', 'b']],
  ['ALARM(CPU) AND NOT ALARM(DeploymentInProgress)', ['CPU', '!DeploymentInProgress']],
  ['(ALARM(a) OR ALARM(b)) AND OK(c)', ['a', 'b', 'c']],
  ['NOT (ALARM(a) OR NOT ALARM(b))', ['!a', 'b']],
  ['NOT NOT ALARM(a)', ['a']],
  ['NOT(NOT(ALARM(a)) AND ALARM(b)) OR ALARM(c)', ['a', '!b', 'c']],
  ['INSUFFICIENT_DATA("with (parentheses) and spaces")', ['with (parentheses) and spaces']],
  ['ALARM("arn:aws:cloudwatch:us-east-1:1:alarm:a b")', ['arn:aws:cloudwatch:us-east-1:1:alarm:a b']],
  [' ALARM ( a )\n OR\tTRUE ', ['a']],
  ['TRUE', []],
  ['FALSE OR ALARM(x)', ['x']],
  ['ALARM(a)AND ALARM(b)', ['a', 'b']],
  ['AT_LEAST(2, ALARM, (a, "b, c", d)) AND ALARM(e)', ['a', 'b, c', 'd', 'e']],
  ['AT_LEAST(60%, NOT OK, (a, b))', ['!a', '!b']],
  ['NOT AT_LEAST(1, NOT OK, (a))', ['a']],
])('%s names %j', (rule, expected) => {
  expect(read(rule)).toEqual(expected)
})

test.each([
  '',
  'ALARM',
  'ALARM()',
  'ALARM(a',
  'ALARM(a))',
  '(ALARM(a)',
  'ALARM(a) ALARM(b)',
  'ALARM(a) AND',
  'AND ALARM(a)',
  'NOT',
  '()',
  'ALERT(a)',
  'ALARM(a) XOR ALARM(b)',
  'ALARM("a)',
  'AT_LEAST(2, ALARM)',
  `ALARM(${'a'.repeat(10_240)})`,
])('%s is no rule', (rule) => {
  expect(childrenOf(rule)).toBeUndefined()
})

test('no text makes it throw, and none takes long', () => {
  const piece = fc.constantFrom(
    'ALARM(a)',
    'OK("b")',
    '(',
    ')',
    'NOT ',
    ' AND ',
    ' OR ',
    'TRUE',
    '"',
    'AT_LEAST(1, ALARM, (',
    ',',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
  )
  fc.assert(
    fc.property(text, (rule) => {
      childrenOf(rule)
    }),
  )
  expect(childrenOf('('.repeat(10_000))).toBeUndefined()
  expect(read(`${'('.repeat(5000)}ALARM(a)${')'.repeat(5000)}`)).toEqual(['a'])
})

type Tree = { name: string } | { not: Tree } | { join: string; left: Tree; right: Tree }

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.record({ name: fc.stringMatching(/^[a-z]{1,4}$/) }),
    fc.record({ not: tie('tree') }),
    fc.record({ join: fc.constantFrom('AND', 'OR'), left: tie('tree'), right: tie('tree') }),
  ),
}))

function write(node: Tree): string {
  if ('name' in node) return `ALARM(${node.name})`
  return 'not' in node
    ? `NOT (${write(node.not)})`
    : `(${write(node.left)} ${node.join} ${write(node.right)})`
}

function expected(node: Tree, negated: boolean): string[] {
  if ('name' in node) return [negated ? `!${node.name}` : node.name]
  return 'not' in node
    ? expected(node.not, !negated)
    : [...expected(node.left, negated), ...expected(node.right, negated)]
}

test('every rule that is written is read, with its negations', () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(read(write(node))).toEqual(expected(node, false))
    }),
  )
})

test('an alarm is named by its name, or by its ARN', () => {
  expect(alarmNameOf('arn:aws:cloudwatch:us-east-1:123456789012:alarm:web:5xx')).toBe('web:5xx')
  expect(alarmNameOf('web-5xx')).toBe('web-5xx')
})
