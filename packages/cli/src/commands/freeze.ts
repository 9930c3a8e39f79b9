/** `capstan freeze …`: keeping deliveries back, for everything (stop-the-line), a cluster or a service. */
import type { Capstan, NewFreeze } from '@capstan/aws'
import { Failure } from '@capstan/core/failure.ts'
import { problemsOfFreeze, readFreezes } from '@capstan/core/freeze.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import { Command, InvalidArgumentError, Option } from 'commander'
import { authorOf, parseReason, withReason } from '../author.ts'
import { formatTable } from '../format.ts'
import { concerns, freezeRow, standingOfFreeze } from '../freezes.ts'
import { connectOperator } from '../operator.ts'
import { parseLength } from './carry-out.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

interface AddOptions extends Options {
  readonly scope: string
  readonly reason: string
  readonly until?: number
  readonly for?: number
  readonly rule?: string
  readonly duration?: string
  readonly timeZone?: string
}

export function freezeCommand(): Command {
  return new Command('freeze')
    .description('times in which nothing is delivered; rollbacks go on')
    .addCommand(
      withOutput(new Command('list').description('all freezes, of the config file too')).action(list),
    )
    .addCommand(addCommand().action(add))
    .addCommand(
      withOutput(new Command('remove').description('end one; what waited goes out by itself'))
        .argument('<id>', 'as the list shows it')
        .option('--reason <text>', 'why; it is written down with your name', parseReason, 'no longer needed')
        .action(remove),
    )
}

function addCommand(): Command {
  const command = new Command('add')
    .description('nothing is delivered from now on, or in windows that a rule begins')
    .requiredOption('--scope <scope>', 'all, CLUSTER or CLUSTER/SERVICE')
  return withOutput(withReason(command))
    .addOption(
      new Option('--until <time>', 'ends then, such as 2026-01-31T16:00Z')
        .argParser(parseTime)
        .conflicts('for'),
    )
    .option('--for <duration>', 'ends after this long, such as 2h', parseLength)
    .option(
      '--rule <rrule>',
      'begins at each of these times (RFC 5545), such as FREQ=WEEKLY;BYDAY=FR;BYHOUR=16',
    )
    .option('--duration <duration>', 'with --rule: how long each window is, such as 64h')
    .option(
      '--time-zone <name>',
      'with --rule: whose clock the rule means, such as Europe/Berlin (default: UTC)',
    )
}

function withOutput(command: Command): Command {
  return command.option('--config <file>', "the fleet's settings").option('--json', 'print as JSON')
}

/** Milliseconds since the epoch. A time without offset is this machine's. Throws what commander shows. */
function parseTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError('Write a time such as 2026-01-31T16:00Z.')
  return time
}

async function list(options: Options): Promise<void> {
  const { json } = options
  const capstan = await connectOperator(options)
  const freezes = [...(await capstan.ledger.listFreezes()), ...readFreezes(capstan.config.freezes).freezes]
  const now = Date.now()
  if (json) {
    return console.log(JSON.stringify(freezes.map((one) => ({ ...one, ...standingOfFreeze(one, now) }))))
  }
  if (!freezes.length) return console.log('Nothing is frozen.')
  const head = ['ID', 'SCOPE', 'STATE', 'WHEN', 'BY', 'REASON']
  console.log(
    formatTable(
      head,
      freezes.map((one) => freezeRow(one, now)),
    ),
  )
}

async function add(options: AddOptions): Promise<void> {
  const freeze = freezeOf(options, Date.now())
  const problems = problemsOfFreeze(freeze)
  if (problems.length) throw new Failure('INVALID_REQUEST', problems.join(' '))
  const capstan = await connectOperator(options)
  await warnOfNothing(capstan, freeze.scope)
  const added = await capstan.ledger.addFreeze(freeze)
  const standing = standingOfFreeze(added, Date.now())
  if (options.json) return console.log(JSON.stringify({ ...added, ...standing }))
  console.log(
    `Added freeze ${added.id} of ${added.scope}, ${standing.state}. 'capstan freeze remove ${added.id}' ends it.`,
  )
}

/** What the options say. Throws `Failure` INVALID_REQUEST where they say that it is over before it begins. */
function freezeOf(options: AddOptions, now: number): NewFreeze {
  const { duration, reason, rule, scope, timeZone } = options
  if (timeZone !== undefined && rule === undefined) {
    throw new Failure(
      'INVALID_REQUEST',
      'The freeze cannot be read: its time zone is of no rule; write --rule as well, or give --until an offset.',
    )
  }
  const until = options.for === undefined ? options.until : now + options.for
  if (until !== undefined && until <= now) {
    const when = new Date(until).toISOString()
    throw new Failure(
      'INVALID_REQUEST',
      `The freeze would be over already, because ${when} is past; write a later time.`,
    )
  }
  return {
    scope,
    reason,
    by: authorOf('freeze add'),
    ...(until !== undefined && { until }),
    ...(rule !== undefined && { rule }),
    ...(duration !== undefined && { duration }),
    ...(timeZone !== undefined && { timeZone }),
  }
}

/** A scope may name what is not there yet, but more often it is mis-spelled. */
async function warnOfNothing({ config, ledger }: Capstan, scope: string): Promise<void> {
  const { records } = await ledger.listServices()
  // A freeze holds in every place, and these are home's alone.
  const isMore = config.places.length > 1
  if (isMore || scope === 'all' || records.some((record) => concerns(scope, record))) return
  const known = records.map(nameOf).join(', ') || 'none'
  console.error(`No service that Capstan knows is concerned by ${scope}; it knows ${known}.`)
}

async function remove(id: string, options: Options & { reason: string }): Promise<void> {
  const { json, reason } = options
  const capstan = await connectOperator(options)
  if (readFreezes(capstan.config.freezes).freezes.some((freeze) => freeze.id === id)) {
    throw new Failure(
      'INVALID_REQUEST',
      `Freeze ${id} is not in the ledger but in the config file; remove it there.`,
    )
  }
  const removed = await capstan.ledger.removeFreeze(id, { by: authorOf('freeze remove'), reason })
  if (json) return console.log(JSON.stringify(removed))
  console.log(`Removed freeze ${id} of ${removed.scope}. What waited goes out by itself within a minute.`)
}
