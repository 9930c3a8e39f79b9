/** ECS rolls a bad image back by its own circuit breaker: Capstan recognises it, and does not bring the image again. */
import { UpdateServiceCommand } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'

/** A fleet whose service `web` has the circuit breaker with rollback, steady on 1.0.0. */
const guardedFleet = () => Fleet.withWeb({ circuitBreaker: true })

/** Plays half a minute, handing over each second's events at once, as EventBridge does. */
async function playPromptly(fleet: Fleet): Promise<void> {
  for (let second = 0; second < 30; second++) {
    await fleet.deliverEvents()
    await fleet.advance('1s')
  }
  await fleet.deliverEvents()
}

test('an image that ECS rolled back is quarantined, and left until a newer one comes', async () => {
  await using fleet = await guardedFleet()
  const bad = await fleet.push('web', '1.1.0', { isBroken: true })
  await playPromptly(fleet)
  const rolledBack = {
    images: { app: `${fleet.uri}:1.0.0` },
    revision: 1,
    rolloutState: 'COMPLETED',
    deployments: 1,
  }
  expect(await fleet.serviceNow('web')).toEqual(rolledBack)
  const { deployments, record, reasons } = await fleet.story('web')
  const note = expect.stringContaining('ECS deployment circuit breaker: tasks failed to start')
  expect(deployments).toMatchObject([{ state: 'failed', note }])
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
  expect(record).not.toHaveProperty('inFlight')
  expect(reasons.slice(-3)).toEqual(['record failed', 'skip quarantined', 'bake completed'])

  await fleet.settle()
  expect(await fleet.serviceNow('web')).toEqual(rolledBack)
  expect((await fleet.story('web')).states).toEqual(['failed'])

  const good = await fleet.push('web', '1.1.1')
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({
    images: { app: `${fleet.uri}@${good}` },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect((await fleet.story('web')).states).toEqual(['failed', 'completed'])
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
})

test('a rollback that no event told of is found by the sweep, and is the same to the ledger', async () => {
  await using fleet = await guardedFleet()
  const bad = await fleet.push('web', '1.1.0', { isBroken: true })
  await fleet.deliverEvents()
  await fleet.advance('60s')
  await fleet.takeEvents('deployment-state-changed')
  await fleet.sweep()
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({ revision: 1, rolloutState: 'COMPLETED' })
  const { record, states } = await fleet.story('web')
  expect(states).toEqual(['failed'])
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
})

test('a failed deployment that ECS leaves stalled is taken back by a person, and that is adopted', async () => {
  await using fleet = await guardedFleet()
  const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: false } }
  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', deploymentConfiguration }))
  const bad = await fleet.push('web', '1.1.0', { isBroken: true })
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({ rolloutState: 'FAILED', deployments: 2 })
  expect((await fleet.story('web')).states).toEqual(['failed'])

  await fleet.ecs.send(new UpdateServiceCommand({ service: 'web', taskDefinition: 'web:1' }))
  await fleet.settle()
  expect(await fleet.serviceNow('web')).toMatchObject({ revision: 1, rolloutState: 'COMPLETED' })
  const { record, reasons, states } = await fleet.story('web')
  expect(states).toEqual(['failed'])
  expect(reasons).toContain('adopt rolled-back')
  expect(record).not.toHaveProperty('hold')
  expect(Object.keys(record?.quarantine ?? {})).toEqual([bad])
})
