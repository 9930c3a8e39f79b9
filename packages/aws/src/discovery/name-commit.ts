/** What a pass over one target writes into the ledger: the target's next record, and the decisions with their reasons. Pure. */
import type { DiscoveryDecision, RecordWrite } from '@capstan/core/discovery/decision.ts'
import { explainDiscovery, fingerprintDiscovery } from '@capstan/core/discovery/explain.ts'
import { targetName } from '@capstan/core/discovery/names.ts'
import { isHinderedBy } from '@capstan/core/discovery/outcome.ts'
import { ownedAfter } from '@capstan/core/discovery/owned.ts'
import type { NameRecord, NameView, SourceKey } from '@capstan/core/discovery/view.ts'
import type { DecisionEntry } from '../ledger/rows.ts'
import { discoveryLine, type Line } from '../line.ts'

/** What is to be done at one target. */
export interface Plan {
  readonly view: NameView
  readonly decisions: readonly DiscoveryDecision[]
  readonly writes: readonly RecordWrite[]
  /** Whether its like was refused before: it is not told before it is done. */
  readonly isQuiet: boolean
  /** When somebody is to look again (ms), because tasks are not ready; only where nobody will by then. */
  readonly lookAt?: number
}

/** A record with the decisions that are written as one with it. */
export interface Commit {
  readonly record: NameRecord
  readonly entries: readonly DecisionEntry[]
  /** The entries as they are told in the log. */
  readonly lines: readonly Line[]
}

export interface CommitTools {
  readonly now: number
  /** Sorts by time; each entry gets it with its own number behind it. */
  readonly id: string
}

/**
 * The plan of a view: `lookInMs` is when its tasks deserve another look, `isAgain` says that it was refused a moment ago.
 */
export function planOf(
  view: NameView,
  decisions: readonly DiscoveryDecision[],
  { isAgain, lookInMs, now }: { isAgain: boolean; lookInMs: number | undefined; now: number },
): Plan {
  const writes = decisions.flatMap((decision) => ('writes' in decision ? decision.writes : []))
  const wasRefused = view.record?.told?.includes(REFUSED) ?? false
  const isQuiet = writes.length > 0 && (isAgain || wasRefused)
  return { view, decisions, writes, isQuiet, ...(lookInMs !== undefined && { lookAt: now + lookInMs }) }
}

/** Between what is left undone and why a write was refused, in what was told. */
const REFUSED = ' refused: '

/**
 * What is committed before the writes, or instead of them where there are none; `undefined` where the ledger says all of
 * it already. Of a quiet plan it says no more than what is begun, and what is really there is read if it comes to no end.
 */
export function intentOf(plan: Plan, tools: CommitTools): Commit | undefined {
  const { decisions, isQuiet, view } = plan
  const told = isQuiet ? (view.record?.told ?? '') : fingerprintDiscovery(decisions)
  const owned = ownedAfter(view, decisions, 'intent')
  const record = nextRecord(plan, owned, { now: tools.now, told, isHindered: isQuiet })
  const news = isQuiet ? noNews : newsTold(view, newsOf(plan), tools)
  return news.entries.length || !isSameRecord(view.record, record) ? { record, ...news } : undefined
}

/** What is committed when the writes are done. `before` is the record of the intent. */
export function doneOf(plan: Plan, before: NameRecord, tools: CommitTools): Commit {
  const { decisions, isQuiet, view } = plan
  const owned = ownedAfter(view, decisions, 'done')
  if (!isQuiet) return { record: { ...before, version: before.version + 1, owned }, ...noNews }
  const told = fingerprintDiscovery(decisions)
  const after = { ...plan, view: { ...view, record: before } }
  const record = nextRecord(after, owned, { now: tools.now, told, isHindered: false })
  return { record, ...newsTold(view, newsOf(plan), tools) }
}

/** What is committed when the writes were refused for good: why, unless that was told before. */
export function refusalOf(
  plan: Plan,
  before: NameRecord,
  why: string,
  tools: CommitTools,
): Commit | undefined {
  const told = `${fingerprintDiscovery(plan.decisions)}${REFUSED}${why}`
  const after = { ...plan, view: { ...plan.view, record: before } }
  const record = nextRecord(after, before.owned, { now: tools.now, told, isHindered: true })
  const news = told === before.told ? noNews : refusalTold(plan.view, why, tools)
  return news.entries.length || !isSameRecord(before, record) ? { record, ...news } : undefined
}

