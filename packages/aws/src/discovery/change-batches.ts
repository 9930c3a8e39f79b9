/** Which writes go into which request: all of a zone's in as few change batches as may be. */
import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { NameWrites } from './registrar.ts'

/** Writes of one target (by its place in the list) that are done at once. */
export interface Piece {
  readonly index: number
  readonly writes: readonly RecordWrite[]
}

/** One request. */
export type Batch = readonly Piece[]

/** How much of a request something takes. */
export interface Load {
  readonly records: number
  readonly characters: number
}

/** Developer Guide, quotas: `ResourceRecord` elements, and characters of their values, of one request. */
export const MOST: Load = { records: 1_000, characters: 32_000 }

/** What writes take of a request, of which an UPSERT counts twice (Developer Guide, quotas). */
export function loadOf(writes: readonly RecordWrite[]): Load {
  let records = 0
  let characters = 0
  for (const { action, record } of writes) {
    const times = action === 'upsert' ? 2 : 1
    records += times * Math.max(1, record.values.length)
    for (const value of record.values) characters += times * value.length
  }
  return { records, characters }
}

/**
 * Packs writes into requests, to be made one after the other. A target's writes stay together, so that they are done at
 * once or not at all. Where they are too many, each name and type stays together: it never has more record sets than
 * before and after, nor none. Of those, what is only added comes first, what is only removed last.
 */
export function packBatches(names: readonly NameWrites[]): Batch[] {
  const bins: Bin[] = []
  const last: Piece[] = []
  const earliest = new Map<number, number>()
  for (const [index, { writes }] of names.entries()) {
    const pieces = piecesOf(writes).map((part) => ({ index, writes: part }))
    for (const piece of pieces.slice(0, -1)) bins.push(binWith(piece))
    earliest.set(index, pieces.length > 1 ? bins.length : 0)
    last.push(...pieces.slice(-1))
  }
  // The biggest first: little ones fill what those leave.
  const bySize = last.toSorted((a, b) => loadOf(b.writes).records - loadOf(a.writes).records)
  for (const piece of bySize) put(piece, bins, earliest.get(piece.index) ?? 0)
  return bins.map(({ pieces }) => pieces)
}

interface Bin {
  readonly pieces: Piece[]
  load: Load
}

const binWith = (piece: Piece): Bin => ({ pieces: [piece], load: loadOf(piece.writes) })

/** Into the first bin, from one on, that has room. */
function put(piece: Piece, bins: Bin[], from: number): void {
  const load = loadOf(piece.writes)
  const bin = bins.slice(from).find((each) => isWithin(sum(each.load, load)))
  if (!bin) {
    bins.push(binWith(piece))
    return
  }
  bin.pieces.push(piece)
  bin.load = sum(bin.load, load)
}

const sum = (a: Load, b: Load): Load => ({
  records: a.records + b.records,
  characters: a.characters + b.characters,
})

const isWithin = ({ records, characters }: Load) => records <= MOST.records && characters <= MOST.characters

/** The writes of one target in as many parts as they need, in order. A write that is too much by itself is a part. */
function piecesOf(writes: readonly RecordWrite[]): RecordWrite[][] {
  if (!writes.length) return []
  if (isWithin(loadOf(writes))) return [[...writes]]
  const pieces: RecordWrite[][] = []
  for (const group of groupsOf(writes)) {
    // A group that needs several parts begins one of its own, so that its first part brings many additions.
    const isTogether = isWithin(loadOf(group))
    append(isTogether ? [group] : group.map((write) => [write]), pieces, isTogether)
  }
  return pieces
}

function append(parts: readonly RecordWrite[][], pieces: RecordWrite[][], mayJoin: boolean): void {
  for (const [index, part] of parts.entries()) {
    const piece = mayJoin || index > 0 ? pieces.at(-1) : undefined
    if (piece && isWithin(loadOf([...piece, ...part]))) piece.push(...part)
    else pieces.push([...part])
  }
}

/** Writes of one name and type, the groups that only add first, and those that only remove last. */
function groupsOf(writes: readonly RecordWrite[]): RecordWrite[][] {
  const groups = [...Map.groupBy(writes, (write) => groupOf(write, writes)).values()].map(paired)
  return groups.toSorted((a, b) => rankOf(a) - rankOf(b))
}

/** A CNAME stands alone at its name, so its removal goes with what takes its place. */
function groupOf(write: RecordWrite, writes: readonly RecordWrite[]): string {
  const { name, type } = write.record
  const instead =
    isDeletion(write) && type === 'CNAME'
      ? writes.find((each) => !isDeletion(each) && each.record.name === name)
      : undefined
  return `${name} ${instead?.record.type ?? type}`
}

/**
 * A removal before each addition, and those first that make room (a simple record set, a CNAME): wherever this is cut,
 * there are not more record sets than the quota allows.
 */
function paired(group: readonly RecordWrite[]): RecordWrite[] {
  const deletions = group.filter(isDeletion).sort((a, b) => Number(isMultivalue(a)) - Number(isMultivalue(b)))
  const additions = group.filter((write) => !isDeletion(write))
  const rooms = deletions.filter((write) => !isMultivalue(write))
  const others = deletions.slice(rooms.length)
  const pairs = additions.flatMap((addition, index) => [...others.slice(index, index + 1), addition])
  return [...rooms, ...pairs, ...others.slice(additions.length)]
}

function rankOf(group: readonly RecordWrite[]): number {
  const deletions = group.filter(isDeletion).length
  if (deletions === 0) return 0
  return deletions < group.length ? 1 : 2
}

const isDeletion = ({ action }: RecordWrite) => action === 'delete'
const isMultivalue = ({ record }: RecordWrite) => record.setIdentifier !== undefined
