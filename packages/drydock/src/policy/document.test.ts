import { expect, test } from 'vitest'
import { type PolicyKind, parsePolicy } from './document.ts'

const GOOD = { Effect: 'Allow', Action: 'ecs:*', Resource: '*' }
const TRUST = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }
const of = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const SYNTAX = 'Syntax errors in policy.'

/** IAM User Guide, grammar of the JSON policy language. */
test.each<[string, string, PolicyKind, string]>([
  ['no JSON', '{', 'identity', 'This policy contains invalid Json'],
  ['a list', '[]', 'identity', 'This policy contains invalid Json'],
  ['no statement', '{"Version":"2012-10-17"}', 'identity', SYNTAX],
  ['an unknown version', JSON.stringify({ Version: '2020-01-01', Statement: GOOD }), 'identity', SYNTAX],
  ['an unknown element', of({ ...GOOD, Actions: 'x' }), 'identity', SYNTAX],
  ['an unknown effect', of({ ...GOOD, Effect: 'allow' }), 'identity', SYNTAX],
  ['both elements of a pair', of({ ...GOOD, NotAction: 'ecs:*' }), 'identity', SYNTAX],
  ['no action', of({ Effect: 'Allow', Resource: '*' }), 'identity', 'Policy statement must contain actions.'],
  [
    'an action without its service',
    of({ ...GOOD, Action: 'UpdateService' }),
    'identity',
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  ],
  [
    'no resource',
    of({ Effect: 'Allow', Action: '*' }),
    'identity',
    'Policy statement must contain resources.',
  ],
  [
    'a resource that is no ARN',
    of({ ...GOOD, Resource: 'web' }),
    'identity',
    'Resource web must be in ARN format or "*".',
  ],
  [
    'an ARN that is too short',
    of({ ...GOOD, Resource: 'arn:aws:ecs:*' }),
    'identity',
    'The policy failed legacy parsing',
  ],
  [
    'a principal in an identity policy',
    of({ ...GOOD, Principal: '*' }),
    'identity',
    'Policy document should not specify a principal.',
  ],
  [
    'an unknown operator',
    of({ ...GOOD, Condition: { Equals: { a: 'b' } } }),
    'identity',
    'Invalid Condition type : Equals.',
  ],
  ["a resource's policy that names nobody", of(GOOD), 'resource', 'Missing required field Principal'],
  [
    "a resource's policy without a resource",
    of(TRUST),
    'resource',
    'Policy statement must contain resources.',
  ],
  [
    'two statements of one name',
    of({ ...GOOD, Sid: 'A' }, { ...GOOD, Sid: 'A' }),
    'identity',
    'Statement IDs (SID) in a single policy must be unique.',
  ],
  [
    'a trust policy about resources',
    of({ ...TRUST, Resource: '*' }),
    'trust',
    'Has prohibited field Resource',
  ],
  [
    'a trust policy without principals',
    of({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
    'trust',
    'Missing required field Principal',
  ],
  [
    'a trust policy for anything else',
    of({ ...TRUST, Action: 'ecs:RunTask' }),
    'trust',
    'AssumeRole policy may only specify STS AssumeRole actions.',
  ],
])('%s is malformed', (_, text, kind, message) => {
  expect(() => parsePolicy(text, kind)).toThrow(message)
})

test('strings, lists and one statement alone come to the same form', () => {
  const one = JSON.stringify({ Version: '2012-10-17', Statement: GOOD })
  expect(parsePolicy(one, 'identity')).toEqual(
    parsePolicy(of({ ...GOOD, Action: ['ecs:*'], Resource: ['*'] }), 'identity'),
  )
  expect(parsePolicy(of(TRUST), 'trust').statements[0]?.principals).toEqual({
    byKind: { Service: ['lambda.amazonaws.com'] },
    isInverted: false,
  })
})
