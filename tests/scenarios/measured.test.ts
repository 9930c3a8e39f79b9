/** What is measured of a bad deployment and of a good one, while every event comes twice at the same moment. */
import { Metrics } from '@aws-lambda-powertools/metrics'
import { expect, onTestFinished, test, vi } from 'vitest'
import { EVENT_DOORS } from './fleet.ts'
import { about, type Guarded, guardedWeb, putAlarm, setAlarm } from './guarded.ts'

/** Hands over each event twice, to two functions at once; one of them may lose, and is tried again. */
async function deliverTwice(fleet: Guarded): Promise<void> {
  for (let handed = -1; handed !== 0; ) {
    handed = 0
    for (const door of EVENT_DOORS) {
      for (const event of await fleet.takeEvents(door)) {
        handed += 1
        const twins = await Promise.allSettled([fleet.wake(door, event), fleet.wake(door, event)])
        for (const { status } of twins) if (status === 'rejected') await fleet.wake(door, event)
      }
    }
  }
}

async function play(fleet: Guarded): Promise<void> {
  for (let minute = 0; minute < 3; minute++) {
    await deliverTwice(fleet)
    await fleet.advance('60s')
    await deliverTwice(fleet)
    await Promise.all([fleet.sweep(), fleet.sweep()])
  }
}

test('each thing is counted once: a deployment that is rolled back, and the one that mends it', async () => {
  const added = vi.spyOn(Metrics.prototype, 'addMetric')
  onTestFinished(() => added.mockRestore())
  const valuesOf = (name: string) => added.mock.calls.flatMap(([of, , value]) => (of === name ? [value] : []))
  await using fleet = await guardedWeb()
  await putAlarm(fleet, 'web-errors', about('web'))
  await fleet.push('web', '1.1.0')
  await deliverTwice(fleet)
  await fleet.advance('20s')
  await deliverTwice(fleet)
  expect([valuesOf('Deployments'), valuesOf('PushToStarted')]).toEqual([[1], [expect.any(Number)]])
  await setAlarm(fleet, 'web-errors', 'ALARM')
  await deliverTwice(fleet)
  await fleet.advance('20s')
  await setAlarm(fleet, 'web-errors', 'OK')
  await play(fleet)
  expect([valuesOf('Rollbacks'), valuesOf('FailedDeployments')]).toEqual([[1], [1]])
  const [restored, ...others] = valuesOf('TimeToRestore')
  expect(restored).toBeGreaterThan(0)
  expect(restored).toBeLessThan(60)
  expect(others).toEqual([])

  await fleet.push('web', '1.2.0')
  await play(fleet)
  expect([valuesOf('Deployments'), valuesOf('FailedDeployments')]).toEqual([
    [1, 1],
    [1, 0],
  ])
  const [lead, ...more] = valuesOf('PushToVerified')
  expect([lead, more]).toEqual([expect.any(Number), []])
  expect(lead).toBeGreaterThanOrEqual(30)
  expect(valuesOf('PushToDeployed')).toHaveLength(2)
  expect(valuesOf('Rollbacks')).toEqual([1])
})