/** What is told: all that is done, and what is left undone where that is not what was left before. */
function newsOf({ decisions, view }: Plan): DiscoveryDecision[] {
  const isNews = fingerprintDiscovery(decisions) !== (view.record?.told ?? '')
  return decisions.filter(({ kind, reason }) => (kind === 'skip' ? isNews && reason !== 'up-to-date' : true))
}

/** The record of a target whose place is gone for certain, with all that was in it. */
export function withoutPlace(before: NameRecord): NameRecord {
  const { placeId: _gone, ...rest } = before
  return { ...rest, version: before.version + 1, owned: [] }
}

/** Whether nothing is left of a target: nobody asks for it, and nothing there is Capstan's. */
export const isOver = ({ owned, sources }: Pick<NameRecord, 'owned' | 'sources'>): boolean =>
  owned.length === 0 && sources.length === 0

function nextRecord(
  { decisions, lookAt, view }: Plan,
  owned: NameRecord['owned'],
  { isHindered, now, told }: { isHindered: boolean; now: number; told: string },
): NameRecord {
  const { place, record, sources, target, unclear = [] } = view
  const named = sources.map(({ source }) => source)
  // Of a look that is still to come, the record goes on to know.
  const look = lookAt ?? ((record?.lookAt ?? 0) > now ? record?.lookAt : undefined)
  return {
    target,
    version: (record?.version ?? 0) + 1,
    ...(place.kind !== 'none' && { placeId: place.id }),
    // Of these it is not known whether they ask for nothing any more.
    sources: [...named, ...unclear],
    owned,
    ...(told && { told }),
    ...((isHindered || isHinderedBy(decisions)) && { isHindered: true }),
    ...(look !== undefined && { lookAt: look }),
  }
}

/** Whether two records say the same of what matters; a look that has passed does not. */
function isSameRecord(before: NameRecord | undefined, after: NameRecord): boolean {
  if (before === undefined) return isOver(after)
  const essence = ({ isHindered = false, owned, placeId = '', sources, told = '' }: NameRecord) =>
    JSON.stringify([placeId, sources, owned, told, isHindered])
  return essence(before) === essence(after) && (after.lookAt === undefined || after.lookAt === before.lookAt)
}

type News = Pick<Commit, 'entries' | 'lines'>

const noNews: News = { entries: [], lines: [] }

/** Decisions as they are written down and told, once for each source that they are about. */
function newsTold(view: NameView, decisions: readonly DiscoveryDecision[], tools: CommitTools): News {
  const told = decisions.flatMap((decision) =>
    concerned(view, decision).map((source) => ({ source, decision })),
  )
  const entries = told.map(({ source, decision }, index) => ({
    ...placeOfEntry(source, index, tools),
    kind: decision.kind,
    reason: decision.reason,
    facts: { name: targetName(decision.target), ...decision.facts },
    sentence: explainDiscovery(decision),
  }))
  return {
    entries,
    lines: entries.map((entry, index) => discoveryLine(entry, tasksIn(told[index]?.decision))),
  }
}

const tasksIn = (decision: DiscoveryDecision | undefined): string[] =>
  decision && 'writes' in decision ? [...new Set(decision.writes.flatMap(({ task }) => task ?? []))] : []

function refusalTold(view: NameView, hindrance: string, tools: CommitTools): News {
  const name = targetName(view.target)
  const sentence = `The change at ${name} was refused, and is tried again with the next look: ${hindrance}`
  const entries = allSources(view).map((source, index) => ({
    ...placeOfEntry(source, index, tools),
    ...{ kind: 'skip', reason: 'refused', facts: { name, refusal: hindrance }, sentence },
  }))
  return { entries, lines: entries.map((entry) => discoveryLine(entry, [])) }
}

/** Entries are kept by service; a family of no service is kept as `family:worker`. */
function placeOfEntry({ cluster, group }: SourceKey, index: number, { id, now }: CommitTools) {
  return { cluster, service: group.replace(/^service:/, ''), id: `${id}.${index}`, at: now }
}

/** The sources whose tasks a decision is about; all of the target where it is about none. */
function concerned(view: NameView, decision: DiscoveryDecision): readonly SourceKey[] {
  const all = allSources(view)
  if (!('writes' in decision) || all.length < 2) return all
  const tasks = new Set(decision.writes.map(({ task }) => task))
  const own = view.sources.filter((source) => source.tasks.some(({ id }) => tasks.has(id)))
  return own.length ? own.map(({ source }) => source) : all
}

const allSources = ({ record, sources }: NameView): readonly SourceKey[] =>
  sources.length ? sources.map(({ source }) => source) : (record?.sources ?? [])
