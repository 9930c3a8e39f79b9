/** Looks at everything as if all events had come now: at each source that ECS knows, all its tasks, and every target. */
import { targetName } from '@capstan/core/discovery/names.ts'
import { goneTask, mergeTask } from '@capstan/core/discovery/task.ts'
import type {
  DiscoverySettings,
  KnownTask,
  SeenTask,
  SourceKey,
  Target,
} from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { bring, publish } from './publish.ts'
import { type BatchTools, lacksAddress } from './take-batch.ts'
import { targetsOf, uniqueSources } from './views.ts'
import type { Published } from './work-place.ts'

export interface SweepTools extends BatchTools {
  /** Every source that config or tags of services name. */
  readonly namedSources: () => Promise<readonly SourceKey[]>
  /** The tasks of a source that ECS wants to run. */
  readonly listTasks: (source: SourceKey) => Promise<readonly SeenTask[]>
  /** Tasks by their ARNs; those that ECS does not know are left out. */
  readonly describeTasks: (source: SourceKey, arns: readonly string[]) => Promise<readonly SeenTask[]>
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
export async function sweep(deadline: number, tools: SweepTools): Promise<Published[]> {
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

/** Brings what the ledger knows of a source's tasks up to date with ECS. */
async function rememberTasks(settings: DiscoverySettings, tools: SweepTools): Promise<void> {
  const { changed, known } = await tasksNow(settings, tools)
  valuesOf(await settleEach(changed, (task) => tools.ledger.rememberTask(task)))
  const forgotten = known.filter(({ last }) => last === 'DELETED')
  if (forgotten.length) await tools.ledger.forgetTasks(forgotten)
}

/** The tasks of a source as ECS has them now: those that the ledger knows, and those that are news to it. */
export async function tasksNow(
  { publications, source }: DiscoverySettings,
  tools: SweepTools,
): Promise<{ readonly known: readonly KnownTask[]; readonly changed: readonly KnownTask[] }> {
  const [known, listed] = await Promise.all([knownTasks(source, tools), tools.listTasks(source)])
  const ids = new Set(listed.map(({ id }) => id))
  const unlisted = known.filter(({ id, desired }) => desired !== 'STOPPED' && !ids.has(id))
  const described = unlisted.length
    ? await tools.describeTasks(
        source,
        unlisted.map(({ arn }) => arn),
      )
    : []
  const byId = new Map(known.map((task) => [task.id, task]))
  const news = [...listed, ...described].filter((task) => {
    const before = byId.get(task.id)
    return !before || task.version > before.version || lacksAddress(before, publications)
  })
  const there = new Set(described.map(({ id }) => id))
  const gone = unlisted.filter(({ id }) => !there.has(id)).map((task) => goneTask(task, tools.now()))
  return { known, changed: [...(await completed(news, byId, publications, tools)), ...gone] }
}

/** What the ledger knows; of a row that cannot be read ECS is asked, and it is written anew. */
async function knownTasks(source: SourceKey, { ledger }: SweepTools): Promise<readonly KnownTask[]> {
  const [tasks] = await Promise.allSettled([ledger.listTasks(source)])
  if (tasks.status === 'fulfilled') return tasks.value
  if (tasks.reason instanceof Failure && tasks.reason.code === 'INVALID_CONFIG') return []
  throw tasks.reason
}

/** Tasks that were seen, with all that is to be known of them. */
async function completed(
  news: readonly SeenTask[],
  known: ReadonlyMap<string, KnownTask>,
  publications: DiscoverySettings['publications'],
  { isChecked, learnAddresses, now }: SweepTools,
): Promise<KnownTask[]> {
  const merged = await settleEach(news, async (task) => {
    const seen = { ...task, isChecked: await isChecked(task.taskDefinitionArn), seenAt: now() }
    return mergeTask(known.get(task.id), seen)
  })
  const { lacking = [], complete = [] } = Object.groupBy(valuesOf(merged), (task) =>
    lacksAddress(task, publications) ? 'lacking' : 'complete',
  )
  return [...complete, ...(lacking.length ? await learnAddresses(lacking) : [])]
}
