/** The process ends between any two effects of a deployment: whoever looks next finishes it, once. */
import { decideDelivery } from '@capstan/core/delivery.ts'
import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'

const EFFECTS = ['pass-written', 'task-definition-registered', 'service-updated', 'events-sent']
const points = [0, 1, 2, 3, 4]

async function expectOneDeployment(fleet: Fleet & { readonly uri: string }, digest: string) {
  expect(await fleet.serviceNow('web')).toEqual({
    images: { app: `${fleet.uri}@${digest}` },
    revision: 2,
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  const { deployments, record } = await fleet.story('web')
  expect(deployments).toMatchObject([{ state: 'completed', reason: 'newer-image' }])
  expect(record).not.toHaveProperty('inFlight')
  expect(record).toMatchObject({ quarantine: {} })
}

test.each(points)('ended after %i effects, the sweeps finish it', async (count) => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.takeEvents('image-pushed')
  expect(await fleet.dieAfter(count)).toEqual(EFFECTS.slice(0, count))
  await fleet.settle()
  await expectOneDeployment(fleet, digest)
})

test.each(points)('ended after %i effects, the same event delivered again finishes it', async (count) => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  const [event] = await fleet.takeEvents('image-pushed')
  await fleet.dieAfter(count)
  // At once the intent still belongs to the one who wrote it; after a minute, as Lambda tries again, to anyone.
  await fleet.wake('image-pushed', event)
  await fleet.advance('60s')
  await fleet.wake('image-pushed', event)
  await fleet.advance('60s')
  await fleet.deliverEvents()
  await expectOneDeployment(fleet, digest)
})

test.each(points)('ended after %i effects twice in a row, it is still one deployment', async (count) => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.takeEvents('image-pushed')
  await fleet.dieAfter(count)
  await fleet.advance('60s')
  await fleet.dieAfter(count)
  await fleet.settle()
  await expectOneDeployment(fleet, digest)
})

test.each([1, 2])('ended after %i effects, a newer image overtakes what was not finished', async (count) => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.takeEvents('image-pushed')
  await fleet.dieAfter(count)
  const digest = await fleet.push('web', '1.2.0')
  await fleet.advance('60s')
  await fleet.settle()
  expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
  expect((await fleet.story('web')).states).toEqual(['superseded', 'completed'])
})

test('who is held up for longer than the lease does not go on, and nothing is done twice', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.takeEvents('image-pushed')
  const [observation] = await fleet.capstan.observePush('web')
  if (observation?.kind !== 'seen') throw new Error('The service was not seen')
  const slow = fleet.capstan.effects(observation.view, decideDelivery(observation.view, fleet.now))
  await slow.next()
  await slow.next()
  await fleet.advance('15s')
  await fleet.sweep()
  await expect(slow.next()).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('lease'),
  })
  await fleet.settle()
  await expectOneDeployment(fleet, digest)
})
