/** How a function's handler is found and loaded, and what is said where it cannot be. One engine serves all tests. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestLambda, testLambda } from './harness.ts'

let lambda: TestLambda
beforeAll(async () => {
  lambda = await testLambda()
})
afterAll(async () => {
  expect(lambda.drydock.faults).toEqual([])
  await lambda[Symbol.asyncDispose]()
})

const unloadable: [string, string | Record<string, string>, string, object][] = [
  [
    'a module that throws',
    'throw new Error("at start")',
    'index.handler',
    { errorType: 'Error', errorMessage: 'at start' },
  ],
  [
    'no such module',
    'export const handler = 1',
    'main.handler',
    {
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining("Cannot find module 'main'"),
    },
  ],
  [
    'no such export',
    'export const other = 1',
    'index.handler',
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
  ],
  [
    'an export that is no function',
    'export const handler = 1',
    'index.handler',
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is not a function' },
  ],
  [
    'code that does not parse',
    'export const handler = =>',
    'index.handler',
    { errorType: 'Runtime.UserCodeSyntaxError' },
  ],
  [
    'a handler name without an export',
    'export const handler = 1',
    'index',
    { errorType: 'Runtime.MalformedHandlerName', errorMessage: 'Bad handler' },
  ],
  [
    'a callback handler on Node.js 24',
    'export const handler = (e, c, done) => done()',
    'index.handler',
    { errorType: 'Runtime.CallbackHandlerDeprecated' },
  ],
]
test.each(unloadable)('%s is an error of the start', async (name, source, Handler, expected) => {
  const id = `init-${name.replace(/\W+/g, '-')}`
  await lambda.make(id, source, { Handler })
  const { answer, error, log } = await lambda.invoke(id)
  expect(answer).toMatchObject(expected)
  expect(error).toBe('Unhandled')
  expect(log).toMatch(/^\S{24}\tundefined\tERROR\tUncaught Exception \t\{"errorType":/m)
})

const loadable: [string, Record<string, string>, string, string?][] = [
  ['CommonJS', { 'index.js': 'exports.handler = async () => "ok"' }, 'index.handler'],
  [
    'CommonJS by its extension',
    { 'index.cjs': 'module.exports = { handler: async () => "ok" }' },
    'index.handler',
  ],
  [
    'modules in .js',
    { 'index.js': 'export const handler = async () => "ok"', 'package.json': '{"type":"module"}' },
    'index.handler',
  ],
  ['TypeScript', { 'index.ts': 'export const handler = async (): Promise<string> => "ok"' }, 'index.handler'],
  [
    'a folder and a nested export',
    { 'src/api.mjs': 'export const v1 = { get: async () => "ok" }' },
    'src/api.v1.get',
  ],
  [
    'a callback on Node.js 22',
    { 'index.mjs': 'export const handler = (e, c, done) => { setTimeout(done, 5, null, "ok") }' },
    'index.handler',
    'nodejs22.x',
  ],
  [
    'a callback that does not wait for open work',
    {
      'index.mjs':
        'export const handler = (e, c, done) => { c.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); done(null, "ok") }',
    },
    'index.handler',
    'nodejs22.x',
  ],
]
test.each(loadable)('%s runs', async (name, files, Handler, Runtime = 'nodejs24.x') => {
  const id = `load-${name.replace(/\W+/g, '-')}`
  await lambda.make(id, files, { Handler, Runtime })
  expect((await lambda.invoke(id)).answer).toBe('ok')
})
