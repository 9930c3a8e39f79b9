import { format } from 'node:util'
import { Failure } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { groupOf, issueOf } from './console-issues.ts'

const ID = '79104EXAMPLEB723-0000-0000-000000000'
/** A line of `console.error` and its like, as Lambda's runtime writes it in its text format. */
const line = (level: string, ...args: unknown[]) =>
  ['2026-01-01T00:00:00.000Z', ID, level, format(...args)].join('\t')

const error = new Failure('DENIED', 'AWS refuses', { cause: new TypeError('inner') })
const told = { name: 'Denied', message: 'AWS refuses', isFailed: false }
const runtime = (what: string, detail: object) => line('ERROR', what, `\t${JSON.stringify(detail)}`)
const thrown = {
  errorType: 'TypeError',
  errorMessage: 'a bug',
  stack: ['TypeError: a bug', '    at f (a.js:1:2)'],
}
const escaped = { name: 'TypeError', message: 'a bug', stack: ['    at f (a.js:1:2)'], isFailed: true }

test.each([
  ['an error', line('ERROR', error), told],
  ['a text and an error', line('ERROR', 'could not deploy', error), { ...told }],
  [
    'a text that looks like a name, and an error',
    line('ERROR', 'Deploy: it failed', error),
    { name: 'Deploy' },
  ],
  [
    'an object with a stack in a list',
    line('ERROR', JSON.stringify({ error: { message: 'a bug', stack: thrown.stack } })),
    { ...escaped, isFailed: false },
  ],
  ['what a handler throws', runtime('Invoke Error', thrown), escaped],
  [
    'the first of several records',
    runtime('Invoke Error', { ...thrown, errorType: 'Batch', recordErrors: [thrown] }),
    escaped,
  ],
  ['what is thrown at the start', runtime('Uncaught Exception', thrown), escaped],
  ['a rejection that nobody handles', runtime('Unhandled Promise Rejection', thrown), escaped],
  [
    'a timeout',
    `2026-01-01T00:00:00.000Z ${ID} Task timed out after 3.00 seconds`,
    { name: 'LambdaTimeoutError' },
  ],
])('%s is an issue', (_name, event, expected) => {
  expect(issueOf(`${event}\n`)).toMatchObject(expected)
})

test.each([
  ['a text', line('ERROR', 'it failed')],
  ['a message without a stack', line('ERROR', error.message)],
  [
    'an object with an error whose stack is text',
    line('ERROR', JSON.stringify({ error: { message: 'x', stack: 'x' } })),
  ],
  ['a line of JSON of a logger', JSON.stringify({ level: 'ERROR', message: 'it failed', error: thrown })],
  [
    'a line of JSON that speaks of errors',
    JSON.stringify({ level: 'WARN', message: 'tag "[ERROR]\tERROR\t: Wrong"' }),
  ],
  ['a warning of Node', line('ERROR', '(node:1) Warning: old\n    at f (a.js:1:2)')],
  ['the report of an invocation', `REPORT RequestId: ${ID}\tDuration: 1.00 ms\tStatus: error`],
])('%s is none', (_name, event) => {
  expect(issueOf(event)).toBeUndefined()
})

test('issues are told apart by name and by place', () => {
  const [here, there] = [new Failure('DENIED', 'one'), new Failure('DENIED', 'two')]
  const [narrow, same] = ['A', 'B'].map((name) => new Failure('DENIED', 'three', { name }))
  const groups = [here, there, narrow, same].map((one) => {
    const issue = issueOf(line('ERROR', one))
    return issue && groupOf(issue)
  })
  expect(new Set(groups).size).toBe(4)
})
