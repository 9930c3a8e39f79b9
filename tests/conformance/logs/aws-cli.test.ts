/** CloudWatch Logs by the AWS CLI, as its `logs tail --follow` asks. */
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const GROUP = '/ecs/app'

/** An engine on the machine's clock, because the CLI asks for the last ten minutes of it. */
async function setUp() {
  const drydock = await testEngine({ clock: 'system' })
  const logs = new CloudWatchLogs(drydock.config)
  await logs.createLogGroup({ logGroupName: GROUP })
  await logs.createLogStream({ logGroupName: GROUP, logStreamName: 'web/1' })
  const put = (message: string) =>
    logs.putLogEvents({
      logGroupName: GROUP,
      logStreamName: 'web/1',
      logEvents: [{ timestamp: Date.now(), message }],
    })
  return { drydock, logs, put }
}

test.skipIf(!isInstalled('aws', '--version'))(
  'the AWS CLI writes, lists and filters events',
  { timeout: 60_000 },
  async () => {
    const { drydock, put } = await setUp()
    await using _ = drydock
    await put('ERROR: it broke')
    await put('all is well')
    const aws = (...args: string[]) => runClient(drydock.endpoint, 'aws', 'logs', ...args)
    const groups = JSON.parse(await aws('describe-log-groups', '--log-group-name-prefix', '/ecs'))
    expect(groups.logGroups).toMatchObject([{ logGroupName: GROUP }])
    const filter = ['--log-group-name', GROUP, '--filter-pattern', '"it broke"']
    const { events } = JSON.parse(await aws('filter-log-events', ...filter))
    expect(events).toMatchObject([{ message: 'ERROR: it broke', logStreamName: 'web/1' }])
    const stream = ['--log-group-name', GROUP, '--log-stream-name', 'web/1', '--start-from-head']
    expect(JSON.parse(await aws('get-log-events', ...stream)).events).toHaveLength(2)
    await expect(aws('get-log-events', ...stream, '--log-group-name', 'none')).rejects.toThrow(
      '(ResourceNotFoundException)',
    )
    expect(drydock.faults).toEqual([])
  },
)

test('following a group as the CLI does misses nothing and repeats nothing that it cannot tell', async () => {
  const { drydock, logs, put } = await setUp()
  await using _ = drydock
  const seen = new Map<string, string>()
  let startTime = Date.now() - 600_000
  // Version 2 of the CLI asks again from the time of the newest event on, and knows events by their ids.
  const look = async () => {
    const pages = { logGroupName: GROUP, interleaved: true, startTime }
    const { events = [] } = await logs.filterLogEvents(pages)
    for (const { eventId = '', message = '', timestamp = 0 } of events) {
      seen.set(eventId, message)
      startTime = Math.max(startTime, timestamp)
    }
  }
  const written = Array.from({ length: 20 }, (_line, index) => `line ${index}`)
  for (const line of written) {
    await put(line)
    await look()
  }
  await look()
  expect([...seen.values()]).toEqual(written)
})
