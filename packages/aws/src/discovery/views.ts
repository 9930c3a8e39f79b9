/** Looks at targets: what decisions about them rest on, read from the ledger, from ECS and from where the records are. */
import { unclearSources } from '@capstan/core/discovery/held.ts'
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import { needsActual } from '@capstan/core/discovery/owned.ts'
import type {
  ActualRecord,
  DiscoverySettings,
  KnownTask,
  NameRecord,
  NameView,
  Place,
  Publication,
  PublishedTask,
  SourceKey,
  Target,
  TargetState,
} from '@capstan/core/discovery/view.ts'
import { type Settled, settleEach, valuesOf } from '../parallel.ts'
import type { DiscoveryLedger, Errand, SourceRecord } from './ledger.ts'
import type { Registrar } from './registrar.ts'

/** What looks at targets are made with. */
export interface ViewTools {
  readonly ledger: DiscoveryLedger
  readonly registrar: Registrar
  /** What sources ask for, in their order; `isFresh` reads it again. */
  readonly settingsOf: (sources: readonly SourceKey[], isFresh: boolean) => Promise<DiscoverySettings[]>
  /** All tasks of a source that are known. */
  readonly tasksOf: (source: SourceKey) => Promise<readonly KnownTask[]>
  /** How its service's load balancers find tasks, by their ids; nothing where none checks them. */
  readonly targetStates: (
    source: SourceKey,
    tasks: readonly KnownTask[],
  ) => Promise<ReadonlyMap<string, TargetState>>
}

/** A target as it was found: who asks for it, and where its records should be. */
export interface Found {
  readonly target: Target
  readonly record: NameRecord | undefined
  readonly asking: readonly Asking[]
  readonly problems: readonly string[]
  /** Who may ask for it, for all that is known. */
  readonly unclear: readonly SourceKey[]
  /** Where nobody asks for it, the place where its records are. */
  readonly place: Place
  /** Whether what is really there is to be read. */
  readonly verifies: boolean
}

/** A source that asks to be found at a target. */
export interface Asking {
  readonly source: SourceKey
  readonly publication: Publication
}

/**
 * Finds out who asks to be found at each target, and where its records should be. A target whose record cannot be read is
 * rejected, alone. Settings are read again for errands that verify, and where a source's targets are not what they were;
 * none are where `given` has those of all sources.
 */
export async function findTargets(
  errands: readonly Errand[],
  tools: ViewTools,
  given?: readonly DiscoverySettings[],
): Promise<Settled<Found>[]> {
  const { ledger } = tools
  const [records, known] = await Promise.all([
    settleEach(errands, ({ target }) => ledger.getName(target)),
    given ? [] : ledger.listSources(),
  ])
  const settings = given ?? (await settingsFor(errands, records, known, tools))
  const found = errands.map(async (errand, index) => {
    const [record] = valuesOf(records.slice(index, index + 1))
    return findTarget(errand, record, settings, tools.registrar)
  })
  return Promise.allSettled(found)
}

/** The settings of all sources that ask for one of the targets, or did when they were last looked at. */
function settingsFor(
  errands: readonly Errand[],
  records: readonly Settled<NameRecord | undefined>[],
  known: readonly SourceRecord[],
  tools: ViewTools,
): Promise<DiscoverySettings[]> {
  const wanted = new Set(errands.map(({ target }) => targetName(target)))
  const concerned = known.filter(({ targets }) => targets.some((each) => wanted.has(targetName(each))))
  const before = records.flatMap((each) => (each.status === 'fulfilled' ? (each.value?.sources ?? []) : []))
  const sources = uniqueSources([...concerned.map(({ source }) => source), ...before])
  return readSettings(
    sources,
    known,
    errands.some(({ verifies }) => verifies),
    tools,
  )
}

