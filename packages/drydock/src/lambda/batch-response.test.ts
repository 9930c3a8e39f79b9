/** Which messages of a batch count as processed, by what the function answered. */
import { expect, test } from 'vitest'
import { processedRecords } from './batch-response.ts'
import { recordOfMessage } from './sqs-event.ts'

const records = ['a', 'b', 'c'].map((MessageId) =>
  recordOfMessage({ MessageId, Body: MessageId }, 'arn:aws:sqs:us-east-1:123456789012:jobs'),
)
const processed = (answer: string, reports = true) =>
  processedRecords(records, answer, reports)
    .map(({ messageId }) => messageId)
    .join('')
const failures = (...identifiers: unknown[]) =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) })

test.each([
  ['an empty list', '{"batchItemFailures":[]}', 'abc'],
  ['no list', '{"batchItemFailures":null}', 'abc'],
  ['an empty answer', '{}', 'abc'],
  ['null', 'null', 'abc'],
  ['an empty string', '""', 'abc'],
  ['nothing', '', 'abc'],
  ['one message', failures('b'), 'ac'],
  ['one message twice', failures('b', 'b'), 'ac'],
  ['all messages', failures('a', 'b', 'c'), ''],
  ['an empty identifier', failures('a', ''), ''],
  ['a null identifier', failures('a', null), ''],
  ['an identifier of no message', failures('a', 'z'), ''],
  ['an identifier that is a number', failures(1), ''],
  ['another key', '{"batchItemFailures":[{"ItemIdentifier":"a"}]}', ''],
  ['entries that are no objects', '{"batchItemFailures":["a"]}', ''],
  ['a list that is none', '{"batchItemFailures":"a"}', ''],
  ['an answer that is no object', '"done"', ''],
])('with %s as answer, %s processed', (_, answer, expected) => {
  expect(processed(answer)).toBe(expected)
})

test('where item failures are not reported, any answer is a success', () => {
  expect(processed(failures('a'), false)).toBe('abc')
  expect(processed('"done"', false)).toBe('abc')
})
