/** Which records there should be at a target: those of tasks that can serve, as far as there is room. */
import { type Forms, formsOf, markRecord } from './form.ts'
import { recordKey } from './record.ts'
import { type Standing, standingOf } from './standing.ts'
import type { DiscoveryRecord, NameSource, NameView, PublishedTask } from './view.ts'

/** A task of one of the target's sources, and what becomes of it here. */
export interface Candidate {
  readonly task: PublishedTask
  readonly standing: Standing
  /** Empty unless it serves. */
  readonly forms: Pick<Forms, 'main' | 'own'>
}

/** A record that there should be. */
export interface Wanted {
  readonly record: DiscoveryRecord
  /** None for the TXT record. */
  readonly task?: string
}

/** What was left out for lack of room. */
export interface Overflow {
  readonly type: string
  /** How many records there would be. */
  readonly asked: number
  readonly room: number
}

export function candidatesOf(view: NameView): Candidate[] {
  const ttl = lowestTtl(view.sources)
  return view.sources.flatMap(({ publication, tasks }) =>
    tasks.map((task): Candidate => {
      const shared = { ...publication, ttl }
      const standing = standingOf(task, shared, view.target, view.place)
      const none = { main: [], own: [] }
      return {
        task,
        standing,
        forms: standing.kind === 'serving' ? formsOf(task, shared, view.target, view.place) : none,
      }
    }),
  )
}

/** Record sets of one name and type have one TTL (Route 53 developer guide: TTL of multivalue answer records). */
function lowestTtl(sources: readonly NameSource[]): number {
  return Math.min(...sources.map(({ publication }) => publication.ttl))
}

/**
 * The records of those who serve, of each type at most `roomFor`. Who is found already stays, so that a full name does not
 * change with each task; then those that run longest come first.
 */
export function chooseRecords(
  candidates: readonly Candidate[],
  isFound: (record: DiscoveryRecord) => boolean,
  roomFor: (record: DiscoveryRecord) => number,
): { wanted: Wanted[]; overflows: Overflow[] } {
  const asked = candidates.flatMap(({ task, forms }) => forms.main.map((record) => ({ task, record })))
  const overflows: Overflow[] = []
  const chosen = [...Map.groupBy(asked, ({ record }) => groupOf(record))].flatMap(([, group]) => {
    const [first] = group
    if (first === undefined) return []
    const { type } = first.record
    const room = Math.max(0, roomFor(first.record))
    if (group.length <= room) return group
    overflows.push({ type, asked: group.length, room })
    return group.toSorted((a, b) => compare(a, b, isFound)).slice(0, room)
  })
  const wanted = chosen.map(({ record, task }): Wanted => ({ record, task: task.id }))
  return { wanted: [...wanted, ...ownRecords(candidates, wanted)], overflows }
}

/** Instances have names of their own, and share the room of their service. */
export function groupOf({ name, type }: Pick<DiscoveryRecord, 'name' | 'type'>): string {
  return type === 'INSTANCE' ? type : `${type} ${name}`
}

type Asked = { readonly task: PublishedTask; readonly record: DiscoveryRecord }

function compare(a: Asked, b: Asked, isFound: (record: DiscoveryRecord) => boolean): number {
  const since = ({ task }: Asked) => task.startedAt ?? Number.MAX_SAFE_INTEGER
  return (
    Number(isFound(b.record)) - Number(isFound(a.record)) ||
    since(a) - since(b) ||
    (a.task.id < b.task.id ? -1 : 1)
  )
}

/** Tasks that are found by no name of their target need none of their own. */
function ownRecords(candidates: readonly Candidate[], wanted: readonly Wanted[]): Wanted[] {
  const found = new Set(wanted.map(({ task }) => task))
  return candidates
    .filter(({ task }) => found.has(task.id))
    .flatMap(({ task, forms }) => forms.own.map((record) => ({ record, task: task.id })))
}

/** The TXT record, where one of the publications asks for it. */
export function markOfTarget({ target, sources }: NameView): Wanted | undefined {
  if (target.kind !== 'dns' || !sources.some(({ publication }) => publication.txt)) return undefined
  const keys = sources.map(({ source }) => source)
  return { record: markRecord(target.name, keys, lowestTtl(sources)) }
}

/** Each key once: two publications of one source may ask for the same. */
export function unique(wanted: readonly Wanted[]): Wanted[] {
  return [...new Map(wanted.map((each) => [recordKey(each.record), each])).values()]
}
