// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of policies look like this
import { expect, test } from 'vitest'
import { holds, isOperator } from './condition.ts'

const context = new Map<string, string[]>([
  ['iam:passedtoservice', ['ecs-tasks.amazonaws.com']],
  ['aws:tagkeys', ['team', 'stage']],
  ['ecs:cluster', ['arn:aws:ecs:us-east-1:123456789012:cluster/web']],
  ['aws:securetransport', ['false']],
  ['aws:currenttime', ['2026-05-01T10:00:00Z']],
  ['aws:epochtime', ['1777629600']],
  ['aws:username', ['ann']],
])

/** IAM User Guide: condition operators, …IfExists, Null, and set operators for multivalued keys. */
test.each<[string, string, string | string[], boolean]>([
  ['StringEquals', 'iam:PassedToService', 'ecs-tasks.amazonaws.com', true],
  ['StringEquals', 'IAM:PASSEDTOSERVICE', 'ecs-tasks.amazonaws.com', true],
  ['StringEquals', 'iam:PassedToService', 'ECS-tasks.amazonaws.com', false],
  ['StringEquals', 'iam:PassedToService', ['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com'], true],
  ['StringEquals', 'iam:PassedToService', '*', false],
  ['StringEquals', 'iam:Absent', 'x', false],
  ['StringEquals', 'aws:username', '${aws:username}', true],
  ['StringEqualsIfExists', 'iam:Absent', 'x', true],
  ['StringEqualsIfExists', 'iam:PassedToService', 'x', false],
  ['StringNotEquals', 'iam:PassedToService', 'x', true],
  ['StringNotEquals', 'iam:PassedToService', ['x', 'ecs-tasks.amazonaws.com'], false],
  ['StringNotEquals', 'iam:Absent', 'x', true],
  ['StringEqualsIgnoreCase', 'iam:PassedToService', 'ECS-TASKS.amazonaws.com', true],
  ['StringNotEqualsIgnoreCase', 'iam:PassedToService', 'ECS-TASKS.amazonaws.com', false],
  ['StringLike', 'iam:PassedToService', 'ecs*.amazonaws.com', true],
  ['StringNotLike', 'iam:PassedToService', 'ecs*', false],
  ['ArnEquals', 'ecs:cluster', 'arn:aws:ecs:*:123456789012:cluster/w?b', true],
  ['ArnLike', 'ecs:cluster', 'arn:aws:ecs:*:cluster/web', false],
  ['ArnNotLike', 'ecs:cluster', 'arn:aws:ecs:*:*:cluster/api', true],
  ['Bool', 'aws:SecureTransport', 'False', true],
  ['Bool', 'aws:SecureTransport', 'true', false],
  ['Null', 'aws:username', 'false', true],
  ['Null', 'aws:username', 'true', false],
  ['Null', 'iam:Absent', 'true', true],
  ['NumericLessThan', 'aws:EpochTime', '1777629601', true],
  ['NumericLessThanEquals', 'aws:EpochTime', '1777629600', true],
  ['NumericGreaterThan', 'aws:EpochTime', '1777629600', false],
  ['NumericGreaterThanEquals', 'aws:EpochTime', '1777629600', true],
  ['NumericEquals', 'aws:EpochTime', '1777629600', true],
  ['NumericNotEquals', 'aws:EpochTime', '1777629600', false],
  ['NumericEquals', 'aws:username', '1', false],
  ['DateGreaterThan', 'aws:CurrentTime', '2026-05-01T09:59:59Z', true],
  ['DateLessThan', 'aws:CurrentTime', '1777629600', false],
  ['DateEquals', 'aws:CurrentTime', '2026-05-01T12:00:00+02:00', true],
  ['DateLessThanEquals', 'aws:CurrentTime', '2026-05-01T10:00:00Z', true],
  ['DateGreaterThanEquals', 'aws:CurrentTime', '2026-05-02T10:00:00Z', false],
  ['DateNotEquals', 'aws:CurrentTime', '2026-05-02T10:00:00Z', true],
  ['ForAllValues:StringEquals', 'aws:TagKeys', ['team', 'stage', 'cost'], true],
  ['ForAllValues:StringEquals', 'aws:TagKeys', ['team'], false],
  ['ForAllValues:StringEquals', 'aws:Absent', ['team'], true],
  ['ForAllValues:StringNotEquals', 'aws:TagKeys', ['team'], false],
  ['ForAnyValue:StringEquals', 'aws:TagKeys', ['team'], true],
  ['ForAnyValue:StringLike', 'aws:TagKeys', ['c*'], false],
  ['ForAnyValue:StringEquals', 'aws:Absent', ['team'], false],
  ['ForAnyValue:StringNotEquals', 'aws:TagKeys', ['team'], true],
  ['ForAnyValue:StringNotEquals', 'aws:Absent', ['team'], false],
])('%s of %s and %s: %s', (operator, key, wanted, expected) => {
  const values = Array.isArray(wanted) ? wanted : [wanted]
  expect(holds({ [operator]: { [key]: values } }, context, true)).toBe(expected)
})

test('all operators and keys must hold', () => {
  const right = { 'aws:username': ['ann'] }
  const wrong = { 'aws:username': ['bob'] }
  expect(holds({ StringEquals: right, StringLike: right }, context, true)).toBe(true)
  expect(holds({ StringEquals: right, StringLike: wrong }, context, true)).toBe(false)
  expect(holds({ StringEquals: { ...right, 'aws:TagKeys': ['x'] } }, context, true)).toBe(false)
})

test('before version 2012-10-17 a variable is text', () => {
  expect(holds({ StringEquals: { 'aws:username': ['${aws:username}'] } }, context, false)).toBe(false)
})

test.each(['StringEquals', 'ForAnyValue:ArnLike', 'BoolIfExists', 'Null'])('%s is an operator', (name) => {
  expect(isOperator(name)).toBe(true)
})

test.each(['Equals', 'ForSomeValues:StringEquals', 'NullIfExists', 'constructor', 'IpAddress', ''])(
  '%s is no operator',
  (name) => {
    expect(isOperator(name)).toBe(false)
  },
)
