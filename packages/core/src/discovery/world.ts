/**
 * For tests: a small pure model of one target, in which anything may happen: a zone with Route 53's rules or a service of
 * Cloud Map, ECS's tasks with every event they made, other people, the ledger, and passes that end anywhere.
 */
import { addressOf, NAME, publication, source, task, WEB } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import type { DiscoveryDecision, RecordWrite } from './decision.ts'
import { isHinderedBy } from './outcome.ts'
import { needsActual, ownedAfter } from './owned.ts'
import { isMarked, isSame, recordKey } from './record.ts'
import { goneTask, mergeTask } from './task.ts'
import { writesOf } from './testing.ts'
import type { ActualRecord, KnownTask, NameRecord, NameView, Place, Publication, Target } from './view.ts'

/** How far a pass comes: to nothing, the intent, half of the writes (Cloud Map has no batches), all of them, the end. */
export type Reach = 'nothing' | 'intent' | 'half' | 'writes' | 'end'

export type Step =
  | { readonly do: 'run' | 'stop' | 'end' | 'forget'; readonly task: number }
  | { readonly do: 'heal' | 'fall-ill'; readonly task: number }
  /** One of all events that ever were comes, perhaps again; counted from the newest. */
  | { readonly do: 'deliver'; readonly event: number; readonly reach: Reach }
  | { readonly do: 'sweep'; readonly reach: Reach }
  | { readonly do: 'write-beside' | 'write-over' | 'unwrite'; readonly which: number }
  /** Someone removes or changes what Capstan wrote for a task. */
  | { readonly do: 'remove-by-hand' | 'change-by-hand'; readonly task: number }
  | { readonly do: 'ask'; readonly wish: Partial<Publication> }
  | { readonly do: 'release' }

interface Kept extends ActualRecord {
  readonly isForeign: boolean
}

const QUOTA = 100

export class DiscoveryWorld {
  readonly zone = new Map<string, Kept>()
  readonly target: Target
  readonly place: Place
  /** By id, as ECS has them. */
  readonly tasks = new Map<string, KnownTask>()
  readonly events: KnownTask[] = []
  readonly known = new Map<string, KnownTask>()
  record: NameRecord | undefined
  wish: Partial<Publication> | undefined = {}
  private now = 10_000

  /** With so many multivalue record sets of someone else. */
  constructor(kind: Target['kind'], foreign = 0) {
    this.target = kind === 'dns' ? { kind, name: NAME } : { kind, namespace: 'shop', service: 'web' }
    this.place =
      kind === 'dns'
        ? { kind: 'zone', id: 'Z1', name: 'example.com', isPrivate: true }
        : { kind: 'cloud-map', id: 'Z1', types: ['A'] }
    for (let index = 0; index < foreign; index++) this.writeBeside(index + 100)
  }

  run(step: Step): void {
    this.now += 1
    switch (step.do) {
      case 'deliver':
        this.deliver(step.event, step.reach)
        return
      case 'sweep':
        this.sweep(step.reach)
        return
      case 'write-beside':
        this.writeBeside(step.which)
        return
      case 'write-over':
        this.writeOver(step.which)
        return
      case 'unwrite':
        this.unwrite(step.which)
        return
      case 'remove-by-hand':
      case 'change-by-hand':
        this.meddle(step.do, step.task)
        return
      case 'ask':
        this.wish = step.wish
        return
      case 'release':
        this.wish = undefined
        return
      default:
        this.changeTask(step.do, step.task)
    }
  }

  private changeTask(what: string, number: number): void {
    const { id } = task(number)
    const before = this.tasks.get(id)
    if (before === undefined) {
      // ECS gives no id twice.
      if (what !== 'run' || this.events.some((event) => event.id === id)) return
      this.keep(task(number, { version: 1, last: 'PENDING', addresses: {} }))
      this.changeTask('run', number)
      return
    }
    if (what === 'forget' && before.last === 'STOPPED') this.tasks.delete(id)
    const isUp = before.last === 'RUNNING' && before.desired === 'RUNNING'
    const change: Record<string, Partial<KnownTask> | false> = {
      run: before.last === 'PENDING' && { last: 'RUNNING', addresses: { private: addressOf(number) } },
      heal: isUp && { health: 'HEALTHY' },
      'fall-ill': isUp && { health: 'UNHEALTHY' },
      stop: before.desired === 'RUNNING' && { desired: 'STOPPED' },
      end: before.desired === 'STOPPED' && before.last !== 'STOPPED' && { last: 'STOPPED', addresses: {} },
    }
    if (change[what]) this.keep({ ...before, ...change[what], version: before.version + 1 })
  }

  private keep(changed: KnownTask): void {
    this.tasks.set(changed.id, { ...changed, seenAt: this.now })
    this.events.push({ ...changed, seenAt: this.now })
  }

  private deliver(which: number, reach: Reach): void {
    const event = this.events.at(-1 - (which % Math.max(1, this.events.length)))
    if (event === undefined) return
    this.learn({ ...event, seenAt: this.now })
    this.pass(false, reach)
  }

  /** Learns of a task and does nothing about it. */
  learn(seen: KnownTask): void {
    this.known.set(seen.id, mergeTask(this.known.get(seen.id), seen))
  }

  sweep(reach: Reach = 'end'): void {
    this.now += 1
    for (const each of this.tasks.values()) this.learn({ ...each, seenAt: this.now })
    for (const each of this.known.values())
      if (!this.tasks.has(each.id)) this.known.set(each.id, goneTask(each, this.now))
    this.pass(true, reach)
  }

