/** Trouble that a load balancer tells of: targets that stay unhealthy, alarms without traffic, alarms that others share. */
import { expect, test } from 'vitest'
import { addBehind, type Balanced, balancedShop, deployToShop, metricNameOf } from './balanced.ts'
import { listen, putAlarm, setAlarm } from './guarded.ts'

/** Plays on with every event at once, and a sweep each minute. */
async function play(fleet: Balanced, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    for (let step = 0; step < 6; step++) {
      await fleet.advance('10s')
      await fleet.deliverEvents()
    }
    await fleet.sweep()
  }
}

const rollbacksIn = (reasons: readonly string[]) => reasons.filter((each) => each.startsWith('roll-back'))

/** Pushes 1.1.0 and deploys it by hand, with a program that answers its probes with 503 from 25 s on. */
async function deploySick(fleet: Balanced): Promise<string> {
  const bad = await fleet.push('shop', '1.1.0')
  await fleet.takeEvents('image-pushed')
  await deployToShop(fleet, bad, { DRYDOCK_HEALTH_STATUS: '200,503@25s' })
  return bad
}

async function expectBack(fleet: Balanced, bad: string): Promise<void> {
  const { record } = await fleet.story('shop')
  expect(await fleet.serviceNow('shop')).toMatchObject({
    images: { app: `${fleet.uri}:1.0.0` },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect(record).not.toHaveProperty('trouble')
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
}

test('targets that stay unhealthy after the deployment completed are gone back from after the dwell time', async () => {
  await using fleet = await balancedShop('watch', { graceSeconds: 3600 })
  const own = await listen(fleet)
  const bad = await deploySick(fleet)
  await play(fleet, 1)
  expect(await fleet.serviceNow('shop')).toMatchObject({ rolloutState: 'COMPLETED' })
  const first = await fleet.story('shop')
  expect(first.record?.trouble).toMatchObject({ reason: 'targets-unhealthy' })
  expect(rollbacksIn(first.reasons)).toEqual([])
  await play(fleet, 1)
  const { decisions, reasons } = await fleet.story('shop')
  expect(rollbacksIn(reasons)).toEqual(['roll-back targets-unhealthy'])
  expect(decisions.find(({ kind }) => kind === 'roll-back')?.sentence).toMatch(
    /1 of 1 targets .*shop.* are unhealthy \(Target\.ResponseCodeMismatch/,
  )
  await play(fleet, 4)
  await expectBack(fleet, bad)
  expect(rollbacksIn((await fleet.story('shop')).reasons)).toHaveLength(1)
  expect(await own.types()).toContain('Capstan Deployment Rolled Back')
})

test('tasks that ECS replaces for their targets again and again are a crash loop', async () => {
  await using fleet = await balancedShop('watch')
  const bad = await deploySick(fleet)
  await play(fleet, 8)
  expect(rollbacksIn((await fleet.story('shop')).reasons)).toEqual(['roll-back crash-loop'])
  await expectBack(fleet, bad)
})

/** Deploys 1.1.0, which is well, lets the alarm ring, and expects nothing but that it is told. */
async function expectHeldFor(fleet: Balanced, alarm: string, reason: string): Promise<void> {
  const own = await listen(fleet)
  const digest = await fleet.push('shop', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('30s')
  await fleet.deliverEvents()
  await own.take()
  await setAlarm(fleet, alarm, 'ALARM')
  await fleet.deliverEvents()
  await fleet.settle()
  const { record, reasons } = await fleet.story('shop')
  expect(record?.trouble).toMatchObject({ reason, note: expect.stringContaining(alarm) })
  expect(reasons.filter((each) => each.startsWith('hold'))).toEqual([`hold ${reason}`])
  expect(rollbacksIn(reasons)).toEqual([])
  expect((await fleet.serviceNow('shop')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect((await own.types()).filter((type) => type.endsWith('Held'))).toHaveLength(1)

  await setAlarm(fleet, alarm, 'OK')
  await fleet.settle()
  const after = await fleet.story('shop')
  expect(after.record).not.toHaveProperty('trouble')
  expect(after.record?.good?.[0]?.images.app?.digest).toBe(digest)
  expect(fleet.engine.faults).toEqual([])
}

test('an alarm about traffic that there was none of proves nothing', async () => {
  await using fleet = await balancedShop('watch')
  const dimensions = [
    { Name: 'LoadBalancer', Value: metricNameOf(fleet.balancerArn) },
    { Name: 'TargetGroup', Value: metricNameOf(fleet.targetGroupArn) },
  ]
  await putAlarm(fleet, 'shop-slow', dimensions, {
    namespace: 'AWS/ApplicationELB',
    metric: 'TargetResponseTime',
  })
  await expectHeldFor(fleet, 'shop-slow', 'no-traffic')
})

test('an alarm on a load balancer that others are behind as well blames no one of them', async () => {
  await using fleet = await balancedShop('watch')
  await addBehind(fleet, 'blog')
  const dimensions = [{ Name: 'LoadBalancer', Value: metricNameOf(fleet.balancerArn) }]
  await putAlarm(fleet, 'front-down', dimensions, {
    namespace: 'AWS/ApplicationELB',
    metric: 'UnHealthyHostCount',
  })
  await expectHeldFor(fleet, 'front-down', 'shared-alarm')
})
