/** What does not roll a service back, and is told instead: alarms that no deployment is to blame for. */
import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  PutAlarmMuteRuleCommand,
  PutCompositeAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import { expect, test } from 'vitest'
import { about, type Guarded, guardedWeb, listen, putAlarm, setAlarm } from './guarded.ts'

const cloudwatchOf = (fleet: Guarded) => new CloudWatchClient(fleet.engine.config)

/** Deploys 1.1.0 and plays on until ECS has completed it. */
async function deployNext(fleet: Guarded, tag = '1.1.0'): Promise<string> {
  const digest = await fleet.push('web', tag)
  await fleet.deliverEvents()
  await fleet.advance('20s')
  await fleet.deliverEvents()
  return digest
}

async function expectHeld(fleet: Guarded, digest: string, reason: string): Promise<void> {
  const { record, reasons } = await fleet.story('web')
  expect(reasons.filter((each) => each.startsWith('hold'))).toEqual([`hold ${reason}`])
  expect(reasons.filter((each) => each.startsWith('roll-back'))).toEqual([])
  expect(record?.trouble).toMatchObject({ reason })
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
}

test('an alarm that rang before the deployment is told, once, and the bake waits for its end', async () => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  await putAlarm(fleet, 'web-errors', about('web'))
  await setAlarm(fleet, 'web-errors', 'ALARM')
  await fleet.takeEvents('alarm-state-changed')
  await fleet.advance('5s')
  const digest = await deployNext(fleet)
  await fleet.settle()
  await expectHeld(fleet, digest, 'already-alarming')
  expect((await own.types()).filter((type) => type.endsWith('Held'))).toHaveLength(1)
  expect((await fleet.story('web')).record?.good?.[0]?.images.app?.digest).not.toBe(digest)

  await setAlarm(fleet, 'web-errors', 'OK')
  await fleet.settle()
  const { record, reasons } = await fleet.story('web')
  expect(reasons).toContain('clear recovered')
  expect(record).not.toHaveProperty('trouble')
  expect(record?.good?.[0]?.images.app?.digest).toBe(digest)
})

test.each([
  [
    'a mute rule',
    async (fleet: Guarded) => {
      const Schedule = { Expression: 'cron(* * * * *)', Duration: 'PT1H' }
      const MuteTargets = { AlarmNames: ['web-errors'] }
      await cloudwatchOf(fleet).send(
        new PutAlarmMuteRuleCommand({ Name: 'night', Rule: { Schedule }, MuteTargets }),
      )
      await fleet.advance('60s')
    },
    'the mute rule night',
  ],
  [
    'disabled actions',
    async (fleet: Guarded) => {
      await cloudwatchOf(fleet).send(new DisableAlarmActionsCommand({ AlarmNames: ['web-errors'] }))
    },
    'DisableAlarmActions',
  ],
])('an alarm muted by %s is told with who mutes it', async (_, mute, who) => {
  await using fleet = await guardedWeb()
  await putAlarm(fleet, 'web-errors', about('web'))
  const digest = await deployNext(fleet)
  await mute(fleet)
  await setAlarm(fleet, 'web-errors', 'ALARM')
  await fleet.deliverEvents()
  await expectHeld(fleet, digest, 'muted')
  expect((await fleet.story('web')).record?.trouble?.note).toContain(who)
})

test('alarms of many services at once are an outage: nothing is rolled back, and it is told once', async () => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  const names = ['one', 'two', 'three']
  for (const name of names) {
    await fleet.createService(name, {
      tags: { 'capstan:track': 'semver:1.x', 'capstan:bake': '30s' },
      containers: [{ image: `${fleet.uri}:1.0.0` }],
    })
    await putAlarm(fleet, `${name}-errors`, about(name))
  }
  await putAlarm(fleet, 'web-errors', about('web'))
  await fleet.settle()
  const digest = await deployNext(fleet)
  await own.take()
  for (const name of [...names, 'web']) await setAlarm(fleet, `${name}-errors`, 'ALARM')
  await fleet.deliverEvents()
  // The first few alarms tell of the outage; the sweep holds each service for it.
  await fleet.sweep()
  await expectHeld(fleet, digest, 'correlated-outage')
  for (const name of names) {
    const { images } = await fleet.serviceNow(name)
    expect(images).toEqual({ app: `${fleet.uri}@${digest}` })
  }
  await fleet.settle()
  expect((await own.types()).filter((type) => type.endsWith('Held'))).toEqual(['Capstan Held'])
})

test('alarms that are about nothing of ours are taken note of, and do nothing', async () => {
  await using fleet = await guardedWeb()
  const cloudwatch = cloudwatchOf(fleet)
  const before = await fleet.story('web')
  await putAlarm(fleet, 'billing', [])
  await putAlarm(fleet, 'unknown-service', about('nobody'))
  await putAlarm(fleet, 'tagged', [], { tags: { 'capstan:service': 'default/nobody' } })
  const rule = (name: string, AlarmRule: string) =>
    cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: name, AlarmRule }))
  await rule('all', 'ALARM(billing) OR ALARM(unknown-service)')
  await rule('left', 'ALARM(all)')
  await rule('right', 'ALARM(left)')
  await rule('left', 'ALARM(right) OR ALARM(all)')
  for (const name of ['billing', 'unknown-service', 'tagged']) await setAlarm(fleet, name, 'ALARM')
  await fleet.settle()
  expect((await fleet.story('web')).reasons).toEqual(before.reasons)
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
})

const heldOnes = (reasons: readonly string[]) => reasons.filter((each) => each.startsWith('hold'))

test('trouble that a rollback does not end is told once, and not rolled back', async () => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  await putAlarm(fleet, 'web-errors', about('web'))
  const bad = await deployNext(fleet)
  await setAlarm(fleet, 'web-errors', 'ALARM')
  // The alarm rings on under what was gone back to, for longer than any alarm takes to recover.
  for (let times = 0; times < 4; times++) await fleet.settle()
  const { record, reasons } = await fleet.story('web')
  expect(reasons.filter((each) => each.startsWith('roll-back'))).toEqual(['roll-back alarm'])
  expect(heldOnes(reasons)).toEqual(['hold rollback-unhealthy'])
  expect(record?.trouble).toMatchObject({ reason: 'rollback-unhealthy' })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  const told = (await own.take()).filter((each) => each['detail-type'].endsWith('Held'))
  expect(told.map(({ detail }) => detail.reason)).toEqual(['rollback-unhealthy'])
  expect(fleet.engine.faults).toEqual([])
})

test('that there is nothing to roll back to is told once, whatever is wrong with it', async () => {
  await using fleet = await guardedWeb({ 'capstan:bake': '1h' })
  const own = await listen(fleet)
  await putAlarm(fleet, 'web-errors', about('web'))
  const bad = await deployNext(fleet)
  await setAlarm(fleet, 'web-errors', 'ALARM')
  for (let times = 0; times < 3; times++) await fleet.settle()
  const { record, reasons } = await fleet.story('web')
  expect(heldOnes(reasons)).toEqual(['hold nothing-to-roll-back-to'])
  expect(record?.trouble).toMatchObject({ reason: 'nothing-to-roll-back-to' })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${bad}` })
  expect((await own.types()).filter((type) => type.endsWith('Held'))).toHaveLength(1)

  const newer = await fleet.push('web', '1.2.0')
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${newer}` })
})
