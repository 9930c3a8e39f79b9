/** The first act: a good image is pushed, deployed without a failed request, and verified as last known good. */
import { describeImage } from '@capstan/core/facts.ts'
import { shortDigest } from '@capstan/core/image.ts'
import type { GoodState } from '@capstan/core/view.ts'
import { until } from '../until.ts'
import { describeVisit, exampleFolder, whenDeployed } from './seeing.ts'
import { expectSeen, type Story } from './story.ts'
import type { Visitor } from './visitor.ts'
import type { World } from './world.ts'

/** Tells it; returns the digest of the good image. */
export async function tellGood(story: Story, world: World, visitor: Visitor): Promise<string> {
  await story.step(
    'A service of two tasks runs web 1.0.0 behind a load balancer; its tags say capstan:track = semver:1.x, capstan:bake = 2s',
    async (tell) => {
      const { running } = await whenDeployed(world)
      expectSeen('what the load balancer answers', await world.versions(8), '1.0.0')
      tell(`${running} tasks are running and answer as 1.0.0`)
    },
  )
  visitor.take()
  const digest = await story.step('web 1.1.0 is pushed. Nobody does anything else', async (tell) => {
    const value = await world.push(exampleFolder('v2'), '1.1.0')
    tell(`the registry has it as ${shortDigest(value)}`)
    return value
  })
  await story.step('Capstan hauls it to the service, task by task', async (tell) => {
    await whenDeployed(world, digest)
    expectSeen('what the load balancer answers', await world.versions(8), '1.1.0')
    const visit = visitor.take()
    expectSeen('the number of failed requests', visit.bad, 0)
    tell(`every task answers as 1.1.0, pinned by its digest\n${describeVisit(visit)}`)
  })
  await story.step(
    'An older build and a version out of range come late: web 1.0.5, web 2.0.0',
    async (tell) => {
      await world.push(exampleFolder('v1'), '1.0.5')
      await world.push(exampleFolder('v1'), '2.0.0')
      await world.sweep()
      expectSeen('the digest of the service', (await world.deployed()).digest, digest)
      tell('the service stays on 1.1.0')
    },
  )
  await story.step(
    'It stays healthy for its bake time. (The sweep comes each minute; here it is asked for)',
    async (tell) => {
      const good = await whenVerified(world, digest)
      tell(`${imageIn(good)} is the last known good:\n${good.evidence.map((one) => `  ${one}`).join('\n')}`)
    },
  )
  return digest
}

function whenVerified(world: World, digest: string): Promise<GoodState> {
  return until(
    () => '1.1.0 is verified',
    async () => {
      await world.sweep()
      const { good = [] } = await world.record()
      return good.find(({ images }) => Object.values(images).some((image) => image.digest === digest))
    },
    SWEEP_EVERY_MS,
  )
}

const SWEEP_EVERY_MS = 1000

const imageIn = ({ images }: GoodState): string =>
  Object.values(images)
    .map((image) => `${image.repository} ${describeImage(image)}`)
    .join(' and ')
