/** `capstan decision list`: why, and why not. */
import { Command } from 'commander'
import { connectOperator, parseDecided } from '../operator.ts'
import { PLACE_OPTION, type Where } from '../place.ts'
import { decisionTable } from './service-show.ts'

export function decisionCommand(): Command {
  return new Command('decision').description('decisions with their reasons').addCommand(
    new Command('list')
      .description('the latest first; one that repeats is written once')
      .argument(
        '[service]',
        'CLUSTER/SERVICE, or CLUSTER/family:NAME for tasks of no service; all if left out',
      )
      .option(...PLACE_OPTION)
      .option('--json', 'print as JSON')
      .action(list),
  )
}

async function list(name: string | undefined, options: Where & { json?: boolean }): Promise<void> {
  const { json } = options
  const capstan = await connectOperator(options)
  const decisions = await capstan.ledger.listDecisions(name ? parseDecided(name) : undefined)
  if (json) return console.log(JSON.stringify(decisions))
  console.log(
    decisions.length
      ? decisionTable(decisions, Date.now())
      : `Nothing has been decided${name ? ` for ${name}` : ''} yet.`,
  )
}
