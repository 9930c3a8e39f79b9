/** The second act: an image that passes its health check and answers with errors after a while is hauled back. */
import { shortDigest } from '@capstan/core/image.ts'
import { until } from '../until.ts'
import { describeVisit, exampleFolder, whenDeployed } from './seeing.ts'
import { expectSeen, type Story } from './story.ts'
import type { Visitor } from './visitor.ts'
import type { World } from './world.ts'

/** Tells it; `good` is the digest that is gone back to. */
export async function tellBad(story: Story, world: World, visitor: Visitor, good: string): Promise<void> {
  visitor.take()
  const bad = await story.step('web 1.2.0 is pushed. It passes its health check', async (tell) => {
    const value = await world.push(exampleFolder('v3'), '1.2.0')
    await until(
      () => 'the bad image is deployed',
      async () => (await world.deployed()).digest === value || undefined,
    )
    tell(`Capstan deploys ${shortDigest(value)}`)
    return value
  })
  await story.step('After a while it answers 500, and the alarm on errors goes off', async (tell) => {
    const reason = await until(
      () => 'the alarm is in ALARM',
      async () => {
        const alarm = await world.alarm()
        return alarm.state === 'ALARM' ? alarm.reason : undefined
      },
    )
    tell(reason)
  })
  await story.step('Capstan hauls it back', async (tell) => {
    await whenDeployed(world, good)
    expectSeen('what the load balancer answers', await world.versions(8), '1.1.0')
    tell(`the page is served as 1.1.0 again\n${describeVisit(visitor.take())}`)
  })
  await story.step('The bad image is in quarantine, and the service is held', async (tell) => {
    const { hold, quarantine } = await world.record()
    const why = quarantine[bad]
    expectSeen('what is in quarantine', Object.keys(quarantine).join(), bad)
    expectSeen('the reason of the hold', hold?.reason, 'rolled-back')
    tell(`${shortDigest(bad)}: ${why}\nonly what is pushed from now on goes out by itself`)
  })
}
