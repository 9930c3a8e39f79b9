/**
 * `npm run demo`: a good image, a bad one that is hauled back by its alarm, and one that never starts, on an engine of
 * its own. Every step is observed on the wire. Exit code 0 only if all of it came to pass.
 */
import { join } from 'node:path'
import { Failure, messageOf } from '@capstan/core/failure.ts'
import { checkout } from '../config-file.ts'
import { startCapstan } from '../dev/dev.ts'
import { createExample } from '../dev/example.ts'
import { LOCAL_CREDENTIALS } from '../sdk.ts'
import { tellBad } from './act-bad.ts'
import { tellBroken } from './act-broken.ts'
import { tellGood } from './act-good.ts'
import { exampleFolder } from './seeing.ts'
import { tellTo } from './story.ts'
import { startVisitor } from './visitor.ts'
import { worldAt } from './world.ts'

Object.assign(process.env, LOCAL_CREDENTIALS)
const { drydock, sdk } = await startCapstan({ port: 0 }, join(checkout, 'capstan.config.ts'))
try {
  const host = await createExample(sdk, exampleFolder('v1'), '2s')
  if (!host) throw new Failure('UNAVAILABLE', 'The example has no load balancer.')
  await tell(host)
  console.log('\nThe end: every step was seen on the wire.')
} catch (error) {
  console.error(`\n${messageOf(error)}`)
  process.exitCode = 1
} finally {
  await drydock.close()
}

async function tell(host: string): Promise<void> {
  const story = tellTo(console.log)
  const world = worldAt(drydock.endpoint, sdk, host)
  const visitor = startVisitor(() => world.look('/'))
  try {
    const good = await tellGood(story, world, visitor)
    await tellBad(story, world, visitor, good)
    await tellBroken(story, world, visitor, good)
  } finally {
    visitor.leave()
  }
}
