/** SQS by boto3 and the AWS CLI. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from './programs.ts'

const script = fileURLToPath(new URL('boto_queues.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 sends, receives and deletes', async () => {
  await using drydock = await testEngine()
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
    bodies: ['hello', 'm0', 'm1', 'm2'],
    digest: '235c5c510d26fb653d073faed50ae77c',
    batch: 3,
    left: 0,
    arn: 'arn:aws:sqs:us-east-1:123456789012:by-boto',
    tags: { team: 'shop' },
    code: 'AWS.SimpleQueueService.NonExistentQueue',
    modelled: true,
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI sends and receives', async () => {
  await using drydock = await testEngine()
  // Version 1 of the CLI has an endpoint of its own for SQS, which AWS_ENDPOINT_URL does not replace.
  const aws = (...args: string[]) =>
    runClient(drydock.endpoint, 'aws', '--endpoint-url', drydock.endpoint, '--output', 'json', 'sqs', ...args)
  const { QueueUrl } = JSON.parse(await aws('create-queue', '--queue-name', 'by-cli'))
  await aws('send-message', '--queue-url', QueueUrl, '--message-body', 'hello')
  const { Messages } = JSON.parse(await aws('receive-message', '--queue-url', QueueUrl))
  expect(Messages).toMatchObject([{ Body: 'hello' }])
  expect(drydock.faults).toEqual([])
})
