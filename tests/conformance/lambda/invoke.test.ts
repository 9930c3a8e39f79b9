/** What a handler sees and what its caller gets, through the real client. One engine serves all tests of this file. */
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

test('a handler gets its event, and its answer comes back', async () => {
  await lambda.make('echo', 'export const handler = async (event) => ({ got: event })')
  expect(await lambda.invoke('echo', { a: ['ä', 1] })).toMatchObject({
    answer: { got: { a: ['ä', 1] } },
    error: undefined,
  })
})

test('no payload is an empty event, and no answer is null', async () => {
  await lambda.make(
    'quiet',
    'export const handler = async (event) => { if (Object.keys(event).length) throw 1 }',
  )
  const out = await lambda.client.invoke({ FunctionName: 'quiet' })
  expect(out.Payload?.transformToString()).toBe('null')
  expect(out).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
  expect(out.FunctionError).toBeUndefined()
  expect(out.LogResult).toBeUndefined()
})

test('the context tells function, request and remaining time', async () => {
  await lambda.make(
    'ctx',
    'export const handler = async (e, c) => ({ ...c, left: c.getRemainingTimeInMillis() })',
    {
      Timeout: 7,
      MemorySize: 256,
    },
  )
  const { answer, log } = await lambda.invoke('ctx')
  expect(answer).toMatchObject({
    functionName: 'ctx',
    functionVersion: '$LATEST',
    memoryLimitInMB: '256',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:ctx',
    logGroupName: '/aws/lambda/ctx',
    callbackWaitsForEmptyEventLoop: true,
  })
  const { awsRequestId, left, logStreamName } = answer as {
    awsRequestId: string
    left: number
    logStreamName: string
  }
  expect(left).toBeGreaterThan(6000)
  expect(left).toBeLessThanOrEqual(7000)
  expect(logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/)
  expect(log).toContain(`START RequestId: ${awsRequestId} Version: $LATEST\n`)
})

test('a handler sees its own environment and nothing of the host', async () => {
  process.env.HOST_SECRET = 'seen'
  await lambda.make('env', 'export const handler = async () => process.env', {
    Environment: { Variables: { COLOUR: 'red' } },
  })
  const { answer } = await lambda.invoke('env')
  delete process.env.HOST_SECRET
  expect(answer).toMatchObject({
    COLOUR: 'red',
    AWS_REGION: 'us-east-1',
    AWS_LAMBDA_FUNCTION_NAME: 'env',
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_ENDPOINT_URL: lambda.drydock.endpoint,
    _HANDLER: 'index.handler',
  })
  expect(answer).not.toHaveProperty('HOST_SECRET')
  expect(answer).not.toHaveProperty('HOME')
})

test('an environment is used again, and made anew when the function changes', async () => {
  await lambda.make('warm', 'let n = 0; export const handler = async () => ++n')
  expect((await lambda.invoke('warm')).answer).toBe(1)
  const second = await lambda.invoke('warm')
  expect(second.answer).toBe(2)
  expect(second.log).not.toContain('Init Duration')
  await lambda.client.updateFunctionConfiguration({
    FunctionName: 'warm',
    Environment: { Variables: { AB: 'c' } },
  })
  const third = await lambda.invoke('warm')
  expect(third.answer).toBe(1)
  expect(third.log).toContain('Init Duration')
})

test('two invocations at once have an environment each', async () => {
  await lambda.make(
    'apart',
    'let n = 0; export const handler = async (event) => { n++; if (event.slow) for (;;); return n }',
    { Timeout: 1 },
  )
  const started = lambda.started('apart')
  const slow = lambda.invoke('apart', { slow: true })
  await started
  expect((await lambda.invoke('apart')).answer).toBe(1)
  expect((await slow).answer).toMatchObject({ errorType: 'Sandbox.Timedout' })
})

