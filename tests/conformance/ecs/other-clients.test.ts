/** Service deployments by boto3. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_deployments.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))(
  'boto3 follows a deployment, stops it and sees it rolled back',
  async () => {
    await using drydock = await testEngine({ clock: 'system' })
    const printed = await runClient(drydock.endpoint, 'python3', script, drydock.endpoint)
    expect(JSON.parse(printed)).toEqual({
      isSame: true,
      isBack: true,
      revision: '1',
      refused: 'ConflictException',
    })
    expect(drydock.faults).toEqual([])
  },
)
