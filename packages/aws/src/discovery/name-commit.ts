/** What a pass over one target writes into the ledger: the target's next record, and the decisions with their reasons. Pure. */
import type { DiscoveryDecision, RecordWrite } from '@capstan/core/discovery/decision.ts'
import { explainDiscovery, fingerprintDiscovery } from '@capstan/core/discovery/explain.ts'
import { sourceName, targetName } from '@capstan/core/discovery/names.ts'
import { isHinderedBy } from '@capstan/core/discovery/outcome.ts'
import { ownedAfter } from '@capstan/core/discovery/owned.ts'
import type { NameRecord, NameView, SourceKey } from '@capstan/core/discovery/view.ts'
import type { DecisionEntry } from '../ledger/rows.ts'

/** What is to be done at one target. */
export interface Plan {
  readonly view: NameView
  readonly decisions: readonly DiscoveryDecision[]
  readonly writes: readonly RecordWrite[]
  /** When somebody is to look again (ms), because tasks are not ready; only where nobody will by then. */
  readonly lookAt?: number
}

/** A record with the decisions that are written as one with it. */
export interface Commit {
  readonly record: NameRecord
  readonly entries: readonly DecisionEntry[]
}

export interface CommitTools {
  readonly now: number
  /** Sorts by time; each entry gets it with its own number behind it. */
  readonly id: string
}

/** The plan of a view: `lookInMs` is when its tasks deserve another look. */
export function planOf(
  view: NameView,
  decisions: readonly DiscoveryDecision[],
  lookInMs: number | undefined,
  now: number,
): Plan {
  const writes = decisions.flatMap((decision) => ('writes' in decision ? decision.writes : []))
  return { view, decisions, writes, ...(lookInMs !== undefined && { lookAt: now + lookInMs }) }
}

/**
 * What is committed before the writes, or instead of them where there are none; `undefined` where the ledger says all of
 * it already. `hindrance` is why a write was refused: it is told, and what is really there is read before the next one.
 */
export function intentOf(plan: Plan, tools: CommitTools, hindrance?: string): Commit | undefined {
  const { view, decisions } = plan
  const told = toldOf(decisions, hindrance)
  const isNews = told !== (view.record?.told ?? '')
  const record = nextRecord(
    plan,
    ownedAfter(view, decisions, 'intent'),
    tools.now,
    told,
    hindrance !== undefined,
  )
  const noted = decisions.filter(({ kind, reason }) =>
    kind === 'skip' ? isNews && reason !== 'up-to-date' : true,
  )
  const entries = entriesOf(view, noted, tools)
  const refusal =
    hindrance !== undefined && isNews ? refusalEntries(view, hindrance, tools, entries.length) : []
  if (!entries.length && !refusal.length && isSameRecord(view.record, record)) return undefined
  return { record, entries: [...entries, ...refusal] }
}

/** What is committed when the writes are done. `before` is the record of the intent. */
export function doneOf({ view, decisions }: Plan, before: NameRecord): NameRecord {
  return { ...before, version: before.version + 1, owned: ownedAfter(view, decisions, 'done') }
}

/** The record of a target whose place is gone for certain, with all that was in it. */
export function withoutPlace(before: NameRecord): NameRecord {
  const { placeId: _gone, ...rest } = before
  return { ...rest, version: before.version + 1, owned: [] }
}

/** Whether nothing is left of a target: nobody asks for it, and nothing there is Capstan's. */
export const isOver = ({ owned, sources }: Pick<NameRecord, 'owned' | 'sources'>): boolean =>
  owned.length === 0 && sources.length === 0

function toldOf(decisions: readonly DiscoveryDecision[], hindrance: string | undefined): string {
  const left = fingerprintDiscovery(decisions)
  return hindrance === undefined ? left : `${left} refused: ${hindrance}`
}

function nextRecord(
  { decisions, lookAt, view }: Plan,
  owned: NameRecord['owned'],
  now: number,
  told: string,
  isHindered: boolean,
): NameRecord {
  const { place, problems, record, sources, target } = view
  const named = sources.map(({ source }) => source)
  // Of a look that is still to come, the record goes on to know.
  const look = lookAt ?? ((record?.lookAt ?? 0) > now ? record?.lookAt : undefined)
  return {
    target,
    version: (record?.version ?? 0) + 1,
    ...(place.kind !== 'none' && { placeId: place.id }),
    sources: problems.length ? allOf([...named, ...(record?.sources ?? [])]) : named,
    owned,
    ...(told && { told }),
    ...((isHindered || isHinderedBy(decisions)) && { isHindered: true }),
    ...(look !== undefined && { lookAt: look }),
  }
}

/** Each source once. As long as settings have problems, it is not known who asks for nothing any more. */
function allOf(sources: readonly SourceKey[]): SourceKey[] {
  return [...new Map(sources.map((source) => [sourceName(source), source])).values()]
}

/** Whether two records say the same of what matters; a look that has passed does not. */
function isSameRecord(before: NameRecord | undefined, after: NameRecord): boolean {
  if (before === undefined) return isOver(after)
  const essence = ({ isHindered = false, owned, placeId = '', sources, told = '' }: NameRecord) =>
    JSON.stringify([placeId, sources, owned, told, isHindered])
  return essence(before) === essence(after) && (after.lookAt === undefined || after.lookAt === before.lookAt)
}

function entriesOf(
  view: NameView,
  decisions: readonly DiscoveryDecision[],
  tools: CommitTools,
): DecisionEntry[] {
  const told = decisions.flatMap((decision) =>
    concerned(view, decision).map((source) => ({ source, decision })),
  )
  return told.map(({ source, decision }, index) => ({
    ...placeOfEntry(source, index, tools),
    kind: decision.kind,
    reason: decision.reason,
    facts: { name: targetName(decision.target), ...decision.facts },
    sentence: explainDiscovery(decision),
  }))
}

function refusalEntries(
  view: NameView,
  hindrance: string,
  tools: CommitTools,
  from: number,
): DecisionEntry[] {
  const name = targetName(view.target)
  const sentence = `The change at ${name} was refused, and is tried again with the next look: ${hindrance}`
  return allSources(view).map((source, index) => ({
    ...placeOfEntry(source, from + index, tools),
    ...{ kind: 'skip', reason: 'refused', facts: { name, refusal: hindrance }, sentence },
  }))
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
