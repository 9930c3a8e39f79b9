/** `capstan service show`: one service whole, with its latest deployments and decisions. */
import type { DecisionEntry, DeploymentEntry } from '@capstan/aws'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView } from '@capstan/core/view.ts'
import { Command } from 'commander'
import { formatAge, formatImage, formatTable } from '../format.ts'
import { connectOperator, parseService, viewOf } from '../operator.ts'
import { PLACE_OPTION, type Where } from '../place.ts'
import { guardLines } from '../standing.ts'
import { rollbackOf } from '../timeline.ts'
import { runsOf, summaryOf, tracksOf } from './service.ts'

interface ShowOptions extends Where {
  readonly json?: boolean
}

const SHOWN_DECISIONS = 10

export function serviceShowCommand(): Command {
  return new Command('show')
    .description('one service: what it runs, its deployments, and the decisions with their reasons')
    .argument('<service>', 'CLUSTER/SERVICE')
    .option('--config <file>', "the fleet's settings")
    .option(...PLACE_OPTION)
    .option('--json', 'print as JSON')
    .action(show)
}

async function show(name: string, options: ShowOptions): Promise<void> {
  const { json } = options
  const key = parseService(name)
  const capstan = await connectOperator(options)
  const [observation, deployments, decisions] = await Promise.all([
    capstan.observeService(key),
    capstan.ledger.listDeployments(key, 5),
    capstan.ledger.listDecisions(key),
  ])
  const view = viewOf(observation)
  const now = Date.now()
  if (json) return console.log(JSON.stringify({ ...summaryOf(view, now), deployments, decisions }))
  const { primary, desiredCount } = view.service
  const lines: [string, string][] = [
    ['Service', nameOf(key)],
    ['Runs', runsOf(view).join('\n')],
    ['Tracks', tracksOf(view).join('\n') || tracksNothing(view)],
    ['Deployment', `${primary.id} ${primary.rolloutState ?? ''}, ${desiredCount} tasks desired`],
    ...guardLines(view, now),
    ...view.settings.problems.map((problem): [string, string] => ['Problem', problem]),
  ]
  console.log(formatTable([], lines))
  console.log(`\n${deploymentTable(deployments, decisions, now)}`)
  console.log(`\n${decisionTable(decisions.slice(0, SHOWN_DECISIONS), now)}`)
}

const tracksNothing = ({ settings }: DeliveryView): string =>
  settings.enrolled ? 'nothing: its settings have problems' : 'nothing: it is not enrolled'

/** Deployments as a table, with the decisions of their services by which they were rolled back; `now` in milliseconds. */
export function deploymentTable(
  deployments: readonly DeploymentEntry[],
  decisions: readonly DecisionEntry[],
  now: number,
): string {
  return formatTable(
    ['DEPLOYMENT', 'SERVICE', 'AGE', 'STATE', 'IMAGE', 'WHY'],
    deployments.map((one) => [
      one.id,
      nameOf(one),
      formatAge(one.intendedAt, now),
      rollbackOf(one, decisions) ? 'rolled back' : one.state,
      one.changes.map(({ to }) => formatImage(to)).join('\n'),
      one.note ?? one.reason,
    ]),
  )
}

/** Decisions as a table; `now` in milliseconds. */
export function decisionTable(decisions: readonly DecisionEntry[], now: number): string {
  return formatTable(
    ['AGE', 'DECISION', 'WHY'],
    decisions.map((one) => [formatAge(one.at, now), one.kind, one.sentence]),
  )
}