const failing: [string, string, object][] = [
  [
    'a thrown error',
    'throw new TypeError("no")',
    { errorType: 'TypeError', errorMessage: 'no', trace: expect.arrayContaining(['TypeError: no']) },
  ],
  ['a thrown text', 'throw "no"', { errorType: 'string', errorMessage: 'no', trace: [] }],
  [
    'an answer that is not JSON',
    'return { n: 1n }',
    { errorType: 'Runtime.JSONStringifyError', errorMessage: 'Unable to stringify response body' },
  ],
  [
    'process.exit(1)',
    'process.exit(1)',
    {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(
        /^RequestId: \S{36} Error: Runtime exited with error: exit status 1$/,
      ),
    },
  ],
  [
    'process.exit(0)',
    'process.exit(0)',
    {
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Error: Runtime exited without providing a reason$/),
    },
  ],
  [
    'a rejection nobody handles',
    'Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 1000))',
    { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' },
  ],
  [
    'an exception outside of any call',
    'setTimeout(() => { throw new RangeError("far") }); await new Promise((r) => setTimeout(r, 1000))',
    { errorType: 'RangeError', errorMessage: 'far' },
  ],
]
test.each(failing)('%s is a function error', async (name, body, expected) => {
  const id = name.replace(/\W+/g, '-')
  await lambda.make(id, `export const handler = async (event) => { if (event.fine) return 'fine'; ${body} }`)
  const { answer, error } = await lambda.invoke(id)
  expect(answer).toMatchObject(expected)
  expect(error).toBe('Unhandled')
  expect((await lambda.invoke(id, { fine: true })).answer).toBe('fine')
})

test('what a handler says to the parent of its worker is not heard', async () => {
  await lambda.make(
    'talker',
    `import { parentPort } from 'node:worker_threads'
    for (const word of [null, 'ready', { kind: 'mine' }]) parentPort.postMessage(word)
    export const handler = async () => 'fine'`,
  )
  expect((await lambda.invoke('talker')).answer).toBe('fine')
})

test('with a virtual clock, the code is shown the time of the engine', async () => {
  await using lambda = await testLambda()
  const times =
    '({ now: Date.now(), made: new Date().getTime(), text: Date(), left: context.getRemainingTimeInMillis() })'
  const kept = 'new Date(0).getTime() === 0 && new Date() instanceof Date && Date.UTC(2020) > 0'
  await lambda.make('clock', `export const handler = async (_, context) => ${kept} && ${times}`)
  for (const day of [1, 3]) {
    const { answer } = await lambda.invoke('clock')
    const { now, made, text, left } = answer as { now: number; made: number; text: string; left: number }
    for (const each of [now, made, Date.parse(text)])
      expect(new Date(each).toISOString()).toMatch(`2026-01-0${day}T00:00`)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(3000)
    await lambda.drydock.engine.advance('48h')
  }
})

test('a handler that takes too long is ended at its timeout', async () => {
  await lambda.make(
    'slow',
    'let n = 0; export const handler = async (e) => { n++; if (e.fine) return n; for (;;); }',
    { Timeout: 1 },
  )
  const { answer, error, log } = await lambda.invoke('slow')
  expect(answer).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: \S{36} Error: Task timed out after 1.00 seconds$/),
  })
  expect(error).toBe('Unhandled')
  expect(log).toMatch(/^\S{24} \S{36} Task timed out after 1.00 seconds$/m)
  expect((await lambda.invoke('slow', { fine: true })).answer).toBe(1)
})

test('a handler whose promise can never settle answers null', async () => {
  await lambda.make('never', 'export const handler = () => new Promise(() => {})')
  expect(await lambda.invoke('never')).toMatchObject({ answer: null, error: undefined })
})

test('console and errors are logged in the text format of Lambda', async () => {
  await lambda.make(
    'logs',
    `console.info('starting')
    export const handler = async () => { console.warn('%s is', 'this', { a: 1 }); process.stdout.write('raw\\n'); console.error(new RangeError('far')); throw Object.assign(new Error('bad'), { code: 'E1' }) }`,
  )
  const { log } = await lambda.invoke('logs')
  const id = /START RequestId: (\S{36})/.exec(log)?.[1]
  expect(log).toMatch(/^\S{24}\tundefined\tINFO\tstarting$/m)
  expect(log).toMatch(new RegExp(`^\\S{24}\\t${id}\\tWARN\\tthis is \\{ a: 1 \\}$`, 'm'))
  expect(log).toMatch(/^raw$/m)
  expect(log).toMatch(new RegExp(`^\\S{24}\\t${id}\\tERROR\\tRangeError: far\\n {4}at `, 'm'))
  const line = new RegExp(`^\\S{24}\\t${id}\\tERROR\\tInvoke Error \\t(\\{.*\\})$`, 'm').exec(log)?.[1]
  expect(JSON.parse(line ?? '')).toMatchObject({
    errorType: 'Error',
    errorMessage: 'bad',
    code: 'E1',
    stack: expect.arrayContaining(['Error: bad']),
  })
  expect(log).toMatch(
    new RegExp(
      `^END RequestId: ${id}\\nREPORT RequestId: ${id}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 128 MB\\tMax Memory Used: \\d+ MB\\tInit Duration: [\\d.]+ ms$`,
      'm',
    ),
  )
  const kept = lambda.drydock.functionLogs('arn:aws:lambda:us-east-1:123456789012:function:logs')
  expect(kept.map((entry) => entry.text).join('\n')).toContain('Invoke Error')
})

