import { expect, test } from 'vitest'
import { arnOf, parseArn, rootArn } from './arn.ts'

test.each([
  ['us-east-1', 'arn:aws:ecs:us-east-1:123456789012:cluster/web'],
  ['cn-north-1', 'arn:aws-cn:ecs:cn-north-1:123456789012:cluster/web'],
  ['us-gov-west-1', 'arn:aws-us-gov:ecs:us-gov-west-1:123456789012:cluster/web'],
])('in %s the ARN of a cluster is %s', (region, arn) => {
  const scope = { region, accountId: '123456789012' }
  expect(arnOf('ecs', scope, 'cluster/web')).toBe(arn)
  expect(parseArn(arn)).toEqual({ ...scope, service: 'ecs', resource: 'cluster/web' })
})

test('an account has no region', () => {
  expect(parseArn(rootArn({ region: 'us-east-1', accountId: '123456789012' }))).toEqual({
    service: 'iam',
    region: '',
    accountId: '123456789012',
    resource: 'root',
  })
})

test.each(['', 'web', 'arn:aws:sqs', 'arn:aws:sqs:us-east-1:12:web', 'arn:aws:sqs:us-east-1:123456789012:'])(
  '"%s" is no ARN',
  (text) => {
    expect(parseArn(text)).toBeUndefined()
  },
)
