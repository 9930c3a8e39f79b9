/** `capstan service pause`, `resume` and `release`: what an operator says about a service, written down with the reason. */
import type { Wish } from '@capstan/aws'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { explain } from '@capstan/core/explain.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import { Command } from 'commander'
import { authorOf, withReason } from '../author.ts'
import { connectOperator, parseService, viewOf } from '../operator.ts'
import { PLACE_OPTION, type Where } from '../place.ts'

interface Options extends Where {
  readonly reason: string
  readonly digest?: string
  readonly json?: boolean
}

/** What each does, and what is said where there was nothing to do. */
const WISHES = {
  pause: { does: 'neither deploy to it nor roll it back, until it is resumed', nothing: '' },
  resume: { does: 'end its pause; the newest image goes out by itself', nothing: 'is not paused' },
  release: {
    does: 'let quarantined images be deployed to it again, and end its hold',
    nothing: 'has nothing in quarantine and is not held',
  },
} as const

/** The three commands. */
export function interventionCommands(): Command[] {
  const release = interventionCommand('release').option(
    '--digest <digest>',
    'this one alone, as service show prints it (default: all)',
  )
  return [interventionCommand('pause'), interventionCommand('resume'), release]
}

function interventionCommand(kind: Wish['kind']): Command {
  return withReason(new Command(kind).description(WISHES[kind].does).argument('<service>', 'CLUSTER/SERVICE'))
    .option('--config <file>', "the fleet's settings")
    .option(...PLACE_OPTION)
    .option('--json', 'print the result as JSON')
    .action((name: string, options: Options) => intervene(kind, name, options))
}

async function intervene(kind: Wish['kind'], name: string, options: Options): Promise<void> {
  const key = parseService(name)
  const capstan = await connectOperator(options)
  const { entry } = await capstan.ledger.intervene(key, wishOf(kind, options))
  const sentence = entry?.sentence ?? `${nameOf(key)} ${WISHES[kind].nothing}: nothing is changed.`
  const view = viewOf(await capstan.observeService(key))
  const next = decideDelivery(view, Date.now()).map(explain)
  if (options.json) {
    const { pause = null, hold = null, quarantine = {} } = view.record ?? {}
    return console.log(JSON.stringify({ service: nameOf(key), sentence, pause, hold, quarantine, next }))
  }
  console.log([sentence, ...next.map((one) => `Next: ${one}`)].join('\n'))
}

function wishOf(kind: Wish['kind'], { reason, digest }: Options): Wish {
  const author = { by: authorOf(`service ${kind}`), reason }
  return kind === 'release' ? { kind, ...author, ...(digest && { digest }) } : { kind, ...author }
}
