/** Rollbacks whose calls fail: not taken, or taken though the answer was an error; each is done once all the same. */
import { expect, test, vi } from 'vitest'
import { about, type Guarded, guardedWeb, listen, putAlarm, setAlarm } from './guarded.ts'
import { throttlingProxy } from './throttling-proxy.ts'

/** The alarm's event, and what it is about. */
async function turnBad(fleet: Guarded, isUnderWay: boolean) {
  await putAlarm(fleet, 'web-errors', about('web'))
  // What cannot start stays under way for as long as the scenario takes.
  const bad = await fleet.push('web', '1.1.0', { isBroken: isUnderWay })
  await fleet.deliverEvents()
  await fleet.advance(isUnderWay ? '1s' : '20s')
  await fleet.deliverEvents()
  await setAlarm(fleet, 'web-errors', 'ALARM')
  const [event] = (await fleet.takeEvents('alarm-state-changed')).slice(-1)
  return { bad, event }
}

async function expectOneRollback(fleet: Guarded, bad: string): Promise<void> {
  await fleet.settle()
  await setAlarm(fleet, 'web-errors', 'OK')
  await fleet.settle()
  const { reasons, record, states } = await fleet.story('web')
  expect(reasons.filter((reason) => reason === 'roll-back alarm')).toHaveLength(1)
  expect(states).toHaveLength(2)
  expect(states.at(-1)).toBe('completed')
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}:1.0.0` },
    revision: 1,
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect(record).not.toHaveProperty('inFlight')
  expect(record).not.toHaveProperty('trouble')
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
}

test.each<['refused' | 'lost', string]>([
  ['refused', 'StopServiceDeployment'],
  ['lost', 'StopServiceDeployment'],
  ['lost', 'UpdateService'],
  ['lost', 'TransactWriteItems'],
  ['lost', 'PutEvents'],
])('where the call is %s, %s rolls back once', async (how, operation) => {
  await using fleet = await guardedWeb()
  const own = await listen(fleet)
  await using proxy = await throttlingProxy(fleet.engine.endpoint)
  vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint)
  fleet.coldStart()
  const { bad, event } = await turnBad(fleet, operation === 'StopServiceDeployment')
  proxy[how] = operation
  const woken = fleet.wake('alarm-state-changed', event)
  if (operation === 'TransactWriteItems') await woken.catch(() => undefined)
  else await expect(woken).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(proxy.count).toBeGreaterThan(1)
  proxy[how] = ''
  await fleet.advance('20s')
  await fleet.wake('alarm-state-changed', event)
  await expectOneRollback(fleet, bad)
  const told = (await own.take()).filter((each) => each['detail-type'] === 'Capstan Deployment Rolled Back')
  expect(new Set(told.map(({ detail }) => detail.decision)).size).toBe(1)
})
