/** What discovery remembers, in the ledger's table: tasks with their addresses, targets with what is Capstan's there, and who writes. */
import type { KnownTask, NameRecord, Publication, SourceKey, Target } from '@capstan/core/discovery/view.ts'
import type { DecisionEntry } from '../ledger/rows.ts'

/** A source that discovery is concerned with, and the targets that it had when it was last looked at. */
export interface SourceRecord {
  readonly source: SourceKey
  readonly targets: readonly Target[]
  /** How it asks to be found, as it was last understood: that holds while its settings have problems. */
  readonly publications?: readonly Publication[]
  /** What was told last of its settings, where they name no target that it could be told of: it is not told again. */
  readonly told?: string
}

/** What is to be looked at in a place, by the one who writes there. */
export interface Errand {
  readonly target: Target
  /** Whether what is really there has to be read first. */
  readonly verifies: boolean
}

/** Whether this process writes in a place now; `errands` are all that were left there, by whomever. */
export type Claim =
  | { readonly kind: 'held'; readonly generation: number; readonly errands: readonly Errand[] }
  /** Another one writes there, and will do these as well. */
  | { readonly kind: 'left' }

export interface DiscoveryLedger {
  /** Keeps what was seen of a task, unless something newer is known; resolves with the task as it is known now. */
  rememberTask(task: KnownTask): Promise<KnownTask>
  /** All tasks of a source that are kept, stopped ones for an hour. */
  listTasks(source: SourceKey): Promise<KnownTask[]>
  /** Removes tasks that have long stopped. */
  forgetTasks(tasks: readonly KnownTask[]): Promise<void>

  listSources(): Promise<SourceRecord[]>
  /** One that is damaged is none: each look at its settings says it again. */
  getSource(source: SourceKey): Promise<SourceRecord | undefined>
  /** Writes it with its decisions, as one; without targets and anything told it is removed. */
  putSource(record: SourceRecord, decisions?: readonly DecisionEntry[]): Promise<void>

  listNames(): Promise<NameRecord[]>
  getName(target: Target): Promise<NameRecord | undefined>
  /** Writes a record of the next version with its decisions, as one. Throws `Failure` CONFLICT where it has changed. */
  commitName(record: NameRecord, decisions?: readonly DecisionEntry[]): Promise<void>
  /** Removes a record that nothing is left of. Throws `Failure` CONFLICT where it has changed. */
  forgetName(record: NameRecord): Promise<void>

  /** Leaves word of what is to be done in a place, and takes the place where nobody writes there; for `leaseMs`. */
  claim(placeId: string, errands: readonly Errand[], holder: string, leaseMs: number): Promise<Claim>
  /**
   * Says that all errands of `generation` are done: gives the place back (`undefined`), or, where more was left meanwhile,
   * keeps it for another `leaseMs`.
   */
  finish(
    placeId: string,
    held: { generation: number; holder: string },
    leaseMs: number,
  ): Promise<Claim | undefined>
  /** Gives a place back with its errands undone: the next one who comes does them. */
  abandon(placeId: string, holder: string): Promise<void>
}