/** Each source once, in the order of their names: where several say where a target is kept, the first one does. */
export function uniqueSources(sources: readonly SourceKey[]): SourceKey[] {
  const byName = new Map(sources.map((source) => [sourceName(source), source]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source)
}

/** The settings of sources; those are read again that contradict what the ledger says of their targets. */
async function readSettings(
  sources: readonly SourceKey[],
  known: readonly SourceRecord[],
  isFresh: boolean,
  { settingsOf }: ViewTools,
): Promise<DiscoverySettings[]> {
  const settings = await settingsOf(sources, isFresh)
  if (isFresh) return settings
  const told = new Map(known.map(({ source, targets }) => [sourceName(source), targetsText(targets)]))
  const stale = settings.filter(
    ({ source, publications }) => told.get(sourceName(source)) !== targetsText(targetsOf(publications)),
  )
  if (!stale.length) return settings
  const again = await settingsOf(
    stale.map(({ source }) => source),
    true,
  )
  const byName = new Map(again.map((each) => [sourceName(each.source), each]))
  return settings.map((each) => byName.get(sourceName(each.source)) ?? each)
}

export const targetsOf = (publications: readonly Publication[]): Target[] =>
  publications.map(({ target }) => target)

/** Targets as they are compared, whatever their order. */
const targetsText = (targets: readonly Target[]): string => targets.map(targetName).sort().join(' ')

async function findTarget(
  { target, verifies }: Errand,
  record: NameRecord | undefined,
  settings: readonly DiscoverySettings[],
  registrar: Registrar,
): Promise<Found> {
  const name = targetName(target)
  const asking = settings.flatMap(({ source, publications }) =>
    publications
      .filter((publication) => targetName(publication.target) === name)
      .map((publication) => ({ source, publication })),
  )
  const own = new Set([...asking.map(({ source }) => source), ...(record?.sources ?? [])].map(sourceName))
  const problems = settings.flatMap((each) => (own.has(sourceName(each.source)) ? each.problems : []))
  const [first] = asking
  const place = first ? await registrar.find(target, first.publication) : placeOfRecord(target, record)
  const unclear = unclearSources(
    record,
    asking.map(({ source }) => source),
    settings,
  )
  return { target, record, asking, problems, unclear, place, verifies }
}

/** Where the records of a target are by the ledger; of a zone its id is enough. */
export function placeOfRecord(target: Target, record: NameRecord | undefined): Place {
  const id = record?.placeId
  if (id === undefined) return { kind: 'none', reason: 'no-zone', note: 'Nobody asks for it any more.' }
  return target.kind === 'dns'
    ? { kind: 'zone', id, name: target.name, isPrivate: false }
    : { kind: 'cloud-map', id, types: [] }
}

/** Views of targets as their places have them: each with its sources' tasks, and with what is there where that is in doubt. */
export async function viewsOf(found: readonly Found[], tools: ViewTools): Promise<Settled<NameView>[]> {
  const sources = uniqueSources(found.flatMap(({ asking }) => asking.map(({ source }) => source)))
  const reading = settleEach(sources, (source) => publishedTasks(source, tools))
  const [tasks, actual] = await Promise.all([reading, readActual(found, tools.registrar)])
  const bySource = new Map(sources.map((source, index) => [sourceName(source), tasks[index]]))
  return Promise.allSettled(
    found.map(async ({ asking, place, problems, record, target, unclear }): Promise<NameView> => {
      const read = actual.get(targetName(target))
      const there = read && valuesOf([read]).flat()
      const named = asking.map(({ source, publication }) => {
        const own = bySource.get(sourceName(source))
        return { source, publication, tasks: valuesOf(own ? [own] : []).flat() }
      })
      return {
        target,
        place,
        sources: named,
        problems,
        ...(unclear.length && { unclear }),
        ...(record && { record }),
        ...(there && { actual: there }),
      }
    }),
  )
}

async function publishedTasks(source: SourceKey, tools: ViewTools): Promise<PublishedTask[]> {
  const tasks = await tools.tasksOf(source)
  const states = await tools.targetStates(source, tasks)
  return tasks.map((task) => {
    const target = states.get(task.id)
    return { ...task, ...(target !== undefined && { target }) }
  })
}

/** What is really there, by target: of those that are in doubt, one reading for each place, which hinders no other. */
async function readActual(
  found: readonly Found[],
  registrar: Registrar,
): Promise<ReadonlyMap<string, Settled<readonly ActualRecord[]>>> {
  const doubtful = found.filter(
    ({ place, record, verifies }) => place.kind !== 'none' && (verifies || needsActual(record)),
  )
  const places = Map.groupBy(doubtful, ({ place }) => (place.kind === 'none' ? '' : place.id))
  const read = await Promise.all([...places.values()].map((same) => readPlace(same, registrar)))
  return new Map(read.flat())
}

/** The records of targets that are in one place. */
async function readPlace(same: readonly Found[], registrar: Registrar) {
  const targets = same.map(({ target }) => target)
  const [first] = same
  const [reading] = await Promise.allSettled([first ? registrar.read(first.place, targets) : []])
  return targets.map((target, index): [string, Settled<readonly ActualRecord[]>] => [
    targetName(target),
    reading.status === 'rejected' ? reading : { status: 'fulfilled', value: reading.value[index] ?? [] },
  ])
}
