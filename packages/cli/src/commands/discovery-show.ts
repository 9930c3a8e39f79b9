/** `capstan discovery show`: one name whole, with its tasks, the records there and the latest decisions. */
import { explainDiscovery } from '@capstan/core/discovery/explain.ts'
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import type { NameView } from '@capstan/core/discovery/view.ts'
import { Command } from 'commander'
import { connectDiscoverer, decisionsAt, isConfigured, viewName } from '../discovery/connect.ts'
import { type NamePlan, planNames } from '../discovery/plan.ts'
import { recordRow, recordsAt } from '../discovery/record-rows.ts'
import { sourceLine } from '../discovery/source-lines.ts'
import { leftUndone, stateOf, whereOf } from '../discovery/state.ts'
import { summaryOf } from '../discovery/summary.ts'
import { taskRow, tasksAt } from '../discovery/task-rows.ts'
import { formatTable } from '../format.ts'
import { PLACE_OPTION, type Where } from '../place.ts'
import { decisionTable } from './service-show.ts'

interface Options extends Where {
  readonly json?: boolean
}

export function discoveryShowCommand(): Command {
  return new Command('show')
    .description('one name: its settings, its tasks and why each is found or not, all records, the decisions')
    .argument('<name>', 'web.example.com or NAMESPACE/SERVICE')
    .option('--config <file>', "the fleet's settings")
    .option(...PLACE_OPTION)
    .option('--json', 'print as JSON')
    .action(show)
}

async function show(name: string, options: Options): Promise<void> {
  const { json } = options
  const discovery = await connectDiscoverer(options)
  const view = await viewName(discovery, name)
  const decisions = await decisionsAt(view, options)
  const now = Date.now()
  const sources = view.sources.map((one) => sourceLine(one, isConfigured(discovery.config)))
  for (const plan of planNames([view])) {
    if (json) console.log(JSON.stringify({ ...summaryOf(plan), ...detailsOf(view), decisions }))
    else console.log([...headOf(plan, sources), ...bodyOf(view), decisionTable(decisions, now)].join('\n\n'))
  }
}

function headOf({ view, decisions }: NamePlan, sources: readonly string[]): string[] {
  const undone = leftUndone(decisions).map(explainDiscovery)
  const lines: [string, readonly string[]][] = [
    ['Name', [targetName(view.target)]],
    ['Where', [whereOf(view.place)]],
    ['Found', sources.length ? sources : ['nobody asks for it any more']],
    ['State', [stateOf(decisions)]],
    ['Undone', undone],
    ['Problem', view.problems],
  ]
  const told = lines.filter(([, texts]) => texts.length > 0)
  return [
    formatTable(
      [],
      told.map(([head, texts]) => [head, texts.join('\n')]),
    ),
  ]
}

/** The tasks and the records, each with what there is to say of it. */
function bodyOf(view: NameView): string[] {
  const tasks = tasksAt(view)
  const records = recordsAt(view)
  return [
    ...(tasks.length ? [formatTable(TASK_COLUMNS, tasks.map(taskRow))] : []),
    ...(records.length ? [formatTable(['RECORD', 'WHOSE'], records.map(recordRow))] : []),
  ]
}

const TASK_COLUMNS = ['TASK', 'SOURCE', 'STATUS', 'ADDRESS', 'FOUND', 'WHY']

/** The same for programs. */
function detailsOf(view: NameView) {
  return {
    sources: view.sources.map(({ source, publication }) => ({ source: sourceName(source), publication })),
    tasks: tasksAt(view),
    records: recordsAt(view),
  }
}