test('LogResult holds the last 4 KB', async () => {
  await lambda.make(
    'chatty',
    'export const handler = async () => { for (let i = 0; i < 500; i++) console.log("line", i) }',
  )
  const { log } = await lambda.invoke('chatty')
  expect(Buffer.byteLength(log)).toBe(4096)
  expect(log).toContain('REPORT RequestId')
})

test('a handler reaches the engine with the clients and credentials it finds', async () => {
  const sts = import.meta.resolve('@aws-sdk/client-sts')
  await lambda.make(
    'who',
    `import { STS } from '${sts}'
    export const handler = async () => (await new STS({}).getCallerIdentity({})).Account`,
  )
  expect((await lambda.invoke('who')).answer).toBe('123456789012')
})

test('an answer above 6 MB is an error', async () => {
  await lambda.make('big', 'export const handler = async () => "x".repeat(6 * 1024 * 1024)')
  expect(await lambda.invoke('big')).toMatchObject({
    answer: { errorType: 'Function.ResponseSizeTooLarge' },
    error: 'Unhandled',
  })
})

test('a function that runs out of memory is killed alone', async () => {
  await lambda.make(
    'hungry',
    'const kept = []; export const handler = async () => { for (;;) kept.push(new Array(1e5).fill(Math.random())) }',
    { Timeout: 60 },
  )
  expect(await lambda.invoke('hungry')).toMatchObject({
    answer: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('signal: killed') },
  })
})

test('DryRun and bad requests run nothing', async () => {
  const FunctionName = 'echo'
  expect((await lambda.client.invoke({ FunctionName, InvocationType: 'DryRun' })).StatusCode).toBe(204)
  await expect(lambda.client.invoke({ FunctionName, Payload: '{' })).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
  })
  await expect(lambda.client.invoke({ FunctionName: 'nobody' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
  })
  await expect(lambda.client.invoke({ FunctionName, Qualifier: '7' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  const Payload = JSON.stringify('x'.repeat(1024 * 1024))
  await expect(
    lambda.client.invoke({ FunctionName, Payload, InvocationType: 'Event' }),
  ).rejects.toMatchObject({
    name: 'RequestTooLargeException',
  })
})

test.each([
  'echo',
  'echo:$LATEST',
  '123456789012:function:echo',
  'arn:aws:lambda:us-east-1:123456789012:function:echo',
  'arn:aws:lambda:us-east-1:123456789012:function:echo:$LATEST',
])('%s names the function', async (name) => {
  expect((await lambda.invoke(name, 1)).answer).toEqual({ got: 1 })
})

test.each(['--enable-source-maps', '--max-old-space-size=64', '--no-such-option'])(
  'NODE_OPTIONS %s brings nothing down',
  async (NODE_OPTIONS) => {
    const name = `options${NODE_OPTIONS.replace(/\W+/g, '-')}`
    await lambda.make(name, 'export const handler = async () => "ok"', {
      Environment: { Variables: { NODE_OPTIONS } },
    })
    const { answer, error } = await lambda.invoke(name)
    expect(error === undefined ? answer : (answer as { errorType: string }).errorType).toMatch(
      /^(ok|Runtime\.ExitError)$/,
    )
  },
)

test('a rejection nobody handled is logged with its reason', async () => {
  await lambda.make(
    'rejecting',
    'export const handler = () => { Promise.reject(new RangeError("far")); return new Promise((r) => setTimeout(r, 500)) }',
  )
  const { log } = await lambda.invoke('rejecting')
  const logged = /\tERROR\tUnhandled Promise Rejection \t(\{.*\})$/m.exec(log)?.[1]
  expect(JSON.parse(logged ?? '')).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'RangeError: far',
    reason: {
      errorType: 'RangeError',
      errorMessage: 'far',
      stack: expect.arrayContaining(['RangeError: far']),
    },
  })
})
