/** `capstan discovery …`: by which names tasks are found, why, and what would be changed. */
import { Command } from 'commander'
import { connectDiscoverer, viewName, viewNames } from '../discovery/connect.ts'
import { changesAnything, planLines, planNames, withSentences, worthTelling } from '../discovery/plan.ts'
import { summaryOf, summaryRow } from '../discovery/summary.ts'
import { formatTable } from '../format.ts'
import { PLACE_OPTION, placeColumn, type Where } from '../place.ts'
import { discoveryAdoptCommand } from './discovery-adopt.ts'
import { discoveryShowCommand } from './discovery-show.ts'

interface Options extends Where {
  readonly json?: boolean
}

export function discoveryCommand(): Command {
  return new Command('discovery')
    .description('names by which tasks are found, in DNS and in Cloud Map')
    .addCommand(
      new Command('list')
        .description('every name: where it is kept, how many tasks are found by it, and what is left undone')
        .option('--config <file>', "the fleet's settings")
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(list),
    )
    .addCommand(discoveryShowCommand())
    .addCommand(
      new Command('plan')
        .description('what would be written and deleted now, and why; does nothing')
        .argument('[name]', 'web.example.com or NAMESPACE/SERVICE; every name if left out')
        .option('--adopt <name>', "what 'discovery adopt' would do at this name")
        .option('--config <file>', "the fleet's settings")
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(plan),
    )
    .addCommand(discoveryAdoptCommand())
}

const NOT_ONE =
  'No task is found by a name. Tag a service with capstan:dns, such as capstan:dns=web.example.com, or name it in capstan.config.ts.'

async function list(options: Options): Promise<void> {
  const { json } = options
  const discovery = await connectDiscoverer(options)
  const place = placeColumn(options, discovery.config.places)
  const plans = planNames(await viewNames(discovery))
  if (json) return console.log(JSON.stringify(plans.map((plan) => ({ ...place.field, ...summaryOf(plan) }))))
  if (!plans.length) return console.log(NOT_ONE)
  const head = [...place.head, 'NAME', 'WHERE', 'RECORDS', 'TASKS', 'STATE', 'WHY']
  console.log(
    formatTable(
      head,
      plans.map((plan) => [...place.row, ...summaryRow(plan)]),
    ),
  )
}

async function plan(name: string | undefined, options: Options & { adopt?: string }): Promise<void> {
  const { adopt, json } = options
  const discovery = await connectDiscoverer(options)
  const asked = adopt ?? name
  const views = asked === undefined ? await viewNames(discovery) : [await viewName(discovery, asked)]
  const plans = planNames(adopt === undefined ? views : views.map((view) => ({ ...view, adopts: true })))
  if (json) return console.log(JSON.stringify(plans.flatMap(({ decisions }) => withSentences(decisions))))
  const told = asked === undefined ? worthTelling(plans) : plans
  for (const one of told) console.log(planLines(one).join('\n'))
  if (!changesAnything(plans)) console.log('Nothing to do.')
}
