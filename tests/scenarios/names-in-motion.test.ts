/**
 * Names while their tasks come and go, asked for by dig all the time: what Capstan publishes leads to no task that has
 * stopped accepting and is never empty; what ECS registers by itself is shown beside it.
 */
import type { Task } from '@aws-sdk/client-ecs'
import { sweep } from '@capstan/cli/dev/sweep.ts'
import { expect, test } from 'vitest'
import { hasDig } from '../conformance/dns/dig.ts'
import { isInstalled } from '../conformance/sqs/programs.ts'
import { until } from '../fixtures/program.ts'
import { type Judgement, judge, sumOf, tableOf } from './name-sightings.ts'
import { addressOf, type NameWatch, type Watched, watchNames } from './name-watch.ts'
import { capstan, OURS, PORT, push, type Stage, stage, THEIRS, TTL_SECONDS } from './names-in-motion.ts'

/** Beyond its TTL, how long an answer may lead to a task that accepts nothing any more. */
const GRACE_MS = 1000
const NAMES = [OURS, THEIRS]

const imageOf = ({ containers }: Task) => containers?.[0]?.imageDigest

/** A service's tasks, once it is steady with such tasks as `isDone` wants, and its name leads to exactly them. */
async function steady(
  watch: NameWatch,
  name: Watched,
  isDone: (tasks: readonly Task[]) => boolean,
): Promise<readonly Task[]> {
  return await until(`${name.name} leads to the tasks of ${name.service}, which is steady`, async () => {
    const { answered, deployments, desiredCount, tasks } = watch.last(name)
    const isComplete = deployments.length === 1 && deployments[0]?.rolloutState === 'COMPLETED'
    const isServing =
      tasks.length === desiredCount && tasks.every(({ healthStatus }) => healthStatus === 'HEALTHY')
    const isFound = answered.toSorted().join() === tasks.map(addressOf).sort().join()
    return isComplete && isServing && isFound && isDone(tasks) ? tasks : undefined
  })
}

/** What runs has been verified, so that it can be gone back to. */
const verified = (stage: Stage) =>
  until('what runs is verified', async () => {
    await sweep(stage.sdk)
    const decisions: { kind: string; service: string }[] = JSON.parse(
      await capstan(stage, 'decision', 'list', '--json'),
    )
    const services = decisions.filter(({ kind }) => kind === 'verify').map(({ service }) => service)
    return NAMES.every(({ service }) => services.includes(service)) || undefined
  })

/** Ends the program of a task at once, as a crash does. */
async function crash(task: Task | undefined): Promise<void> {
  const answer = await fetch(`http://${task && addressOf(task)}:${PORT}`)
  process.kill(Number(await answer.text()), 'SIGKILL')
}

/** All that is done to both services while they are watched, each thing when the one before has come to its end. */
async function drill(world: Stage, watch: NameWatch): Promise<void> {
  const { ecs, sdk } = world
  const all = (isDone: (tasks: readonly Task[]) => boolean) =>
    Promise.all(NAMES.map((name) => steady(watch, name, isDone)))
  const [[one] = []] = await all(() => true)
  await verified(world)

  watch.mark('rolling deployment')
  const { digest } = await push(sdk, '1.1.0')
  await all((tasks) => tasks.every((task) => imageOf(task) === digest))

  watch.mark('scale-in')
  await Promise.all(NAMES.map(({ service }) => ecs.updateService({ service, desiredCount: 2 })))
  const left = await all((tasks) => tasks.length === 2)

  watch.mark('crash')
  const victims = left.flatMap(([victim]) => victim ?? [])
  await Promise.all(victims.map(crash))
  await all((tasks) => !tasks.some(({ taskArn }) => victims.some((victim) => victim.taskArn === taskArn)))

  watch.mark('rollback')
  const drilled = ['--reason', 'a drill', '--no-wait']
  await Promise.all(NAMES.map(({ service }) => capstan(world, 'service', 'rollback', service, ...drilled)))
  await all((tasks) => tasks.every((task) => imageOf(task) === (one && imageOf(one))))
}

/** How long a task was answered after it had stopped: what is certain of the worst. */
const longest = (judgements: readonly Judgement[]) =>
  Math.max(...judgements.flatMap(({ stale }) => stale.map(({ least }) => least)))

test.skipIf(!hasDig || !isInstalled('stdbuf', '--version'))(
  'a name leads to no task that has stopped accepting, and is never empty',
  { timeout: 300_000 },
  async () => {
    const world = await stage()
    const watch = watchNames(NAMES, { dns: world.dns, ecs: world.ecs, port: PORT })
    await drill(world, watch)
    const { sights, lost } = await watch.stop()
    const judged = sights.map((sight) => ({ name: sight.name, judgements: judge(sight) }))
    const report = [
      tableOf(judged, TTL_SECONDS),
      ...sights.map(sumOf),
      `questions without an answer: ${lost}`,
    ]
    console.log(report.join('\n'))
    const [ours = [], theirs = []] = judged.map(({ judgements }) => judgements)
    expect(ours.map(({ what, stale }) => [what, stale.length])).toEqual([
      ['rolling deployment', 4],
      ['scale-in', 2],
      ['crash', 1],
      ['rollback', 2],
    ])
    expect(longest(ours)).toBeLessThanOrEqual(GRACE_MS)
    expect(ours.map(({ empty, early }) => ({ empty, early }))).toEqual(
      ours.map(() => ({ empty: 0, early: 0 })),
    )
    expect(longest(theirs)).toBeGreaterThan(longest(ours))
  },
)
