/** By what a service is found unhealthy: crashes, and alarms that are tied to it in every way. */
import {
  CloudWatchClient,
  DisableAlarmActionsCommand,
  PutCompositeAlarmCommand,
} from '@aws-sdk/client-cloudwatch'
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { about, type Guarded, guardedWeb, putAlarm, setAlarm } from './guarded.ts'

/** Someone else deploys 1.1.0, which the policy chooses too, with an environment under which it misbehaves. */
async function deployByHand(fleet: Guarded, environment: Readonly<Record<string, string>>): Promise<string> {
  const digest = await fleet.push('web', '1.1.0')
  await fleet.takeEvents('image-pushed')
  const image = `${fleet.uri}@${digest}`
  const taskDefinition = await fleet.registerTaskDefinition('web', [{ image, environment }])
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition }))
  return digest
}

/** Plays on second by second with its events at once. */
async function play(fleet: Guarded, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    await fleet.advance('5s')
    await fleet.deliverEvents()
  }
}

test('what crashes again and again goes back to what was good', async () => {
  await using fleet = await guardedWeb()
  const bad = await deployByHand(fleet, { DRYDOCK_EXIT_AFTER: '8s', DRYDOCK_EXIT_CODE: '1' })
  await play(fleet, 90)
  const { record, reasons } = await fleet.story('web')
  expect(reasons).toContain('adopt chosen-images')
  expect(reasons.filter((reason) => reason.startsWith('roll-back'))).toEqual(['roll-back crash-loop'])
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}:1.0.0` })
  expect(fleet.engine.faults).toEqual([])
})

type MakeAlarm = (fleet: Guarded) => Promise<string>

const ties: [string, MakeAlarm][] = [
  [
    'its tag',
    async (fleet) => {
      await putAlarm(fleet, 'queue-age', [], { tags: { 'capstan:service': 'default/web' } })
      return 'queue-age'
    },
  ],
  [
    'a composite alarm over one of its own',
    async (fleet) => {
      const cloudwatch = new CloudWatchClient(fleet.engine.config)
      await putAlarm(fleet, 'web-errors', about('web'))
      await putAlarm(fleet, 'switch', [])
      const AlarmRule = 'ALARM("web-errors") AND NOT ALARM(switch)'
      await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'web-bad', AlarmRule }))
      // By itself it would lead to nothing.
      await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['web-errors'] }))
      return 'web-errors'
    },
  ],
]

test.each(ties)('an alarm tied by %s rolls back', async (_, make) => {
  await using fleet = await guardedWeb()
  const name = await make(fleet)
  const bad = await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.advance('20s')
  await fleet.deliverEvents()
  await setAlarm(fleet, name, 'ALARM')
  await fleet.deliverEvents(['alarm-state-changed'])
  const { record, reasons } = await fleet.story('web')
  expect(reasons.filter((reason) => reason.startsWith('roll-back'))).toEqual(['roll-back alarm'])
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect(fleet.engine.faults).toEqual([])
})
