/** Functions as things: made, shown, listed, changed and deleted, with the errors that Lambda gives. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack, type TestLambda, testLambda } from './harness.ts'

const hello = 'export const handler = async () => "hello"'
const Role = 'arn:aws:iam::123456789012:role/test'
const arn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:${name}`

let lambda: TestLambda
beforeAll(async () => {
  lambda = await testLambda()
  await lambda.make('known', hello, { Tags: { team: 'a' }, Description: 'says hello' })
})
afterAll(async () => {
  expect(lambda.drydock.faults).toEqual([])
  await lambda[Symbol.asyncDispose]()
})

test('a function is shown with its settings and the defaults of Lambda', async () => {
  const { Configuration, Code, Tags, Concurrency } = await lambda.client.getFunction({
    FunctionName: 'known',
  })
  expect(Configuration).toEqual({
    FunctionName: 'known',
    FunctionArn: arn('known'),
    Runtime: 'nodejs24.x',
    Role,
    Handler: 'index.handler',
    CodeSize: pack(hello).byteLength,
    CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    Description: 'says hello',
    Timeout: 3,
    MemorySize: 128,
    LastModified: '2026-01-01T00:00:00.000+0000',
    Version: '$LATEST',
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: expect.any(String),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/known' },
  })
  expect([Code?.RepositoryType, Tags, Concurrency]).toEqual(['S3', { team: 'a' }, undefined])
  expect(await lambda.client.getFunctionConfiguration({ FunctionName: arn('known') })).toMatchObject({
    Handler: 'index.handler',
  })
})

const refusals: [string, object, string, RegExp][] = [
  [
    'a name that is taken',
    { FunctionName: 'known' },
    'ResourceConflictException',
    /^Function already exist: known$/,
  ],
  [
    'a name with a blank',
    { FunctionName: 'a b' },
    'ValidationException',
    /'functionName' failed to satisfy constraint/,
  ],
  [
    'a runtime that does not run here',
    { Runtime: 'python3.13' },
    'InvalidParameterValueException',
    /python3.13 .* nodejs22.x, nodejs24.x/,
  ],
  [
    'no runtime',
    { Runtime: undefined },
    'InvalidParameterValueException',
    /^Runtime and Handler are mandatory/,
  ],
  ['a role that is none', { Role: 'nobody' }, 'ValidationException', /'role'/],
  ['a timeout of 0', { Timeout: 0 }, 'ValidationException', /'timeout' .* greater than or equal to 1$/],
  ['a timeout of 901', { Timeout: 901 }, 'ValidationException', /'timeout' .* less than or equal to 900$/],
  [
    'too little memory',
    { MemorySize: 64 },
    'ValidationException',
    /'memorySize' .* greater than or equal to 128$/,
  ],
  ['no code', { Code: {} }, 'InvalidParameterValueException', /^Please provide a source for function code.$/],
  [
    'code that is no archive',
    { Code: { ZipFile: Buffer.from('no') } },
    'InvalidParameterValueException',
    /^Could not unzip uploaded file/,
  ],
  ['an empty archive', { Code: { ZipFile: pack({}) } }, 'InvalidParameterValueException', /non-empty zip$/],
  [
    'an archive that leads out of its root',
    { Code: { ZipFile: pack({ '../evil.js': '' }) } },
    'InvalidParameterValueException',
    /out of its root/,
  ],
  ['code in a bucket', { Code: { S3Bucket: 'b', S3Key: 'k' } }, 'InvalidParameterValueException', /no S3/],
  ['a container image', { Code: { ImageUri: 'x' } }, 'InvalidParameterValueException', /container images/],
  [
    'a reserved variable',
    { Environment: { Variables: { AWS_REGION: 'x' } } },
    'InvalidParameterValueException',
    /Reserved keys used in this request: AWS_REGION$/,
  ],
  [
    'variables above 4 KB',
    { Environment: { Variables: { BIG: 'x'.repeat(4096) } } },
    'InvalidParameterValueException',
    /exceeded the 4KB limit/,
  ],
  ['layers', { Layers: [arn('x')] }, 'InvalidParameterValueException', /^Layers/],
  [
    'a dead-letter topic',
    { DeadLetterConfig: { TargetArn: 'arn:aws:sns:us-east-1:123456789012:t' } },
    'InvalidParameterValueException',
    /SQS/,
  ],
  ['a published version', { Publish: true }, 'NotImplementedException', /versions/],
]
test.each(refusals)('%s is refused', async (_, override, name, message) => {
  await expect(lambda.make('new', hello, override)).rejects.toMatchObject({
    name,
    message: expect.stringMatching(message),
  })
  await expect(lambda.client.getFunction({ FunctionName: 'new' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('functions are listed in pages', async () => {
  await using other = await testLambda()
  for (const name of ['c', 'a', 'b']) await other.make(name, hello)
  const first = await other.client.listFunctions({ MaxItems: 2 })
  expect(first.Functions?.map((fn) => fn.FunctionName)).toEqual(['a', 'b'])
  const { Functions, NextMarker } = await other.client.listFunctions({ Marker: first.NextMarker })
  expect([Functions?.map((fn) => fn.FunctionName), NextMarker]).toEqual([['c'], undefined])
})

test('new code runs from the next invocation on', async () => {
  await lambda.make('changing', hello)
  expect((await lambda.invoke('changing')).answer).toBe('hello')
  const before = await lambda.client.getFunctionConfiguration({ FunctionName: 'changing' })
  const after = await lambda.client.updateFunctionCode({
    FunctionName: 'changing',
    ZipFile: pack(hello.replace('hello', 'goodbye')),
    RevisionId: before.RevisionId,
  })
  expect(after.CodeSha256).not.toBe(before.CodeSha256)
  expect((await lambda.invoke('changing')).answer).toBe('goodbye')
  const stale = lambda.client.updateFunctionConfiguration({
    FunctionName: 'changing',
    RevisionId: before.RevisionId,
  })
  await expect(stale).rejects.toMatchObject({ name: 'PreconditionFailedException' })
})

test('a configuration keeps what an update leaves out', async () => {
  await lambda.make('kept', hello, { Timeout: 9, Environment: { Variables: { COLOUR: 'red' } } })
  await lambda.client.updateFunctionConfiguration({ FunctionName: 'kept', MemorySize: 512 })
  const kept = await lambda.client.getFunctionConfiguration({ FunctionName: 'kept' })
  expect(kept).toMatchObject({ Timeout: 9, MemorySize: 512, Environment: { Variables: { COLOUR: 'red' } } })
  await lambda.client.updateFunctionConfiguration({ FunctionName: 'kept', Environment: { Variables: {} } })
  expect(await lambda.client.getFunctionConfiguration({ FunctionName: 'kept' })).not.toHaveProperty(
    'Environment',
  )
})

test('a function in a folder of the machine runs from there, and anew when a file changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  try {
    await writeFile(join(folder, 'index.ts'), 'export const handler = async (): Promise<number> => 1')
    await lambda.make('hot', '', { Code: { S3Bucket: 'hot-reload', S3Key: folder } })
    expect((await lambda.invoke('hot')).answer).toBe(1)
    await writeFile(join(folder, 'index.ts'), 'export const handler = async (): Promise<number> => 2')
    expect((await lambda.invoke('hot')).answer).toBe(2)
    expect((await lambda.client.getFunction({ FunctionName: 'hot' })).Code?.Location).toBe(`file://${folder}`)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a deleted function is gone', async () => {
  await lambda.make('brief', hello)
  await lambda.client.deleteFunction({ FunctionName: 'brief' })
  await expect(lambda.invoke('brief')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(lambda.client.deleteFunction({ FunctionName: 'brief' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('tags and permissions are kept and shown', async () => {
  await lambda.make('told', hello)
  const Resource = arn('told')
  await lambda.client.tagResource({ Resource, Tags: { a: '1', b: '2' } })
  await lambda.client.untagResource({ Resource, TagKeys: ['a'] })
  expect((await lambda.client.listTags({ Resource })).Tags).toEqual({ b: '2' })

  const permission = {
    FunctionName: 'told',
    StatementId: 'events',
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
  }
  const SourceArn = 'arn:aws:events:us-east-1:123456789012:rule/r'
  await lambda.client.addPermission({ ...permission, SourceArn })
  const { Policy } = await lambda.client.getPolicy({ FunctionName: 'told' })
  expect(JSON.parse(Policy ?? '')).toEqual({
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      {
        Sid: 'events',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Resource,
        Condition: { ArnLike: { 'AWS:SourceArn': SourceArn } },
      },
    ],
  })
  await expect(lambda.client.addPermission(permission)).rejects.toMatchObject({
    name: 'ResourceConflictException',
  })
  await lambda.client.removePermission({ FunctionName: 'told', StatementId: 'events' })
  await expect(lambda.client.getPolicy({ FunctionName: 'told' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('reserved concurrency limits synchronous invocations', async () => {
  await lambda.make('narrow', 'export const handler = () => { for (;;); }', { Timeout: 1 })
  const FunctionName = 'narrow'
  await lambda.client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 1 })
  expect((await lambda.client.getFunctionConcurrency({ FunctionName })).ReservedConcurrentExecutions).toBe(1)
  const started = lambda.started('narrow')
  const running = lambda.invoke('narrow')
  await started
  await expect(lambda.invoke('narrow')).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    $metadata: { httpStatusCode: 429 },
  })
  expect((await running).error).toBe('Unhandled')
  await lambda.client.deleteFunctionConcurrency({ FunctionName })
  expect(
    (await lambda.client.getFunctionConcurrency({ FunctionName })).ReservedConcurrentExecutions,
  ).toBeUndefined()
  const tooMuch = lambda.client.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: 901 })
  await expect(tooMuch).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
})

test('tools that ask for versions, aliases and signing are told that there are none', async () => {
  const FunctionName = 'known'
  const { Versions } = await lambda.client.listVersionsByFunction({ FunctionName })
  expect(Versions?.map((version) => version.FunctionArn)).toEqual([`${arn('known')}:$LATEST`])
  expect((await lambda.client.listAliases({ FunctionName })).Aliases).toEqual([])
  expect((await lambda.client.getFunctionCodeSigningConfig({ FunctionName })).CodeSigningConfigArn).toBe('')
})

test('what is not emulated says so', async () => {
  await expect(lambda.client.publishVersion({ FunctionName: 'known' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 501 },
  })
})

test('functions outlive an engine with a data folder', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  try {
    await using first = await testLambda({ dataDir })
    await first.make('lasting', hello)
    await first.client.putFunctionEventInvokeConfig({ FunctionName: 'lasting', MaximumRetryAttempts: 1 })
    await first[Symbol.asyncDispose]()

    await using second = await testLambda({ dataDir })
    expect((await second.invoke('lasting')).answer).toBe('hello')
    const { MaximumRetryAttempts } = await second.client.getFunctionEventInvokeConfig({
      FunctionName: 'lasting',
    })
    expect(MaximumRetryAttempts).toBe(1)
    expect([...first.drydock.faults, ...second.drydock.faults]).toEqual([])
  } finally {
    await rm(dataDir, { recursive: true })
  }
})
