/** The main job by the doors: each scenario ends with one right deployment and a ledger that says why. */
import type { CapstanConfig } from '@capstan/core/config.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { expect, test } from 'vitest'
import { Fleet, type FleetEvent } from './fleet.ts'

/** What is right in the end: this image, in this revision, completed and alone, and nothing under way. */
async function expectSettled(fleet: Fleet & { readonly uri: string }, digest: string, revision: number) {
  expect(await fleet.serviceNow('web')).toEqual({
    images: { app: `${fleet.uri}@${digest}` },
    revision,
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect((await fleet.story('web')).record).not.toHaveProperty('inFlight')
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
}

test('a pushed image is deployed by its digest, and the ledger says why and what became of it', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  await expectSettled(fleet, digest, 2)
  const { deployments, reasons } = await fleet.story('web')
  expect(deployments).toMatchObject([
    {
      reason: 'newer-image',
      state: 'completed',
      changes: [
        { container: 'app', from: `${fleet.uri}:1.0.0`, to: { repository: 'web', digest, tag: '1.1.0' } },
      ],
      timeline: [{ what: 'intended' }, { what: 'started' }, { what: 'completed' }],
    },
  ])
  expect(reasons).toEqual([
    'adopt first-seen',
    'skip already-running',
    'bake completed',
    'deploy newer-image',
    'record started',
    'wait deployment-in-progress',
    'record completed',
    'bake completed',
    'skip already-running',
  ])
})

test('the event of a push delivered twice, one after the other, deploys once', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  const [event] = await fleet.takeEvents('image-pushed')
  await fleet.wake('image-pushed', event)
  await fleet.wake('image-pushed', event)
  await fleet.settle()
  await fleet.wake('image-pushed', event)
  await expectSettled(fleet, digest, 2)
  expect((await fleet.story('web')).states).toEqual(['completed'])
})

test('the event of a push delivered twice at once deploys once', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  const [event] = await fleet.takeEvents('image-pushed')
  await Promise.all([fleet.wake('image-pushed', event), fleet.wake('image-pushed', event)])
  await fleet.settle()
  await expectSettled(fleet, digest, 2)
  expect((await fleet.story('web')).states).toEqual(['completed'])
})

const orders: [string, (events: FleetEvent[]) => FleetEvent[]][] = [
  ['in order', (events) => events],
  ['in reverse', (events) => events.toReversed()],
]
test.each(orders)('of three pushes within a second, told %s, the latest is what runs', async (_, ordered) => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.push('web', '1.2.0')
  const digest = await fleet.push('web', '1.3.0')
  for (const event of ordered(await fleet.takeEvents('image-pushed'))) await fleet.wake('image-pushed', event)
  await fleet.settle()
  await expectSettled(fleet, digest, 2)
  expect((await fleet.story('web')).states).toEqual(['completed'])
})

test('of three pushes, each told before the next, the latest is what runs and the others are superseded', async () => {
  await using fleet = await Fleet.withWeb()
  await fleet.push('web', '1.1.0')
  await fleet.deliverEvents()
  await fleet.push('web', '1.2.0')
  await fleet.deliverEvents()
  const digest = await fleet.push('web', '1.3.0')
  await fleet.settle()
  await expectSettled(fleet, digest, 4)
  const { deployments, states } = await fleet.story('web')
  expect(states).toEqual(['superseded', 'superseded', 'completed'])
  expect(deployments[0]?.note).toBe(`Overtaken by ${deployments[1]?.id}.`)
})

test('three pushes told to three doors at once end with the latest', async () => {
  await using fleet = await Fleet.withWeb()
  const wakened: Promise<unknown>[] = []
  let digest = ''
  for (const tag of ['1.1.0', '1.2.0', '1.3.0']) {
    digest = await fleet.push('web', tag)
    for (const event of await fleet.takeEvents('image-pushed'))
      wakened.push(fleet.wake('image-pushed', event))
  }
  await Promise.all(wakened)
  await fleet.settle()
  const { images, rolloutState, deployments } = await fleet.serviceNow('web')
  expect({ images, rolloutState, deployments }).toEqual({
    images: { app: `${fleet.uri}@${digest}` },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  const { states } = await fleet.story('web')
  expect(states.filter((state) => state !== 'superseded')).toEqual(['completed'])
})

test('an older version pushed late is not deployed, and the ledger says why', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  await fleet.settle()
  await fleet.push('web', '1.0.5')
  await fleet.settle()
  await expectSettled(fleet, digest, 2)
  const { decisions, states } = await fleet.story('web')
  expect(states).toEqual(['completed'])
  const said = decisions.map(({ sentence }) => sentence).filter((sentence) => sentence.includes('1.0.5'))
  expect(said).toEqual([
    expect.stringMatching(/^Leaves default\/web .* 1\.0\.5 \(.*\), pushed last, is lower\.$/),
  ])
})

test('a push whose event is lost is found by the sweep', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  expect(await fleet.takeEvents('image-pushed')).toHaveLength(1)
  await fleet.sweep()
  await fleet.settle()
  await expectSettled(fleet, digest, 2)
})

