/** Event source mappings by boto3 and the AWS CLI, on the machine's own clock. */

import { fileURLToPath } from 'node:url'
import { Lambda } from '@aws-sdk/client-lambda'
import { SQS } from '@aws-sdk/client-sqs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'
import { pack } from './harness.ts'
import { arnOfQueue } from './queue-harness.ts'

const script = fileURLToPath(new URL('boto_event_sources.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))(
  'boto3 has a queue read',
  async () => {
    await using drydock = await testEngine({ clock: 'system' })
    expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
      made: 'Creating',
      updating: 'Updating',
      listed: [3],
      deleting: 'Deleting',
    })
    expect(drydock.faults).toEqual([])
  },
  60_000,
)

test.skipIf(!isInstalled('aws', '--version'))(
  'the AWS CLI makes and changes a mapping',
  async () => {
    await using drydock = await testEngine()
    const aws = async (...args: string[]) =>
      JSON.parse((await runClient(drydock.endpoint, 'aws', '--output', 'json', ...args)) || '{}')
    await new Lambda(drydock.config).createFunction({
      FunctionName: 'worker',
      Role: 'arn:aws:iam::123456789012:role/test',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: pack('export const handler = async () => {}') },
    })
    await new SQS(drydock.config).createQueue({ QueueName: 'jobs' })
    const names = ['--function-name', 'worker', '--event-source-arn', arnOfQueue('jobs')]
    const limit = ['--scaling-config', 'MaximumConcurrency=5']
    const { UUID } = await aws('lambda', 'create-event-source-mapping', ...names, ...limit)
    await drydock.engine.advance('1s')
    expect(await aws('lambda', 'get-event-source-mapping', '--uuid', UUID)).toMatchObject({
      State: 'Enabled',
      ScalingConfig: { MaximumConcurrency: 5 },
    })
    const off = await aws('lambda', 'update-event-source-mapping', '--uuid', UUID, '--no-enabled')
    expect(off.State).toBe('Disabling')
  },
  60_000,
)
