/** The third act: an image that never becomes healthy. ECS itself goes back, and Capstan recognises it. */
import { shortDigest } from '@capstan/core/image.ts'
import { until } from '../until.ts'
import { describeVisit, exampleFolder, whenDeployed } from './seeing.ts'
import { expectSeen, type Story } from './story.ts'
import type { Visitor } from './visitor.ts'
import type { World } from './world.ts'

/** Tells it; `good` is the digest that is gone back to. */
export async function tellBroken(story: Story, world: World, visitor: Visitor, good: string): Promise<void> {
  visitor.take()
  const broken = await story.step(
    'web 1.3.0 is pushed. It lacks a setting, and never becomes healthy',
    async (tell) => {
      const value = await world.push(exampleFolder('v4'), '1.3.0')
      tell(`the registry has it as ${shortDigest(value)}`)
      return value
    },
  )
  await story.step('Capstan waits until the alarm is quiet, then deploys it', async (tell) => {
    await whenBegun(world, broken)
    tell(`Capstan deploys ${shortDigest(broken)}`)
  })
  await story.step("Its tasks end as they start: ECS's circuit breaker goes back by itself", async (tell) => {
    const note = await until(
      () => 'the deployment has failed',
      async () => {
        const latest = await world.latest()
        return latest?.state === 'failed' ? (latest.note ?? '') : undefined
      },
    )
    await whenDeployed(world, good)
    const visit = visitor.take()
    expectSeen('the number of failed requests', visit.bad, 0)
    tell(`${note}\n1.1.0 runs on: ${describeVisit(visit)}`)
  })
  await story.step('Capstan has seen it: this image is in quarantine as well', async (tell) => {
    const { quarantine } = await world.record()
    expectSeen('whether the image is in quarantine', broken in quarantine, true)
    const all = Object.entries(quarantine).map(([digest, why]) => `${shortDigest(digest)}: ${why}`)
    tell(all.join('\n'))
  })
}

function whenBegun(world: World, digest: string): Promise<true> {
  return until(
    () => 'the deployment is begun',
    async () => {
      const latest = await world.latest()
      return latest?.changes.some(({ to }) => to.digest === digest) || undefined
    },
  )
}
