/** Looks at everything as if all events had come now: at each source that ECS knows, all its tasks, and every target. */
import { targetName } from '@capstan/core/discovery/names.ts'
import type { DiscoverySettings, SourceKey, Target } from '@capstan/core/discovery/view.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { bring, publish } from './publish.ts'
import type { Registrar } from './registrar.ts'
import type { BatchTools } from './take-batch.ts'
import { rememberTasks } from './tasks-now.ts'
import { targetsOf, uniqueSources } from './views.ts'
import type { Published } from './work-place.ts'

export interface SweepTools extends BatchTools {
  /** Every source that config or tags of services name. */
  readonly namedSources: () => Promise<readonly SourceKey[]>
}

/** All there is: what each source asks for, and every target that is asked for or that the ledger knows. */
export interface Everything {
  readonly settings: readonly DiscoverySettings[]
  readonly targets: readonly Target[]
}

/** Finds out what all sources ask for now: those of ECS and the config, and those that the ledger knows. */
export async function everything(tools: SweepTools): Promise<Everything> {
  const { ledger } = tools
  const [named, known, names] = await Promise.all([
    tools.namedSources(),
    ledger.listSources(),
    ledger.listNames(),
  ])
  const before = [...known.map(({ source }) => source), ...names.flatMap(({ sources }) => sources)]
  const settings = await tools.settingsOf(uniqueSources([...named, ...before]), true)
  const targets = [
    ...settings.flatMap(({ publications }) => targetsOf(publications)),
    ...known.flatMap((source) => source.targets),
    ...names.map(({ target }) => target),
  ]
  return { settings, targets: [...new Map(targets.map((each) => [targetName(each), each])).values()] }
}

/**
 * The sweep. Everything is done as far as it can be; then what went wrong is thrown, the one error as it is, several as an
 * `AggregateError`. `deadline` is in ms since the epoch.
 */
export async function sweep(deadline: number, given: SweepTools): Promise<Published[]> {
  const tools = { ...given, registrar: sinceNow(given) }
  const { settings, targets } = await everything(tools)
  const asking = settings.filter(({ publications }) => publications.length)
  const kept = await settleEach(settings, (each) => tools.keepSource(each, true))
  const looked = await settleEach(asking, (each) => rememberTasks(each, tools))
  const errands = await bring(
    targets.map((target) => ({ target, verifies: true })),
    tools,
  )
  const done = [...(await publish(errands, deadline, tools)).values()]
  valuesOf<unknown>([...kept, ...looked, ...done])
  return valuesOf(done)
}

/** Places as they are now: one list of what there is, made since the sweep began, serves all its names. */
function sinceNow({ now, registrar }: SweepTools): Registrar {
  const began = now()
  return { ...registrar, find: (target, publication) => registrar.find(target, publication, began) }
}
