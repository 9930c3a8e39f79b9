import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePolicy } from './document.ts'
import { type Asker, evaluate, evaluateResource } from './evaluate.ts'

const RULE = 'arn:aws:ecs:us-east-1:123456789012:service/web/api'
const context = new Map([['iam:passedtoservice', ['ecs-tasks.amazonaws.com']]])

type Given = Record<string, unknown>
const policy = (...statements: Given[]) =>
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'identity')
const allow = (more: Given = {}) => ({ Effect: 'Allow', Action: 'ecs:*', Resource: '*', ...more })
const deny = (more: Given = {}) => ({ ...allow(more), Effect: 'Deny' })

const not = ({ Action, ...rest }: Given): Given => ({ ...rest, NotAction: Action })
const notOn = ({ Resource, ...rest }: Given): Given => ({ ...rest, NotResource: Resource })

/** IAM User Guide, policy evaluation logic. */
test.each<[string, Given[], string]>([
  ['nothing allows it', [], 'not-allowed'],
  ['another action is allowed', [allow({ Action: 'ecr:*' })], 'not-allowed'],
  ['it is allowed', [allow()], 'allowed'],
  ['a deny wins, wherever it stands', [allow(), deny()], 'explicitly-denied'],
  ['a deny wins, wherever it stands (2)', [deny(), allow()], 'explicitly-denied'],
  ['a deny of another resource does not count', [allow(), deny({ Resource: `${RULE}2` })], 'allowed'],
  ['all but this action is allowed', [not(allow({ Action: 'ecs:UpdateService' }))], 'not-allowed'],
  ['all but another action is allowed', [not(allow({ Action: 'iam:*' }))], 'allowed'],
  ['all but this resource is allowed', [notOn(allow({ Resource: RULE }))], 'not-allowed'],
  ['all but another resource is allowed', [notOn(allow({ Resource: `${RULE}2` }))], 'allowed'],
  ['one of several actions', [allow({ Action: ['ecs:List*', 'ecs:UpdateService'] })], 'allowed'],
  [
    'a condition that does not hold',
    [allow({ Condition: { StringEquals: { 'iam:PassedToService': 'x' } } })],
    'not-allowed',
  ],
  [
    'a deny whose condition holds',
    [allow(), deny({ Condition: { Null: { 'x:y': true } } })],
    'explicitly-denied',
  ],
])('%s', (_, statements, expected) => {
  const request = { action: 'ecs:UpdateService', resource: RULE, context }
  expect(evaluate(statements.length ? [policy(...statements)] : [], request)).toBe(expected)
  expect(
    evaluate(
      statements.map((each) => policy(each)),
      request,
    ),
  ).toBe(expected)
})

const anyStatement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.constantFrom('*', 'ecs:*', 'ecs:UpdateService', 'ecr:*'),
    Resource: fc.constantFrom('*', RULE, `${RULE}/x`),
  })
  .map((each): Given => each)

test('the order of statements and policies decides nothing; a deny that applies always wins', () => {
  const request = { action: 'ecs:UpdateService', resource: RULE, context }
  fc.assert(
    fc.property(fc.array(anyStatement, { minLength: 1 }), (statements) => {
      const verdict = evaluate([policy(...statements)], request)
      expect(
        evaluate(
          statements.toReversed().map((each) => policy(each)),
          request,
        ),
      ).toBe(verdict)
      const alone = statements.map((each) => evaluate([policy(each)], request))
      if (alone.includes('explicitly-denied')) expect(verdict).toBe('explicitly-denied')
      else expect(verdict).toBe(alone.includes('allowed') ? 'allowed' : 'not-allowed')
    }),
  )
})

const ACCOUNT: Asker = { kind: 'AWS', names: ['123456789012', 'arn:aws:iam::123456789012:root'] }
const LAMBDA: Asker = { kind: 'Service', names: ['lambda.amazonaws.com'] }
test.each<[string, unknown, Asker, string]>([
  ['a service that is named', { Service: 'lambda.amazonaws.com' }, LAMBDA, 'allowed'],
  ['another service', { Service: ['ecs-tasks.amazonaws.com'] }, LAMBDA, 'not-allowed'],
  ['an account by its number', { AWS: '123456789012' }, ACCOUNT, 'allowed'],
  ['an account by its root', { AWS: 'arn:aws:iam::123456789012:root' }, ACCOUNT, 'allowed'],
  ['another account', { AWS: '210987654321' }, ACCOUNT, 'not-allowed'],
  ['anyone', '*', ACCOUNT, 'allowed'],
  ['anyone, which no service is', { AWS: '*' }, LAMBDA, 'not-allowed'],
])('a trust policy names %s', (_, principal, asker, expected) => {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' },
  })
  const request = { action: 'sts:AssumeRole', resource: '*', context: new Map() }
  expect(evaluateResource(parsePolicy(text, 'trust'), asker, request)).toBe(expected)
})
