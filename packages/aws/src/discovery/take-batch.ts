/** Takes messages in: what they tell of tasks is remembered, and the targets that they concern are published, all at once. */
import type { DiscoveryEvent } from '@capstan/core/discovery/events.ts'
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import type {
  DiscoverySettings,
  KnownTask,
  SeenTask,
  SourceKey,
  Target,
} from '@capstan/core/discovery/view.ts'
import { type Settled, settleEach, valuesOf } from '../parallel.ts'
import type { KeepSource } from './keep-sources.ts'
import { bring, type PublishTools, publish } from './publish.ts'
import { lacksAddress, rememberTasks, type TaskTools } from './tasks-now.ts'
import { uniqueSources } from './views.ts'
import type { Next } from './work-place.ts'

export interface BatchTools extends PublishTools, TaskTools {
  readonly keepSource: KeepSource
}

/** Resolves with what became of each message, in their order. `deadline` is in ms since the epoch. */
export async function takeBatch(
  messages: readonly DiscoveryEvent[],
  deadline: number,
  tools: BatchTools,
): Promise<readonly Settled<unknown>[]> {
  const settings = await settingsOfAll(messages, tools)
  const dropped = keepSources(messages, settings, tools)
  const [tasks, looks, errands] = await Promise.all([
    rememberAll(messages, settings, tools),
    lookAtChanged(messages, settings, tools),
    settleEach(messages, (message) => errandsOf(message, settings, dropped, tools)),
  ])
  const next = errands.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
  const done = await publish(next, deadline, tools)
  const outcomes = messages.map(async (message, index) => {
    const own = valuesOf(errands.slice(index, index + 1)).flat()
    const task = message.kind === 'task-changed' ? tasks.get(message.task.id) : undefined
    const look = message.kind === 'source-changed' ? looks.get(sourceName(message.source)) : undefined
    const published = own.flatMap(({ errand }) => done.get(targetName(errand.target)) ?? [])
    valuesOf<unknown>([...(task ? [task] : []), ...(look ? [look] : []), ...published])
  })
  return Promise.allSettled(outcomes)
}

type SettingsBySource = ReadonlyMap<string, DiscoverySettings>

function sourceIn(message: DiscoveryEvent): SourceKey | undefined {
  if (message.kind === 'ignored') return undefined
  return message.kind === 'task-changed' ? message.task.source : message.source
}

/** The settings of all sources that messages are about; those that are said to have changed are read again. */
async function settingsOfAll(
  messages: readonly DiscoveryEvent[],
  { settingsOf }: BatchTools,
): Promise<SettingsBySource> {
  const changed = uniqueSources(
    messages.flatMap((message) => (message.kind === 'source-changed' ? [message.source] : [])),
  )
  const isFresh = new Set(changed.map(sourceName))
  const all = uniqueSources(messages.flatMap((message) => sourceIn(message) ?? []))
  const others = all.filter((source) => !isFresh.has(sourceName(source)))
  const read = await Promise.all([settingsOf(others, false), settingsOf(changed, true)])
  return new Map(read.flat().map((each) => [sourceName(each.source), each]))
}

/** Remembers the newest that is told of each task that is to be found somewhere, by its id. */
async function rememberAll(
  messages: readonly DiscoveryEvent[],
  settings: SettingsBySource,
  tools: BatchTools,
): Promise<ReadonlyMap<string, Settled<KnownTask>>> {
  const told = messages.flatMap((message) => (message.kind === 'task-changed' ? [message.task] : []))
  const wanted = told.filter(({ source }) => settings.get(sourceName(source))?.publications.length)
  const newest = [...Map.groupBy(wanted, ({ id }) => id).values()].flatMap((same) =>
    same.toSorted((a, b) => b.version - a.version).slice(0, 1),
  )
  const learning = learnMissing(newest, settings, tools)
  const remembered = await settleEach(newest, async (task) => {
    const [isChecked, learnt] = await Promise.all([tools.isChecked(task.taskDefinitionArn), learning])
    return tools.ledger.rememberTask({ ...(learnt.get(task.id) ?? task), isChecked, seenAt: tools.now() })
  })
  return new Map(remembered.map((outcome, index) => [newest[index]?.id ?? '', outcome]))
}

