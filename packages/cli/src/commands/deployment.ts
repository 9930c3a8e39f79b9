/** `capstan deployment …`: what Capstan deployed, from intent to end. */
import { Failure } from '@capstan/core/failure.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import { Command } from 'commander'
import { formatImage, formatTable } from '../format.ts'
import { connectOperator, parseService } from '../operator.ts'
import { PLACE_OPTION, type Where } from '../place.ts'
import { formatOffset, rollbackOf, timelineOf } from '../timeline.ts'
import { deploymentTable } from './service-show.ts'

/** A deployment that runs for long may see many. */
const MOST_DECISIONS = 500

interface Options extends Where {
  readonly json?: boolean
  readonly limit?: string
}

export function deploymentCommand(): Command {
  return new Command('deployment')
    .description('deployments by Capstan')
    .addCommand(
      new Command('list')
        .description('the latest first')
        .argument('[service]', 'CLUSTER/SERVICE; all if left out')
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(list),
    )
    .addCommand(
      new Command('show')
        .description('one deployment with its timeline')
        .argument('<id>', 'as the list shows it')
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(show),
    )
}

async function list(name: string | undefined, options: Options): Promise<void> {
  const { json } = options
  const capstan = await connectOperator(options)
  const key = name ? parseService(name) : undefined
  const [deployments, decisions] = await Promise.all([
    capstan.ledger.listDeployments(key),
    capstan.ledger.listDecisions(key, MOST_DECISIONS),
  ])
  if (json) return console.log(JSON.stringify(deployments))
  console.log(
    deployments.length
      ? deploymentTable(deployments, decisions, Date.now())
      : `Capstan has deployed nothing${name ? ` to ${name}` : ''} yet.`,
  )
}

async function show(id: string, options: Options): Promise<void> {
  const { json } = options
  const capstan = await connectOperator(options)
  const deployment = await capstan.ledger.getDeployment(id)
  if (!deployment) {
    throw new Failure(
      'NOT_FOUND',
      `The ledger has no deployment '${id}'. 'capstan deployment list' shows those it has.`,
    )
  }
  const decisions = await capstan.ledger.listDecisions(deployment, MOST_DECISIONS)
  const moments = timelineOf(deployment, decisions)
  const rolledBackBy = rollbackOf(deployment, decisions)?.deployment ?? null
  if (json) return console.log(JSON.stringify({ ...deployment, rolledBackBy, timeline: moments }))
  const { changes, state, note } = deployment
  const changed = changes.map(({ container, from, to }) => `${container}: ${from}\n  → ${formatImage(to)}`)
  const lines: [string, string][] = [
    ['Deployment', id],
    ['Service', nameOf(deployment)],
    ['State', rolledBackBy ? `${state}, rolled back by ${rolledBackBy}` : note ? `${state}: ${note}` : state],
    ['Changes', changed.join('\n')],
    ['Began', new Date(deployment.intendedAt).toISOString()],
  ]
  console.log(formatTable([], lines))
  const rows = moments.map(({ afterMs, what, by, note: why }) => [formatOffset(afterMs), what, by, why])
  console.log(`\n${formatTable(['AFTER', 'WHAT', 'BY', 'WHY'], rows)}`)
}
