// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of policies look like this
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expanded, matches, matchesAction, matchesArn, tokensOf } from './pattern.ts'

/** IAM User Guide, policy elements Action and Resource, with their examples' forms. */
test.each([
  ['ecs:UpdateService', 'ecs:UpdateService', true],
  ['ecs:updateservice', 'ECS:UpdateService', true],
  ['ecs:Update*', 'ecs:UpdateService', true],
  ['ecs:*Service', 'ecs:UpdateService', true],
  ['ecs:?pdateService', 'ecs:UpdateService', true],
  ['*', 'ecs:UpdateService', true],
  ['ecs:*', 'ecr:BatchGetImage', false],
  ['ecs:Update', 'ecs:UpdateService', false],
])('the action pattern %s against %s: %s', (pattern, action, expected) => {
  expect(matchesAction(pattern, action)).toBe(expected)
})

const TABLE = 'arn:aws:dynamodb:eu-west-1:123456789012:table/ledger'
test.each([
  ['*', TABLE, true],
  [TABLE, TABLE, true],
  ['arn:aws:dynamodb:*:123456789012:table/*', TABLE, true],
  ['arn:aws:dynamodb:*:*:table/ledger/index/*', TABLE, false],
  ['arn:aws:dynamodb:eu-west-?:123456789012:table/ledger', TABLE, true],
  ['arn:aws:dynamodb:*', TABLE, false],
  ['arn:aws:*:table/ledger', TABLE, false],
  ['arn:aws:dynamodb:*:table/ledger', TABLE, false],
  ['arn:aws:logs:*:*:*', 'arn:aws:logs:us-east-1:123456789012:log-group:a:log-stream:b', true],
  ['arn:aws:logs:*:*:log-group:a:*', 'arn:aws:logs:us-east-1:123456789012:log-group:a:log-stream:b', true],
  ['arn:aws:route53:::hostedzone/*', 'arn:aws:route53:::hostedzone/Z1', true],
  ['arn:aws:route53:::hostedzone/z1', 'arn:aws:route53:::hostedzone/Z1', false],
  [TABLE, '*', false],
])('the resource pattern %s against %s: %s', (pattern, arn, expected) => {
  expect(matchesArn(tokensOf(pattern), arn)).toBe(expected)
})

const context = new Map([
  ['aws:principaltag/team', ['blue*']],
  ['aws:tagkeys', ['a', 'b']],
])
test.each([
  ['a/${aws:PrincipalTag/team}/b', 'a/blue*/b', true],
  ['a/${aws:PrincipalTag/team}/b', 'a/blueish/b', false],
  ["${aws:username, 'nobody'}", 'nobody', true],
  ['${*}${?}${$}', '*?$', true],
  ['${*}', 'x', false],
])('the variables of %s, against %s: %s', (pattern, text, expected) => {
  const tokens = expanded(pattern, context)
  expect(tokens && matches(tokens, text)).toBe(expected)
})

test.each(['${aws:username}', '${aws:TagKeys}'])('%s has no one value', (pattern) => {
  expect(expanded(pattern, context)).toBeUndefined()
})

test('text without wildcards matches itself and nothing else', () => {
  const plain = fc.string().filter((text) => !/[*?]/.test(text))
  fc.assert(
    fc.property(plain, plain, (text, other) => {
      expect(matches(tokensOf(text), text)).toBe(true)
      expect(matches(tokensOf(text), other)).toBe(text === other)
    }),
  )
})

test('a star takes the place of any text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (before, between, after) => {
      const pattern = [{ text: before }, '*' as const, { text: after }]
      expect(matches(pattern, before + between + after)).toBe(true)
    }),
  )
})
