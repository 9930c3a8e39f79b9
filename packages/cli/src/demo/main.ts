/**
 * `npm run demo`: push, deploy, and what is not deployed, on an engine of its own. Every step is observed on the wire:
 * ECS, the registry, the ledger and the pages of the tasks. Exit code 0 only if all of it came to pass.
 */
import { join } from 'node:path'
import type { DecisionEntry } from '@capstan/aws'
import { messageOf } from '@capstan/core/failure.ts'
import { shortDigest } from '@capstan/core/image.ts'
import { checkout } from '../config-file.ts'
import { startCapstan } from '../dev/dev.ts'
import { createExample, EXAMPLE } from '../dev/example.ts'
import { LOCAL_CREDENTIALS } from '../sdk.ts'
import { until } from '../until.ts'
import { expectSeen, type Story, tellTo } from './story.ts'
import { type World, worldAt } from './world.ts'

const example = (version: string) => join(checkout, 'examples', 'web', version)

Object.assign(process.env, LOCAL_CREDENTIALS)
const { drydock, sdk } = await startCapstan({ port: 0 }, join(checkout, 'capstan.config.ts'))
try {
  await createExample(sdk, example('v1'))
  await tell(tellTo(console.log), worldAt(drydock.endpoint, sdk))
  console.log('\nThe end: every step was seen on the wire.')
} catch (error) {
  console.error(`\n${messageOf(error)}`)
  process.exitCode = 1
} finally {
  await drydock.close()
}

async function tell(story: Story, world: World): Promise<void> {
  await story.step(
    'A service with two tasks runs web 1.0.0; its tag says capstan:track = semver:1.x',
    async () => {
      const { running } = await completed(world)
      expectSeen('what the tasks answer', await versions(world), '1.0.0')
      return { saw: `${running} tasks are running and answer as 1.0.0` }
    },
  )
  const digest = await story.step('web 1.1.0 is pushed. Nobody does anything else', async () => {
    const value = await world.push(example('v2'), '1.1.0')
    return { saw: `the registry has it as ${shortDigest(value)}`, value }
  })
  await story.step('Capstan hauls it to the service, task by task, and the page never fails', async () => {
    const asked = await answeringUntilDeployed(world, digest ?? '')
    expectSeen('what the tasks answer', await versions(world), '1.1.0')
    return {
      saw: `${asked} requests meanwhile, all answered\nnow every task answers as 1.1.0, pinned by its digest`,
    }
  })
  await story.step('An older build comes late: web 1.0.5', async () => {
    await world.push(example('v1'), '1.0.5')
    return stays(world, digest ?? '')
  })
  await story.step('A version out of range comes: web 2.0.0', async () => {
    await world.push(example('v1'), '2.0.0')
    return stays(world, digest ?? '')
  })
  await story.step('The ledger says why', async () => ({
    saw: (await told(world)).map((one) => one.sentence).join('\n'),
  }))
}

/** The tasks' answers as one word, if they are all the same. */
async function versions(world: World): Promise<string> {
  return [...new Set(await world.answers(8))].join(' and ')
}

function completed(world: World) {
  return until(
    () => 'ECS completes the deployment',
    async () => {
      const seen = await world.deployed()
      return seen.completed ? seen : undefined
    },
  )
}

async function answeringUntilDeployed(world: World, digest: string): Promise<number> {
  let asked = 0
  await until(
    () => `the service is deployed as ${digest}`,
    async () => {
      asked += (await world.answers(4)).length
      const { image, completed: done } = await world.deployed()
      return done && image.endsWith(`@${digest}`) ? true : undefined
    },
  )
  return asked
}

/** A push that is decided to change nothing: the function has run, and the service is as it was. */
async function stays(world: World, digest: string): Promise<{ saw: string }> {
  await drydock.engine.settle()
  const { image } = await world.deployed()
  expectSeen('the image of the service', image.split('@')[1], digest)
  return { saw: 'the service stays on 1.1.0' }
}

async function told(world: World): Promise<readonly DecisionEntry[]> {
  const { cluster, service } = EXAMPLE
  return (await world.capstan.ledger.listDecisions({ cluster, service })).toReversed()
}
