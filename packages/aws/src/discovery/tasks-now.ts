/** Looks at a source's tasks as ECS has them now, and holds them against what the ledger knows. */
import { goneTask, mergeTask } from '@capstan/core/discovery/task.ts'
import type {
  DiscoverySettings,
  KnownTask,
  Publication,
  SeenTask,
  SourceKey,
} from '@capstan/core/discovery/view.ts'
import { Failure } from '@capstan/core/failure.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import type { DiscoveryLedger } from './ledger.ts'

export interface TaskTools {
  readonly ledger: DiscoveryLedger
  readonly now: () => number
  /** The tasks of a source that ECS wants to run. */
  readonly listTasks: (source: SourceKey) => Promise<readonly SeenTask[]>
  /** Tasks by their ARNs; those that ECS does not know are left out. */
  readonly describeTasks: (source: SourceKey, arns: readonly string[]) => Promise<readonly SeenTask[]>
  /** Whether an essential container of the task definition has a health check. */
  readonly isChecked: (taskDefinitionArn: string) => Promise<boolean>
  /** Tasks with the addresses that no event tells. */
  readonly learnAddresses: <Task extends SeenTask>(tasks: readonly Task[]) => Promise<readonly Task[]>
}

/** Brings what the ledger knows of a source's tasks up to date with ECS. */
export async function rememberTasks(settings: DiscoverySettings, tools: TaskTools): Promise<void> {
  const { changed, known } = await tasksNow(settings, tools)
  valuesOf(await settleEach(changed, (task) => tools.ledger.rememberTask(task)))
  const forgotten = known.filter(({ last }) => last === 'DELETED')
  if (forgotten.length) await tools.ledger.forgetTasks(forgotten)
}

/** The tasks of a source as ECS has them now: those that the ledger knows, and those that are news to it. */
export async function tasksNow(
  { publications, source }: DiscoverySettings,
  tools: TaskTools,
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
async function knownTasks(source: SourceKey, { ledger }: TaskTools): Promise<readonly KnownTask[]> {
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
  { isChecked, learnAddresses, now }: TaskTools,
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

/** Whether a task that runs has an address that its events do not tell: a public one, or that of the host it is on. */
export function lacksAddress(task: SeenTask, publications: readonly Publication[]): boolean {
  if (task.desired !== 'RUNNING' || task.last !== 'RUNNING') return false
  const { addresses, containerInstanceArn, interfaceId } = task
  const wantsPublic = publications.some(({ address }) => address === 'public')
  if (wantsPublic && addresses.public === undefined)
    return (interfaceId ?? containerInstanceArn) !== undefined
  return addresses.private === undefined && containerInstanceArn !== undefined
}
