/** What is Capstan's at a target: what the ledger says, held against what is really there, and what it says next. */
import type { DiscoveryDecision, RecordWrite } from './decision.ts'
import { isMarked, isSame, recordKey, recordOf } from './record.ts'
import type { ActualRecord, NameRecord, NameView, OwnedRecord } from './view.ts'

/** Whether what is really there has to be read before anything is decided: a write was begun, and its end is not known. */
export function needsActual(record: NameRecord | undefined): boolean {
  return record?.isHindered === true || (record?.owned.some(({ state }) => state !== 'written') ?? false)
}

/**
 * What is Capstan's, as far as it is known. Where it was read what is really there, no write is in doubt afterwards, and
 * every record is as it is there:
 *
 * | the ledger says | the same is there | another is there | nothing is there |
 * | --- | --- | --- | --- |
 * | written | ours | ours, changed by hand | missing |
 * | intended | ours: it was written | someone else's | it was not written |
 * | leaving | ours: it was not deleted | someone else's, unless its key is made for its task | it was deleted |
 * | written and intended: a change | ours | ours | missing |
 */
export function settleOwned({ record, actual }: Pick<NameView, 'record' | 'actual'>): OwnedRecord[] {
  const owned = record?.owned ?? []
  if (actual === undefined) return [...owned]
  const there = new Map(actual.map((each) => [recordKey(each), each]))
  const groups = Map.groupBy(owned, recordKey)
  return [...groups].flatMap(([key, same]) => settleOne(same, there.get(key)) ?? [])
}

function settleOne(same: readonly OwnedRecord[], actual: ActualRecord | undefined): OwnedRecord | undefined {
  if (!actual?.isPlain) return undefined
  const isOurs = same.some(
    (each) =>
      each.state === 'written' || isSame(each, actual) || (each.state === 'leaving' && isMarked(each)),
  )
  const task = same.at(-1)?.task
  return isOurs ? { ...recordOf(actual), ...(task !== undefined && { task }), state: 'written' } : undefined
}

/**
 * What the ledger keeps before the writes of these decisions (`intent`), and after they are done. A change is kept as
 * both, what was and what will be: either may be there if nobody lives to tell. The ledger is written whenever this
 * differs from what it has, decisions or not.
 */
export function ownedAfter(
  view: Pick<NameView, 'record' | 'actual'>,
  decisions: readonly DiscoveryDecision[],
  phase: 'intent' | 'done',
): OwnedRecord[] {
  const adopted = decisions.flatMap((each) => (each.kind === 'adopt' ? each.records : []))
  const writes = decisions.flatMap((each) => ('writes' in each ? each.writes : []))
  const touched = new Map(writes.map((write) => [recordKey(write.record), write]))
  const before = [...settleOwned(view), ...adopted]
  const kept = before.flatMap((each) => {
    const write = touched.get(recordKey(each))
    if (write === undefined) return [each]
    return phase === 'intent' && write.action === 'upsert' && each.state === 'written' ? [each] : []
  })
  const tasks = new Map(before.map((each) => [recordKey(each), each.task]))
  return [...kept, ...writes.flatMap((write) => afterWrite(write, phase, tasks) ?? [])]
}

function afterWrite(
  { action, record, task: given }: RecordWrite,
  phase: 'intent' | 'done',
  tasks: ReadonlyMap<string, string | undefined>,
): OwnedRecord | undefined {
  const task = given ?? tasks.get(recordKey(record))
  const owned = { ...recordOf(record), ...(task !== undefined && { task }) }
  if (phase === 'done') return action === 'delete' ? undefined : { ...owned, state: 'written' }
  return { ...owned, state: action === 'delete' ? 'leaving' : 'intended' }
}
