/** `capstan discovery adopt`: takes over what others have written at a name. */
import type { CapstanDiscovery } from '@capstan/aws/discovery/connect.ts'
import type { Published } from '@capstan/aws/discovery/work-place.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import type { Target } from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { Command } from 'commander'
import { connectDiscoverer, viewName } from '../discovery/connect.ts'
import { countAdopted, planLines, planNames, withSentences } from '../discovery/plan.ts'
import { type ExitCode, exitCodes } from '../exit.ts'
import { until } from '../until.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

export function discoveryAdoptCommand(): Command {
  return new Command('adopt')
    .description("take over others' records at a name: what a task stands behind stays, the rest is replaced")
    .argument('<name>', 'web.example.com or NAMESPACE/SERVICE')
    .option('--config <file>', "the fleet's settings")
    .option('--json', 'print the result as JSON')
    .addHelpText('after', "\n'capstan discovery plan --adopt NAME' shows what it would do.")
    .action(adopt)
}

async function adopt(name: string, { config, json }: Options): Promise<void> {
  const discovery = await connectDiscoverer(config)
  const view = await viewName(discovery, name)
  const plan = planNames([{ ...view, adopts: true }])
  const say = json ? console.error : console.log
  for (const one of plan) say(planLines(one).join('\n'))
  const adopts = plan.some(({ decisions }) => countAdopted(decisions) > 0)
  const published = adopts ? await adoptWhenFree(discovery, view.target) : undefined
  const { code, sentence } = endOf(view.target, published)
  if (json) {
    const decisions = withSentences(published?.decisions ?? [])
    console.log(JSON.stringify({ name: targetName(view.target), decisions, code, sentence }))
  } else if (code === exitCodes.done) console.log(sentence)
  else console.error(sentence)
  process.exitCode = code
}

/** Others write in a place for a moment at a time, the sweep among them: then it is tried again. */
function adoptWhenFree(discovery: CapstanDiscovery, target: Target): Promise<Published> {
  const missing = () => `other processes leave the place of ${targetName(target)} free`
  const take = async () => {
    try {
      return await discovery.adopt(target)
    } catch (error) {
      if (error instanceof Failure && error.code === 'CONFLICT') return undefined
      throw error
    }
  }
  return until(missing, take, TRY_EVERY_MS)
}

const TRY_EVERY_MS = 500

/** What came of it, for people and as an exit code; without `published` there was nothing to take over. */
export function endOf(
  target: Target,
  published: Published | undefined,
): { code: ExitCode; sentence: string } {
  const name = targetName(target)
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