  view(verifies: boolean): NameView {
    const { place, record, target, wish } = this
    const readsActual = verifies || needsActual(record)
    const tasks = [...this.known.values()]
    return {
      target,
      place,
      sources: wish === undefined ? [] : [source(tasks, { ...publication(), ...wish, target }, WEB)],
      problems: [],
      ...(record !== undefined && { record }),
      ...(readsActual && { actual: [...this.zone.values()] }),
    }
  }

  /** Decides, and does it as far as it comes. */
  pass(verifies: boolean, reach: Reach): void {
    if (reach === 'nothing') return
    const view = this.view(verifies)
    const decisions = decideDiscovery(view)
    const writes = writesOf(decisions)
    if (writes.length > 0) this.commit(view, decisions, 'intent')
    if (reach === 'intent') return
    const isWhole = this.target.kind === 'dns'
    if (reach === 'half' && !isWhole) {
      this.write(writes.slice(0, Math.ceil(writes.length / 2)))
      return
    }
    if (isWhole && !this.takes(writes)) {
      if (view.actual !== undefined) throw new Error('What is there was read, and the writes are refused.')
      if (this.record !== undefined) this.record = { ...this.record, isHindered: true }
      return
    }
    this.write(writes)
    if (reach === 'end') this.commit(view, decisions, 'done')
  }

  private commit(view: NameView, decisions: readonly DiscoveryDecision[], phase: 'intent' | 'done'): void {
    const { isHindered, ...before } = this.record ?? {
      target: this.target,
      version: 0,
      sources: [WEB],
      owned: [],
    }
    this.record = {
      ...before,
      version: before.version + 1,
      placeId: 'Z1',
      owned: ownedAfter(view, decisions, phase),
      ...((phase === 'intent' ? isHindered === true : isHinderedBy(decisions)) && { isHindered: true }),
    }
  }

  private write(writes: readonly RecordWrite[]): void {
    for (const { action, record } of writes) {
      const key = recordKey(record)
      if (this.zone.get(key)?.isForeign === true) throw new Error(`A foreign record was touched: ${key}`)
      if (action === 'delete') this.zone.delete(key)
      else this.zone.set(key, { ...record, isPlain: true, isForeign: false })
    }
  }

  /** Whether a zone takes a batch (Route 53 API reference: ChangeResourceRecordSets). */
  private takes(writes: readonly RecordWrite[]): boolean {
    const after = new Map<string, ActualRecord>(this.zone)
    for (const { action, record } of writes) {
      const key = recordKey(record)
      const before = after.get(key)
      if (action === 'create' && before !== undefined) return false
      if (action === 'delete' && (before === undefined || !isSame(before, record))) return false
      if (action === 'delete') after.delete(key)
      else after.set(key, { ...record, isPlain: true })
    }
    return isConsistent([...after.values()])
  }

  private writeBeside(which: number): void {
    const other: Kept =
      this.target.kind === 'dns'
        ? { ...FOREIGN, setIdentifier: `theirs-${which}`, values: [`192.0.2.${which % 256}`] }
        : { ...FOREIGN, name: `theirs-${which}`, type: 'INSTANCE' }
    this.writeForeign(other)
  }

  /** Writes where Capstan might as well. */
  private writeOver(which: number): void {
    if (this.target.kind !== 'dns') return
    const { id } = task(which % 5)
    const others: Kept[] = [
      FOREIGN,
      { ...FOREIGN, type: 'CNAME', values: ['lb.example.com'] },
      { ...FOREIGN, type: 'TXT', name: `_capstan.${NAME}`, values: ['"theirs"'] },
      { ...FOREIGN, name: `${id}.${NAME}` },
      { ...FOREIGN, setIdentifier: `capstan-${id}` },
    ]
    const other = others[which % others.length]
    if (other !== undefined) this.writeForeign(other)
  }

  private writeForeign(record: Kept): void {
    const key = recordKey(record)
    // Nobody takes a name that is made for a task, while Capstan has it: that is what tells ours, changed by hand.
    if (this.zone.has(key) || this.record?.owned.some((each) => isMarked(each) && recordKey(each) === key))
      return
    if (isConsistent([...this.zone.values(), record])) this.zone.set(key, record)
  }

  private unwrite(which: number): void {
    const theirs = [...this.zone].filter(([, { isForeign }]) => isForeign)
    const key = theirs[which % Math.max(1, theirs.length)]?.[0]
    if (key !== undefined) this.zone.delete(key)
  }

  private meddle(what: string, number: number): void {
    const { id } = task(number)
    const ours = this.record?.owned.find((each) => each.task === id && each.name === NAME)
    const kept = ours && this.zone.get(recordKey(ours))
    if (ours?.state !== 'written' || kept === undefined || kept.isForeign) return
    if (what === 'remove-by-hand') this.zone.delete(recordKey(ours))
    else this.zone.set(recordKey(ours), { ...kept, ttl: 7 })
  }
}

const FOREIGN: Kept = {
  name: NAME,
  type: 'A',
  ttl: 300,
  values: ['192.0.2.7'],
  isPlain: true,
  isForeign: true,
}

/** Within the quota, and no two that exclude each other. */
function isConsistent(records: readonly ActualRecord[]): boolean {
  const groups = Map.groupBy(records, ({ name }) => name)
  return [...groups.values()].every((group) => {
    const [first] = group
    if (first === undefined || group.length === 1) return true
    const types = Map.groupBy(group, ({ type }) => type)
    return (
      !types.has('CNAME') &&
      [...types.values()].every(
        (same) =>
          same.length <= QUOTA &&
          (same.length === 1 || same.every(({ setIdentifier }) => setIdentifier !== undefined)),
      )
    )
  })
}
