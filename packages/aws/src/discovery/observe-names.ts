/** Looks at targets for people: as they are now in ECS, in the ledger and where their records are. Writes nothing. */
import { sourceName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, NameView, SourceKey, Target } from '@capstan/core/discovery/view.ts'
import type { Settled } from '../parallel.ts'
import { everything, type SweepTools } from './sweep.ts'
import { tasksNow } from './tasks-now.ts'
import { findTargets, viewsOf } from './views.ts'

/** What was seen of a target, or why nothing was. */
export type ObservedName =
  | { readonly kind: 'seen'; readonly target: Target; readonly view: NameView }
  | { readonly kind: 'failed'; readonly target: Target; readonly error: unknown }

/** Looks at `targets`, or at all that are asked for or known; decisions on their views are what the next pass would do. */
export async function observeNames(tools: SweepTools, targets?: readonly Target[]): Promise<ObservedName[]> {
  const all = await everything(tools)
  const errands = (targets ?? all.targets).map((target) => ({ target, verifies: true }))
  const found = await findTargets(errands, tools, all.settings)
  const bySource = new Map(all.settings.map((each) => [sourceName(each.source), each]))
  const tasksOf = (source: SourceKey) => mergedTasks(source, bySource, tools)
  const there = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const views = (await viewsOf(there, { ...tools, tasksOf })).values()
  return errands.flatMap(({ target }, index) => {
    const one = found[index]
    const outcome = one?.status === 'rejected' ? one : views.next().value
    return outcome ? [observed(target, outcome)] : []
  })
}

const observed = (target: Target, outcome: Settled<NameView>): ObservedName =>
  outcome.status === 'fulfilled'
    ? { kind: 'seen', target, view: outcome.value }
    : { kind: 'failed', target, error: outcome.reason }

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
