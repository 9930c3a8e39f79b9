/** DynamoDB by boto3 and the AWS CLI. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_tables.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))(
  'boto3 makes, uses and deletes a table',
  async () => {
    await using drydock = await testEngine()
    expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
      bytes: [0, 255],
      n: 3,
      refused: true,
      reasons: ['ConditionalCheckFailed'],
      found: 1,
      left: [],
    })
    expect(drydock.faults).toEqual([])
  },
)

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI makes a table and scans it', async () => {
  await using drydock = await testEngine()
  const aws = (...args: string[]) =>
    runClient(drydock.endpoint, 'aws', '--output', 'json', 'dynamodb', ...args)
  const keys = [
    '--attribute-definitions',
    'AttributeName=pk,AttributeType=S',
    '--key-schema',
    'AttributeName=pk,KeyType=HASH',
  ]
  await aws('create-table', '--table-name', 'by-cli', '--billing-mode', 'PAY_PER_REQUEST', ...keys)
  await aws('put-item', '--table-name', 'by-cli', '--item', '{"pk":{"S":"a"}}')
  expect(JSON.parse(await aws('scan', '--table-name', 'by-cli'))).toMatchObject({
    Count: 1,
    Items: [{ pk: { S: 'a' } }],
  })
})
