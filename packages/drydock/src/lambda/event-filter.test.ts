/** Which messages the filters of a mapping let through. */
import { expect, test } from 'vitest'
import { compileFilter, passesFilters } from './event-filter.ts'
import { recordOfMessage } from './sqs-event.ts'

const record = recordOfMessage(
  {
    MessageId: 'm',
    Body: '',
    Attributes: { ApproximateReceiveCount: '2', MessageGroupId: 'shop' },
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'order' } },
  },
  'arn:aws:sqs:us-east-1:123456789012:jobs',
)
const passes = (body: string, ...patterns: object[]) =>
  passesFilters(
    { ...record, body },
    patterns.map((pattern) => compileFilter(JSON.stringify(pattern))),
  )

test.each<[string, string, object, boolean]>([
  ['fields of a JSON body that match', '{"a":{"b":1}}', { body: { a: { b: [1] } } }, true],
  ['fields that do not', '{"a":{"b":2}}', { body: { a: { b: [1] } } }, false],
  ['a numeric range', '{"a":5}', { body: { a: [{ numeric: ['>', 1, '<=', 5] }] } }, true],
  ['an element of a list', '[{"a":1},{"a":2}]', { body: { a: [2] } }, true],
  ['fields that must not exist', '{"b":1}', { body: { a: [{ exists: false }] } }, true],
  ['fields that must not exist, of a body that is text', 'text', { body: { a: [{ exists: false }] } }, false],
  ['text that matches', 'hello', { body: [{ prefix: 'he' }] }, true],
  ['text that does not', 'hello', { body: ['hell'] }, false],
  ['text, of a body that is JSON', '{"a":1}', { body: [{ exists: true }] }, false],
  ['a number, which is text', '7', { body: ['7'] }, true],
  ['an attribute of the queue', 'x', { attributes: { MessageGroupId: ['shop'] } }, true],
  ['an attribute of the sender', '{}', { messageAttributes: { kind: { stringValue: ['order'] } } }, true],
  ['an attribute that is not there', '{}', { messageAttributes: { none: { stringValue: ['x'] } } }, false],
])('%s', (_, body, pattern, expected) => {
  expect(passes(body, pattern)).toBe(expected)
})

test('a message passes without filters, and with several if one of them matches', () => {
  expect(passes('x')).toBe(true)
  expect(passes('x', { body: ['y'] }, { body: ['x'] })).toBe(true)
  expect(passes('x', { body: ['y'] }, { body: ['z'] })).toBe(false)
})
