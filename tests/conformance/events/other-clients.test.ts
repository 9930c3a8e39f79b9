/** EventBridge by boto3 and the AWS CLI. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_events.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))(
  'boto3 puts rules, targets and events',
  async () => {
    await using drydock = await testEngine({ clock: 'system' })
    expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
      failed: [0, 1],
      bodies: [{ n: 1 }],
      code: 'InvalidEventPatternException',
      rules: ['r'],
    })
    expect(drydock.faults).toEqual([])
  },
)

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI puts and lists rules', async () => {
  await using drydock = await testEngine()
  const aws = (...args: string[]) => runClient(drydock.endpoint, 'aws', '--output', 'json', 'events', ...args)
  const { RuleArn } = JSON.parse(
    await aws('put-rule', '--name', 'r', '--schedule-expression', 'rate(5 minutes)'),
  )
  expect(RuleArn).toBe('arn:aws:events:us-east-1:123456789012:rule/r')
  expect(JSON.parse(await aws('list-rules')).Rules).toMatchObject([{ Name: 'r', State: 'ENABLED' }])
  expect(drydock.faults).toEqual([])
})
