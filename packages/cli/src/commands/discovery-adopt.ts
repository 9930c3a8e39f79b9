/** `capstan discovery adopt`: takes over what others have written at a name. */
import { setTimeout as wait } from 'node:timers/promises'
import type { CapstanDiscovery } from '@capstan/aws/discovery/connect.ts'
import type { Published } from '@capstan/aws/discovery/work-place.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { Command } from 'commander'
import { connectDiscoverer, viewName } from '../discovery/connect.ts'
import { countAdopted, planLines, planNames, withSentences } from '../discovery/plan.ts'
import { type ExitCode, exitCodes } from '../exit.ts'
import { PLACE_OPTION, type Where } from '../place.ts'

interface Options extends Where {
  readonly json?: boolean
}

export function discoveryAdoptCommand(): Command {
  return new Command('adopt')
    .description("take over others' records at a name: what a task stands behind stays, the rest is replaced")
    .argument('<name>', 'web.example.com or NAMESPACE/SERVICE')
    .option('--config <file>', "the fleet's settings")
    .option(...PLACE_OPTION)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', "\n'capstan discovery plan --adopt NAME' shows what it would do.")
    .action(adopt)
}

async function adopt(name: string, options: Options): Promise<void> {
  const { json } = options
  const discovery = await connectDiscoverer(options)
  const view = await viewName(discovery, name)
  const plan = planNames([{ ...view, adopts: true }])
  const say = json ? console.error : console.log
  for (const one of plan) say(planLines(one).join('\n'))
  const adopts = plan.some(({ decisions }) => countAdopted(decisions) > 0)
  const published = adopts ? await adoptWhenFree(discovery, view.target, { now: Date.now, wait }) : undefined
  const { code, sentence } = endOf(view.target, published)
  if (json) {
    const decisions = withSentences(published === 'busy' ? [] : (published?.decisions ?? []))
    console.log(JSON.stringify({ name: targetName(view.target), decisions, code, sentence }))
  } else if (code === exitCodes.done) console.log(sentence)
  else console.error(sentence)
  process.exitCode = code
}

/** How time passes, handed in so that a test needs none. */
interface Pace {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly wait: (ms: number) => Promise<unknown>
}

const TRY_EVERY_MS = 500
/** Longer than a lease of a place, so that a writer that has died is outlived. */
const GIVE_UP_AFTER_MS = 60_000

/** Others write in a place for a moment at a time, the sweep among them: then it is tried again, for a minute. */
export async function adoptWhenFree(
  discovery: Pick<CapstanDiscovery, 'adopt'>,
  target: Target,
  { now, wait }: Pace,
): Promise<Published | 'busy'> {
  const giveUp = now() + GIVE_UP_AFTER_MS
  for (;;) {
    try {
      return await discovery.adopt(target)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'CONFLICT') throw error
    }
    if (now() >= giveUp) return 'busy'
    await wait(TRY_EVERY_MS)
  }
}

/** What came of it, for people and as an exit code; without `published` there was nothing to take over. */
export function endOf(
  target: Target,
  published: Published | 'busy' | undefined,
): { code: ExitCode; sentence: string } {
  const name = targetName(target)
  if (published === 'busy') {
    const why = 'other processes were writing in its place for a minute'
    return { code: exitCodes.timedOut, sentence: `Nothing is taken over at ${name}: ${why}. Try again.` }
  }
  const adopted = countAdopted(published?.decisions ?? [])
  if (published?.outcome === 'refused') {
    const why = published.reason ?? 'AWS refused it'
    return { code: exitCodes.failed, sentence: `Nothing is changed at ${name}: ${why}` }
  }
  if (adopted === 0) {
    return { code: exitCodes.done, sentence: `Nothing is changed: no record at ${name} is to be taken over.` }
  }
  const records = adopted === 1 ? 'record' : 'records'
  return { code: exitCodes.done, sentence: `Done: ${adopted} ${records} at ${name} taken over.` }
}
