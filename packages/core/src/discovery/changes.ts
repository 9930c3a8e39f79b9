/** Holds what there should be at a target against what is Capstan's there: what is written, deleted and left. */
import type { DeregisterReason, RecordWrite, RegisterReason } from './decision.ts'
import { markName } from './form.ts'
import { isInTheWay, isSame, quotaOf, recordKey, recordOf } from './record.ts'
import type { ActualRecord, DiscoveryRecord, NameView, OwnedRecord, WritePolicy } from './view.ts'
import {
  type Candidate,
  chooseRecords,
  groupOf,
  markOfTarget,
  type Overflow,
  unique,
  type Wanted,
} from './want.ts'

/** What a pass knows. */
export interface Outlook {
  readonly view: NameView
  /** In doubt only where what is really there was not read. */
  readonly owned: readonly OwnedRecord[]
  readonly candidates: readonly Candidate[]
  /** What ECS registers itself, where others' instances are to be taken over. */
  readonly ofEcs: readonly ActualRecord[]
}

export interface Change {
  readonly reason: RegisterReason | DeregisterReason
  readonly write: RecordWrite
}

export interface Changes {
  readonly wanted: readonly Wanted[]
  readonly changes: readonly Change[]
  /** What stays although no task asks for it, because nothing serves. */
  readonly standing: readonly OwnedRecord[]
  /** What stays because settings were never understood, so that it is not known whose it is. */
  readonly unclear: readonly OwnedRecord[]
  readonly overflows: readonly Overflow[]
  /** What others have written where Capstan would. */
  readonly hindering: readonly ActualRecord[]
  /** What the policy does not allow. */
  readonly forbidden: readonly Change[]
}

/** What becomes of an owned record that nobody asks for: why it goes, or why it stays. */
type Fate = DeregisterReason | 'standing' | 'unclear'
type Fated = { readonly record: OwnedRecord; readonly fate: Fate }

export function changesOf(outlook: Outlook): Changes {
  const { view, owned } = outlook
  const policy = policyOf(view)
  const ours = new Map(owned.map((each) => [recordKey(each), each]))
  const foreign = (view.actual ?? []).filter((each) => !ours.has(recordKey(each)))
  const { candidates: free, hindering } = withoutHindered(outlook, foreign)
  const candidates = policy === 'sync' ? free : withoutFixed(free, owned)
  const asked = new Set(candidates.flatMap(({ forms }) => [...forms.main, ...forms.own]).map(recordKey))
  const fates = fatesOf({ ...outlook, candidates: free }, asked)
  const staying = fates.filter(({ fate }) => isStaying(fate) || policy !== 'sync').map(({ record }) => record)
  const others = countByGroup([...foreign, ...staying])
  const { wanted, overflows } = chooseRecords(
    candidates,
    (record) => ours.get(recordKey(record))?.state === 'written',
    (record) => quotaOf(view.place) - (others.get(groupOf(record)) ?? 0),
  )
  const mark = wanted.length + staying.length > 0 ? markOfTarget(view) : undefined
  const hindersMark = mark && !ours.has(recordKey(mark.record)) ? hinderers(mark.record, foreign) : []
  const all = unique([...wanted, ...(mark !== undefined && hindersMark.length === 0 ? [mark] : [])])
  const changes = [...additions(outlook, all), ...removals(outlook, all, asked, fates)]
  return {
    wanted: all,
    changes: changes.filter((change) => isAllowed(policy, change)),
    forbidden: changes.filter((change) => !isAllowed(policy, change)),
    standing: fates.filter(({ fate }) => fate === 'standing').map(({ record }) => record),
    unclear: fates.filter(({ fate }) => fate === 'unclear').map(({ record }) => record),
    overflows,
    hindering: [...new Set([...hindering, ...hindersMark])],
  }
}

/** Of several sources the most cautious one. */
export function policyOf({ sources }: NameView): WritePolicy {
  const policies = sources.map(({ publication }) => publication.policy)
  return (['create-only', 'upsert-only'] as const).find((each) => policies.includes(each)) ?? 'sync'
}

function isAllowed(policy: WritePolicy, { write }: Change): boolean {
  if (policy === 'sync' || write.action === 'create') return true
  return policy === 'upsert-only' && write.action === 'upsert'
}

function isStaying(fate: Fate): boolean {
  return fate === 'standing' || fate === 'unclear'
}

function countByGroup(records: readonly DiscoveryRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const record of records) counts.set(groupOf(record), (counts.get(groupOf(record)) ?? 0) + 1)
  return counts
}

function hinderers(record: DiscoveryRecord, others: readonly ActualRecord[]): ActualRecord[] {
  return others.filter((other) => isInTheWay(other, record))
}

