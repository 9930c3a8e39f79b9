import { expect, test } from 'vitest'
import { nameOf, parseServiceArn, parseServiceName } from './service-key.ts'

test.each<[string, object | undefined]>([
  ['arn:aws:ecs:us-east-1:123456789012:service/prod/web', { cluster: 'prod', service: 'web' }],
  ['arn:aws-cn:ecs:cn-north-1:123456789012:service/prod/web', { cluster: 'prod', service: 'web' }],
  ['arn:aws:ecs:us-east-1:123456789012:service/web', { cluster: 'default', service: 'web' }],
  ['arn:aws:ecs:us-east-1:123456789012:cluster/prod', undefined],
  ['arn:aws:ecs:us-east-1:123456789012:service/', undefined],
  ['arn:aws:ecs:us-east-1:123456789012:service/a/b/c', undefined],
  ['arn:aws:ecs:us-east-1:123456789012:service/a/', undefined],
  ['web', undefined],
])('the ARN %s names %j', (arn, key) => {
  expect(parseServiceArn(arn)).toEqual(key)
})

test.each<[string, object | undefined]>([
  ['prod/web', { cluster: 'prod', service: 'web' }],
  ['web', { cluster: 'default', service: 'web' }],
  ['', undefined],
  ['prod/', undefined],
  ['/web', undefined],
  ['prod/web/1', undefined],
  ['prod/my web', undefined],
])('the name "%s" names %j', (name, key) => {
  expect(parseServiceName(name)).toEqual(key)
})

test('a name is read as it is written', () => {
  const key = { cluster: 'prod', service: 'web' }
  expect(parseServiceName(nameOf(key))).toEqual(key)
})