/** Looks at the tasks of sources that ask for another thing than before: as long as they asked for nothing, nobody did. */
async function lookAtChanged(
  messages: readonly DiscoveryEvent[],
  settings: SettingsBySource,
  tools: BatchTools,
): Promise<ReadonlyMap<string, Settled<void>>> {
  const changed = messages.flatMap((message) =>
    message.kind === 'source-changed' ? [sourceName(message.source)] : [],
  )
  const asking = [...new Set(changed)].filter((name) => settings.get(name)?.publications.length)
  const looked = await settleEach(asking, async (name) => {
    const own = settings.get(name)
    if (own) await rememberTasks(own, tools)
  })
  return new Map(looked.map((outcome, index) => [asking[index] ?? '', outcome]))
}

/** Tasks with the addresses that they are asked for by, by their ids: those that no event tells are looked up together. */
async function learnMissing(
  tasks: readonly SeenTask[],
  settings: SettingsBySource,
  { learnAddresses }: BatchTools,
): Promise<ReadonlyMap<string, SeenTask>> {
  const missing = tasks.filter((task) =>
    lacksAddress(task, settings.get(sourceName(task.source))?.publications ?? []),
  )
  const learnt = missing.length ? await learnAddresses(missing) : []
  return new Map(learnt.map((task) => [task.id, task]))
}

/** What sources ask for no more, by their names; nothing of those that are nobody's business. */
type Dropped = ReadonlyMap<string, Promise<readonly Target[]>>

/** Keeps each source that messages are about, once. */
function keepSources(
  messages: readonly DiscoveryEvent[],
  settings: SettingsBySource,
  tools: BatchTools,
): Dropped {
  const changed = new Set(
    messages.flatMap((message) => (message.kind === 'source-changed' ? [sourceName(message.source)] : [])),
  )
  // A task that is found nowhere is nobody's business; what its source was found by before, the sweep releases.
  const told = new Set(
    messages.flatMap((message) => (message.kind === 'look-again' ? [sourceName(message.source)] : [])),
  )
  const concerned = [...settings].filter(
    ([name, own]) => own.publications.length > 0 || changed.has(name) || told.has(name),
  )
  const dropped = concerned.map(([name, own]) => [name, tools.keepSource(own, changed.has(name))] as const)
  // Who waits for one hears of its failure.
  for (const [, keeping] of dropped) keeping.catch(() => {})
  return new Map(dropped)
}

/** What is to be done because of a message, and where. */
async function errandsOf(
  message: DiscoveryEvent,
  settings: SettingsBySource,
  dropped: Dropped,
  tools: BatchTools,
): Promise<readonly Next[]> {
  const source = sourceIn(message)
  const name = source ? sourceName(source) : ''
  const own = settings.get(name)
  const gone = await dropped.get(name)
  if (!own || !gone) return []
  const only = message.kind === 'look-again' ? message.target : undefined
  const verifies = message.kind === 'source-changed'
  return errandsFor(own, gone, { verifies, ...(only && { only }) }, tools)
}

/** The errands of a source: at the targets that it asks for, and at those that it asks for no more. */
async function errandsFor(
  { publications }: DiscoverySettings,
  dropped: readonly Target[],
  { only, verifies }: { readonly only?: Target; readonly verifies: boolean },
  tools: BatchTools,
): Promise<readonly Next[]> {
  const isMeant = (target: Target) => only === undefined || targetName(only) === targetName(target)
  const known = publications.filter(({ target }) => isMeant(target))
  const named = new Set(known.map(({ target }) => targetName(target)))
  const others = [...dropped, ...(only ? [only] : [])].filter(
    (target) => isMeant(target) && !named.has(targetName(target)),
  )
  const found = await Promise.all(
    known.map(async (publication): Promise<Next> => {
      const place = await tools.registrar.find(publication.target, publication)
      const errand = { target: publication.target, verifies }
      return { errand, placeId: place.kind === 'none' ? undefined : place.id }
    }),
  )
  return [
    ...found,
    ...(others.length
      ? await bring(
          others.map((target) => ({ target, verifies })),
          tools,
        )
      : []),
  ]
}
