/** Route 53 by boto3 and the AWS CLI. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_zones.py', import.meta.url))
const slow = { timeout: 60_000 }

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 changes a zone', slow, async () => {
  await using drydock = await testEngine()
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
    status: 'PENDING',
    refused: "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]",
    names: ['example.com. NS', 'example.com. SOA', '\\052.example.com. A', 'a.example.com. A'],
    code: 'NoSuchHostedZone',
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))(
  'the AWS CLI makes a zone and waits for a change',
  slow,
  async () => {
    await using drydock = await testEngine({ clock: 'system' })
    const aws = async (...args: string[]) =>
      runClient(
        drydock.endpoint,
        'aws',
        '--endpoint-url',
        drydock.endpoint,
        '--output',
        'json',
        'route53',
        ...args,
      )
    const made = JSON.parse(
      await aws('create-hosted-zone', '--name', 'example.com', '--caller-reference', 'cli'),
    )
    const zone = ['--hosted-zone-id', made.HostedZone.Id]
    const batch = {
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: 'www.example.com',
            Type: 'A',
            TTL: 60,
            ResourceRecords: [{ Value: '192.0.2.1' }],
          },
        },
      ],
    }
    const changed = JSON.parse(
      await aws('change-resource-record-sets', ...zone, '--change-batch', JSON.stringify(batch)),
    )
    expect(changed.ChangeInfo).toMatchObject({ Status: 'PENDING' })
    expect(JSON.parse(await aws('get-change', '--id', changed.ChangeInfo.Id)).ChangeInfo.Id).toBe(
      changed.ChangeInfo.Id,
    )
    const { ResourceRecordSets } = JSON.parse(await aws('list-resource-record-sets', ...zone))
    expect(ResourceRecordSets).toHaveLength(3)
    await expect(aws('delete-hosted-zone', '--id', made.HostedZone.Id)).rejects.toThrow(
      '(HostedZoneNotEmpty)',
    )
    expect(drydock.faults).toEqual([])
  },
)
