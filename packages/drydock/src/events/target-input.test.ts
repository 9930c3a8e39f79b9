import type { Target } from '@aws-sdk/client-eventbridge'
import { expect, test } from 'vitest'
import type { Envelope, Rule } from './state.ts'
import { targetInput } from './target-input.ts'

const event: Envelope = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2015-11-11T21:29:54Z',
  region: 'us-east-1',
  resources: ['arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111'],
  detail: { 'instance-id': 'i-0123456789', state: 'say "hi"', count: 3, list: [{ a: 1 }, { a: 2 }] },
}
const rule: Rule = {
  name: 'r',
  arn: 'arn:aws:events:us-east-1:123456789012:rule/r',
  busName: 'default',
  state: 'ENABLED',
  targets: {},
  tags: [],
}
const inputFor = (target: Partial<Target>) =>
  JSON.parse(targetInput({ Id: '1', Arn: 'a', ...target }, event, rule, Date.UTC(2026, 0, 1)))
const transformed = (InputTemplate: string, InputPathsMap: Record<string, string> = {}) =>
  inputFor({ InputTransformer: { InputTemplate, InputPathsMap } })

test('a target gets the event unless told otherwise', () => {
  expect(inputFor({})).toEqual(event)
})

test('a constant is given as it is', () => {
  expect(inputFor({ Input: '{"a":1}' })).toEqual({ a: 1 })
})

test.each([
  ['$.detail.state', 'say "hi"'],
  ['$.detail.instance-id', 'i-0123456789'],
  ['$.resources[0]', 'arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111'],
  ["$.detail['instance-id']", 'i-0123456789'],
  ['$.detail.list[*].a', [1, 2]],
  ['$.detail.list[1]', { a: 2 }],
  ['$.detail.nothing.here', null],
  ['$', event],
])('the path %s gives that part', (InputPath, expected) => {
  expect(inputFor({ InputPath })).toEqual(expected)
})

const paths = {
  instance: '$.detail.instance-id',
  state: '$.detail.state',
  detail: '$.detail.list',
  n: '$.detail.count',
}

test.each([
  ['{"instance": <instance>, "n": <n>}', { instance: 'i-0123456789', n: 3 }],
  ['{"text": "<instance> is <state>"}', { text: 'i-0123456789 is say "hi"' }],
  ['{"text": "\\"<n>\\" of <instance>"}', { text: '"3" of i-0123456789' }],
  ['{"list": <detail>}', { list: [{ a: 1 }, { a: 2 }] }],
  ['"<instance> is up"', 'i-0123456789 is up'],
  ['<instance> is in state <state>', 'i-0123456789 is in state say "hi"'],
  ['{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>"}', { rule: 'r', arn: rule.arn }],
  ['{"at": <aws.events.event.ingestion-time>}', { at: '2026-01-01T00:00:00.000Z' }],
  ['{"all": <aws.events.event.json>}', { all: event }],
  ['{"missing": <gone>}', { missing: '' }],
  ['{"unknown": "<nobody>"}', { unknown: '<nobody>' }],
])('the template %s is filled', (template, expected) => {
  expect(transformed(template, { ...paths, gone: '$.detail.gone' })).toEqual(expected)
})

test('the event without its detail can be a value', () => {
  const { detail: _, ...rest } = event
  expect(transformed('{"e": <aws.events.event>}')).toEqual({ e: rest })
})
