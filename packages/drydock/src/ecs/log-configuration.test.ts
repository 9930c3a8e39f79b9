import { expect, test } from 'vitest'
import { logsOf, requireLogConfiguration } from './log-configuration.ts'

const container = (
  options: Record<string, string>,
  logDriver: 'awslogs' | 'splunk' | 'syslog' = 'awslogs',
) => ({
  name: 'web',
  logConfiguration: { logDriver, options },
})
const FULL = { 'awslogs-group': '/app', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'p' }

test.each<[Record<string, string>, boolean, string]>([
  [{}, true, 'requires options: awslogs-group, awslogs-region, awslogs-stream-prefix'],
  [{ 'awslogs-group': 'g', 'awslogs-region': 'eu-west-1' }, true, 'requires options: awslogs-stream-prefix'],
  [{}, false, 'requires options: awslogs-group'],
  [{ ...FULL, 'awslogs-create-group': 'yes' }, true, 'must be one of true, false'],
  [{ ...FULL, mode: 'fast' }, true, 'must be one of blocking, non-blocking'],
])('options %j on Fargate (%s) are refused', (options, isFargate, message) => {
  expect(() => requireLogConfiguration(container(options), isFargate)).toThrow(message)
})

test('what awslogs or another driver takes is accepted', () => {
  requireLogConfiguration(container({ ...FULL, mode: 'non-blocking', 'awslogs-create-group': 'true' }), true)
  requireLogConfiguration(container({ 'awslogs-group': 'g' }), false)
  requireLogConfiguration(container({}, 'splunk'), true)
  requireLogConfiguration({ name: 'web' }, true)
})

test('a log driver of Docker alone is refused on Fargate, which has not got it', () => {
  requireLogConfiguration(container({}, 'syslog'), false)
  expect(() => requireLogConfiguration(container({}, 'syslog'), true)).toThrow(
    'syslog is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]',
  )
})

test('a stream is named by prefix, container and task', () => {
  expect(logsOf(container(FULL), 'abc', 'us-east-1')).toEqual({
    group: '/app',
    stream: 'p/web/abc',
    region: 'eu-west-1',
    createsGroup: false,
  })
  expect(
    logsOf(container({ 'awslogs-group': 'g', 'awslogs-create-group': 'true' }), 'abc', 'us-east-1'),
  ).toEqual({
    group: 'g',
    region: 'us-east-1',
    createsGroup: true,
  })
  expect(logsOf(container(FULL, 'splunk'), 'abc', 'us-east-1')).toBeUndefined()
})
