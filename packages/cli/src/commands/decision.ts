/** `capstan decision list`: why, and why not. */
import { Command } from 'commander'
import { connectOperator, parseDecided } from '../operator.ts'
import { decisionTable } from './service-show.ts'

export function decisionCommand(): Command {
  return new Command('decision')
    .description('decisions with their reasons')
    .addCommand(
      new Command('list')
        .description('the latest first; one that repeats is written once')
        .argument(
          '[service]',
          'CLUSTER/SERVICE, or CLUSTER/family:NAME for tasks of no service; all if left out',
        )
        .option('--json', 'print as JSON')
        .action(list),
    )
}

async function list(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const capstan = await connectOperator()
  const decisions = await capstan.ledger.listDecisions(name ? parseDecided(name) : undefined)
  if (json) return console.log(JSON.stringify(decisions))
  console.log(
    decisions.length
      ? decisionTable(decisions, Date.now())
      : `Nothing has been decided${name ? ` for ${name}` : ''} yet.`,
  )
}
