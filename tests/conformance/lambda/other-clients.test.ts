/** Lambda by boto3 and the AWS CLI. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'
import { pack } from './harness.ts'

const script = fileURLToPath(new URL('boto_functions.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 makes and invokes a function', async () => {
  await using drydock = await testEngine()
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
    answer: { hello: 'boto' },
    version: '$LATEST',
    logged: true,
    event: 202,
    code: 'ResourceNotFoundException',
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI makes and invokes a function', async () => {
  await using drydock = await testEngine()
  const folder = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  try {
    const [archive, answer] = [join(folder, 'code.zip'), join(folder, 'answer.json')]
    await writeFile(archive, pack('export const handler = async () => "hello"'))
    const aws = (...args: string[]) =>
      runClient(drydock.endpoint, 'aws', '--output', 'json', 'lambda', ...args)
    const code = ['--runtime', 'nodejs22.x', '--handler', 'index.handler', '--zip-file', `fileb://${archive}`]
    const role = ['--role', 'arn:aws:iam::123456789012:role/test']
    await aws('create-function', '--function-name', 'by-cli', ...role, ...code)
    expect(JSON.parse(await aws('invoke', '--function-name', 'by-cli', answer))).toMatchObject({
      StatusCode: 200,
    })
    expect(await readFile(answer, 'utf8')).toBe('"hello"')
  } finally {
    await rm(folder, { recursive: true })
  }
})
