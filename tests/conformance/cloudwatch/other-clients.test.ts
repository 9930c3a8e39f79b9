/** CloudWatch by boto3, the AWS CLI, and a query request written by hand. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_alarms.py', import.meta.url))

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 puts metrics and alarms', async () => {
  await using drydock = await testEngine()
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
    metrics: ['Errors'],
    states: { 'by-boto': 'ALARM', all: 'ALARM' },
    threshold: 4.5,
    tags: [{ Key: 'team', Value: 'shop' }],
    history: 2,
    error: 'ResourceNotFound',
    missing: 'MissingParameter',
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI puts metrics and reads alarms', async () => {
  await using drydock = await testEngine()
  const aws = (...args: string[]) =>
    runClient(drydock.endpoint, 'aws', '--output', 'json', 'cloudwatch', ...args)
  const metric = ['--namespace', 'shop', '--metric-name', 'Errors']
  await aws('put-metric-data', ...metric, '--value', '7', '--timestamp', '2026-01-01T00:00:00Z')
  const window = [
    '--start-time',
    '2026-01-01T00:00:00Z',
    '--end-time',
    '2026-01-01T00:01:00Z',
    '--period',
    '60',
  ]
  const statistics = JSON.parse(
    await aws('get-metric-statistics', ...metric, ...window, '--statistics', 'Sum'),
  )
  expect(statistics.Datapoints).toMatchObject([{ Sum: 7, Unit: 'None' }])
  const rule = [
    '--evaluation-periods',
    '1',
    '--threshold',
    '5',
    '--comparison-operator',
    'GreaterThanThreshold',
  ]
  await aws(
    'put-metric-alarm',
    '--alarm-name',
    'a',
    ...metric,
    '--statistic',
    'Sum',
    '--period',
    '60',
    ...rule,
  )
  await drydock.engine.advance('61s')
  const { MetricAlarms } = JSON.parse(await aws('describe-alarms', '--state-value', 'ALARM'))
  expect(MetricAlarms).toMatchObject([{ AlarmName: 'a', StateValue: 'ALARM' }])
  expect(drydock.faults).toEqual([])
})

test('a query request by hand is answered in XML, its error too', async () => {
  await using drydock = await testEngine()
  const query = async (parameters: Record<string, string>) => {
    const body = new URLSearchParams({ Version: '2010-08-01', ...parameters })
    const reply = await fetch(drydock.endpoint, { method: 'POST', body })
    return `${reply.status} ${await reply.text()}`
  }
  const put = await query({
    Action: 'PutMetricData',
    Namespace: 'shop',
    'MetricData.member.1.MetricName': 'Errors',
    'MetricData.member.1.Value': '1',
  })
  expect(put).toMatch(/^200 .*<PutMetricDataResponse/s)
  expect(await query({ Action: 'ListMetrics' })).toContain('<MetricName>Errors</MetricName>')
  const missing = await query({ Action: 'DeleteAlarms', 'AlarmNames.member.1': 'none' })
  expect(missing).toMatch(/^404 .*<Code>ResourceNotFound<\/Code>/s)
})
