/** Looks at targets for people: as they are now in ECS, in the ledger and where their records are. Writes nothing. */
import { sourceName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, NameView, SourceKey, Target } from '@capstan/core/discovery/view.ts'
import { valuesOf } from '../parallel.ts'
import { everything, type SweepTools } from './sweep.ts'
import { tasksNow } from './tasks-now.ts'
import { findTargets, viewsOf } from './views.ts'

/** Views of `targets`, or of all that are asked for or known; decisions on them are what the next pass would do. */
export async function observeNames(tools: SweepTools, targets?: readonly Target[]): Promise<NameView[]> {
  const all = await everything(tools)
  const errands = (targets ?? all.targets).map((target) => ({ target, verifies: true }))
  const found = valuesOf(await findTargets(errands, tools, all.settings))
  const bySource = new Map(all.settings.map((each) => [sourceName(each.source), each]))
  const tasksOf = (source: SourceKey) => mergedTasks(source, bySource, tools)
  return valuesOf(await viewsOf(found, { ...tools, tasksOf }))
}

async function mergedTasks(
  source: SourceKey,
  settings: ReadonlyMap<string, DiscoverySettings>,
  tools: SweepTools,
) {
  const own = settings.get(sourceName(source)) ?? { source, from: 'none', publications: [], problems: [] }
  const { changed, known } = await tasksNow(own, tools)
  const byId = new Map([...known, ...changed].map((task) => [task.id, task]))
  return [...byId.values()]
}
