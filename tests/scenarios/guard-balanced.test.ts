/** A service behind an application load balancer: the alarms that Capstan makes for it, and its targets. */
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import { DeleteServiceCommand, TagResourceCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { balancedShop } from './balanced.ts'
import type { Fleet } from './fleet.ts'

const cloudwatchOf = (fleet: Fleet) => new CloudWatchClient(fleet.engine.config)

async function alarmsOf(fleet: Fleet) {
  const { MetricAlarms = [] } = await cloudwatchOf(fleet).send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: 'capstan-' }),
  )
  return MetricAlarms
}

const OWN = ['capstan-default-shop-5xx', 'capstan-default-shop-latency', 'capstan-default-shop-unhealthy']

test('the recommended alarms are made, mended and removed with the guard that wants them', async () => {
  await using fleet = await balancedShop('auto')
  const cloudwatch = cloudwatchOf(fleet)
  const made = await alarmsOf(fleet)
  expect(made.map(({ AlarmName }) => AlarmName)).toEqual(OWN)
  const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: made[0]?.AlarmArn }))
  expect(Tags).toContainEqual({ Key: 'capstan:service', Value: 'default/shop' })

  await cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: OWN.slice(0, 1) }))
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toHaveLength(3)

  const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:service/default/shop'
  await fleet.ecs.send(
    new TagResourceCommand({ resourceArn, tags: [{ key: 'capstan:guard', value: 'watch' }] }),
  )
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toEqual([])
  expect(fleet.engine.faults).toEqual([])
})

test('they go with the service', async () => {
  await using fleet = await balancedShop('auto')
  await fleet.ecs.send(new DeleteServiceCommand({ service: 'shop', force: true }))
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toEqual([])
})

test("someone else's alarm of the same name is never touched", async () => {
  await using fleet = await balancedShop('watch')
  const foreign = {
    ...{ AlarmName: OWN[0], Namespace: 'Mine', MetricName: 'Errors', Statistic: 'Sum' as const },
    ...{ Period: 60, EvaluationPeriods: 1, Threshold: 7 },
    ComparisonOperator: 'GreaterThanThreshold' as const,
  }
  await cloudwatchOf(fleet).send(new PutMetricAlarmCommand(foreign))
  const resourceArn = 'arn:aws:ecs:us-east-1:123456789012:service/default/shop'
  const tag = (value: string) =>
    fleet.ecs.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'capstan:guard', value }] }))
  await tag('auto')
  await fleet.sweep()
  const made = await alarmsOf(fleet)
  expect(made.map(({ AlarmName }) => AlarmName)).toEqual(OWN)
  expect(made[0]).toMatchObject({ Namespace: 'Mine', Threshold: 7 })
  await tag('watch')
  await fleet.sweep()
  expect(await alarmsOf(fleet)).toMatchObject([{ AlarmName: OWN[0], Namespace: 'Mine' }])
})

test('a service behind a load balancer is verified by its targets too', async () => {
  await using fleet = await balancedShop('auto')
  const digest = await fleet.push('shop', '1.1.0')
  await fleet.settle()
  await fleet.settle()
  const { record } = await fleet.story('shop')
  expect(record?.good?.[0]?.images.app?.digest).toBe(digest)
  expect(record?.good?.[0]?.evidence.join(' ')).toContain('target')
  expect(record?.watches).toEqual([
    expect.stringMatching(/^app\/front\//),
    'default/shop',
    expect.stringMatching(/^targetgroup\/shop\//),
  ])
})