test('where every event is lost, sweeps alone do the same', async () => {
  await using fleet = await Fleet.withWeb()
  const digest = await fleet.push('web', '1.1.0')
  for (let minute = 0; minute < 3; minute++) {
    await fleet.sweep()
    await fleet.advance('60s')
  }
  await expectSettled(fleet, digest, 2)
  expect((await fleet.story('web')).states).toEqual(['completed'])
})

test('every service that tracks the repository gets the image, each by its own policy', async () => {
  await using fleet = await Fleet.withWeb()
  const image = `${fleet.uri}:1.0.0`
  await fleet.createService('next', { tags: { 'capstan:track': 'semver:2.x' }, containers: [{ image }] })
  await fleet.createService('free', { containers: [{ image }] })
  await fleet.settle()
  const one = await fleet.push('web', '1.1.0')
  const two = await fleet.push('web', '2.0.0')
  await fleet.settle()
  await expectSettled(fleet, one, 2)
  expect((await fleet.serviceNow('next')).images).toEqual({ app: `${fleet.uri}@${two}` })
  expect((await fleet.serviceNow('free')).images).toEqual({ app: image })
  expect((await fleet.story('free')).record).toBeUndefined()
})

test('of a service with two repositories, a push changes what one container runs and pins the other', async () => {
  await using fleet = await Fleet.start()
  const shop = await fleet.createRepository('shop')
  const proxy = await fleet.createRepository('proxy')
  const oldShop = await fleet.push('shop', '1.0.0')
  await fleet.push('proxy', '5.0.0')
  await fleet.createService('shop', {
    tags: { 'capstan:track/shop': 'semver:1.x', 'capstan:track/proxy': 'semver:5.x' },
    containers: [
      { name: 'shop', image: `${shop}:1.0.0` },
      { name: 'proxy', image: `${proxy}:5.0.0` },
    ],
  })
  await fleet.settle()
  const newProxy = await fleet.push('proxy', '5.1.0')
  await fleet.settle()
  const between = await fleet.serviceNow('shop')
  expect(between.images).toEqual({ shop: `${shop}@${oldShop}`, proxy: `${proxy}@${newProxy}` })
  const newShop = await fleet.push('shop', '1.1.0')
  await fleet.settle()
  const after = await fleet.serviceNow('shop')
  expect(after.images).toEqual({ shop: `${shop}@${newShop}`, proxy: `${proxy}@${newProxy}` })
  expect((await fleet.story('shop')).states).toEqual(['completed', 'completed'])
})

test('a service is enrolled by the config file alone, and released when the entry goes', async () => {
  await using fleet = await Fleet.start()
  const uri = await fleet.createRepository('job')
  await fleet.createService('job', { containers: [{ image: `${uri}:1.0.0` }] })
  const look = async (services: CapstanConfig['services']) => {
    const capstan = fleet.connect({ services })
    return capstan.deliver(await capstan.observeAll(), decideDelivery)
  }
  const digest = await fleet.push('job', '1.1.0')
  const named = await look({ job: 'semver:1.x' })
  expect(named).toMatchObject([{ service: { cluster: 'default', service: 'job' } }])
  expect((await fleet.serviceNow('job')).images).toEqual({ app: `${uri}@${digest}` })
  await fleet.push('job', '1.2.0')
  await look({})
  expect((await fleet.serviceNow('job')).images).toEqual({ app: `${uri}@${digest}` })
  expect((await fleet.story('job')).record?.repositories).toEqual([])
})

test('a moved tag is followed by its digest', async () => {
  await using fleet = await Fleet.start()
  const uri = await fleet.createRepository('api')
  await fleet.push('api', 'main', { content: 'first' })
  await fleet.createService('api', {
    tags: { 'capstan:track': 'tag:main' },
    containers: [{ image: `${uri}:main` }],
  })
  await fleet.settle()
  const digest = await fleet.push('api', 'main', { content: 'second' })
  await fleet.settle()
  expect((await fleet.serviceNow('api')).images).toEqual({ app: `${uri}@${digest}` })
  expect((await fleet.story('api')).deployments).toMatchObject([{ reason: 'tag-moved', state: 'completed' }])
})

test('a warm push takes eight calls until the service is updated, ledger included, and two to tell of it', async () => {
  await using fleet = await Fleet.withWeb()
  const { capstan } = fleet
  const look = async () => capstan.deliver(await capstan.observePush('web'), decideDelivery)
  await fleet.push('web', '1.1.0')
  await look()
  await fleet.advance('60s')
  await look()
  await fleet.push('web', '1.2.0')
  const before = { ...capstan.calls }
  await look()
  const made = Object.entries(capstan.calls).map(([name, count]) => [name, count - (before[name] ?? 0)])
  expect(Object.fromEntries(made.filter(([, count]) => count))).toEqual({
    'DynamoDB Query': 1,
    'ECS DescribeServices': 1,
    'ECR DescribeImages': 1,
    'ECR BatchGetImage': 1,
    'ECR GetDownloadUrlForLayer': 1,
    'DynamoDB TransactWriteItems': 1,
    'ECS RegisterTaskDefinition': 1,
    'ECS UpdateService': 1,
    'EventBridge PutEvents': 1,
    'DynamoDB DeleteItem': 1,
  })
})