/** The candidates without the records that cannot be created, and what others have there instead. */
function withoutHindered(
  { candidates, owned }: Outlook,
  foreign: readonly ActualRecord[],
): { candidates: Candidate[]; hindering: ActualRecord[] } {
  const ours = new Set(owned.map(recordKey))
  const foreignAt = Map.groupBy(foreign, ({ name }) => name)
  const hindering: ActualRecord[] = []
  const free = keepForms(candidates, (record) => {
    if (ours.has(recordKey(record))) return true
    const others = hinderers(record, foreignAt.get(record.name) ?? [])
    hindering.push(...others)
    return others.length === 0
  })
  return { candidates: free, hindering }
}

/** What was adopted and may not be deleted stands in the way as well; the policy is told then. */
function withoutFixed(candidates: readonly Candidate[], owned: readonly OwnedRecord[]): Candidate[] {
  const fixed = owned.filter((each) => each.task === undefined)
  const isFree = (record: DiscoveryRecord) => !fixed.some((each) => isInTheWay(each, record))
  return keepForms(candidates, isFree)
}

function keepForms(
  candidates: readonly Candidate[],
  isKept: (record: DiscoveryRecord) => boolean,
): Candidate[] {
  return candidates.map((each) => {
    const { main, own } = each.forms
    return { ...each, forms: { main: main.filter(isKept), own: own.filter(isKept) } }
  })
}

/** What becomes of each owned record that no candidate asks for; the TXT record is another matter. */
function fatesOf(outlook: Outlook, asked: ReadonlySet<string>): Fated[] {
  const byTask = new Map(outlook.candidates.map((each) => [each.task.id, each]))
  const serves = outlook.candidates.some(({ forms }) => forms.main.length > 0)
  return outlook.owned
    .filter((record) => !asked.has(recordKey(record)) && !isMark(outlook.view, record))
    .map((record) => {
      const candidate = record.task === undefined ? undefined : byTask.get(record.task)
      return { record, fate: fateOf(outlook.view, record, candidate, serves) }
    })
}

function fateOf(
  { sources, unclear = [] }: NameView,
  record: OwnedRecord,
  candidate: Candidate | undefined,
  serves: boolean,
): Fate {
  const isUnclear = unclear.length > 0
  if (sources.length === 0) return isUnclear ? 'unclear' : 'released'
  if (record.task === undefined) return serves ? 'replaced' : 'standing'
  if (candidate === undefined) return isUnclear ? 'unclear' : 'gone'
  switch (candidate.standing.kind) {
    case 'gone':
    case 'stopping':
      return candidate.standing.kind
    case 'serving':
      return 'released'
    default:
      return serves || record.state !== 'written' ? 'unhealthy' : 'standing'
  }
}

function isMark({ target }: NameView, { name, type }: DiscoveryRecord): boolean {
  return target.kind === 'dns' && type === 'TXT' && name === markName(target.name)
}

/**
 * What is not Capstan's for certain is created, which fails where something is there that is not known of:
 *
 * | what the ledger knows of the key | the write |
 * | --- | --- |
 * | written, the same | none |
 * | written, another; or a change that was begun | upsert |
 * | nothing; or a creation or a deletion that was begun | create |
 */
function additions({ owned, view }: Outlook, wanted: readonly Wanted[]): Change[] {
  const ours = Map.groupBy(owned, recordKey)
  const told = new Set(view.record?.owned.filter(({ state }) => state === 'written').map(recordKey))
  return wanted.flatMap(({ record, task }): Change[] => {
    const same = ours.get(recordKey(record)) ?? []
    if (same.every((each) => each.state === 'written' && isSame(each, record)) && same.length > 0) return []
    const isOurs = same.some(({ state }) => state === 'written')
    const reason = task === undefined ? 'marked' : additionReason(isOurs, told.has(recordKey(record)))
    const by = task === undefined ? {} : { task }
    return [{ reason, write: { action: isOurs ? 'upsert' : 'create', record, ...by } }]
  })
}

function additionReason(isOurs: boolean, isTold: boolean): RegisterReason {
  if (isOurs) return 'changed'
  return isTold ? 'missing' : 'serving'
}

function removals(
  { owned, view }: Outlook,
  wanted: readonly Wanted[],
  asked: ReadonlySet<string>,
  fates: readonly Fated[],
): Change[] {
  const isWanted = new Set(wanted.map(({ record }) => recordKey(record)))
  const fate = new Map(fates.map(({ record, fate }) => [recordKey(record), fate]))
  // Of a change that was begun the ledger has two: the last one is what is there, most likely.
  const last = [...new Map(owned.map((each) => [recordKey(each), each])).values()]
  return last.flatMap((record): Change[] => {
    const key = recordKey(record)
    if (isWanted.has(key)) return []
    const reason = asked.has(key) ? 'surplus' : (fate.get(key) ?? markFate(view))
    if (reason === 'standing' || reason === 'unclear') return []
    const by = record.task === undefined ? {} : { task: record.task }
    return [{ reason, write: { action: 'delete', record: recordOf(record), ...by } }]
  })
}

/** The TXT record goes when nothing is left that it could speak of. */
function markFate({ problems, sources }: NameView): Fate {
  return sources.length === 0 && problems.length > 0 ? 'unclear' : 'released'
}
