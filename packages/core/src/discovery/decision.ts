/** Decisions about one target are data: what is written and deleted there, or left, why, and the facts it rests on. */
import type { DiscoveryRecord, OwnedRecord, Target } from './view.ts'

/** One change of one record set or instance; a deletion names the record as it is. */
export interface RecordWrite {
  /** `create` fails where something is there already; `upsert` is for what is ours. */
  readonly action: 'create' | 'upsert' | 'delete'
  readonly record: DiscoveryRecord
  /** The task behind it. */
  readonly task?: string
}

export type RegisterReason =
  | 'serving' // a task can serve now
  | 'missing' // it was written and is not there any more
  | 'changed' // its address, port or TTL is another one
  | 'marked' // the TXT record that says whose the name is

export type DeregisterReason =
  | 'stopping' // the task is to stop, or has stopped
  | 'unhealthy' // its health check or its target group says so
  | 'gone' // no task is behind it: ECS knows none
  | 'surplus' // more tasks than records are allowed, and others come first
  | 'released' // nobody asks for it any more
  | 'replaced' // adopted, and not of the form that is asked for

export type DiscoverySkipReason =
  | 'up-to-date' // what should be there is there
  | 'no-task' // no task can serve now
  | 'not-ready' // tasks run that cannot be told yet: not healthy yet, or without an address
  | 'all-unhealthy' // no task is healthy: those that were found and still run stay
  | 'foreign-record' // someone else's record is in the way
  | 'over-quota' // more tasks than records are allowed: some are left out
  | 'policy' // its policy does not allow the change
  | 'no-zone'
  | 'no-namespace'
  | 'no-discovery-service'
  | 'invalid-settings' // its settings have problems, which are listed

interface Base {
  readonly target: Target
  /** What it rests on, for people: plain values by name; no times, and nothing that changes with each look. */
  readonly facts: Readonly<Record<string, string | number>>
}

/**
 * A pass is a list: at most one decision of each kind and reason. Those with writes are one change, together; a `skip`
 * says what is left undone, and stands alone with `up-to-date` where nothing is.
 */
export type DiscoveryDecision =
  | (Base & {
      readonly kind: 'register'
      readonly reason: RegisterReason
      readonly writes: readonly RecordWrite[]
    })
  | (Base & {
      readonly kind: 'deregister'
      readonly reason: DeregisterReason
      readonly writes: readonly RecordWrite[]
    })
  | (Base & {
      readonly kind: 'adopt'
      readonly reason: 'requested'
      readonly records: readonly OwnedRecord[]
    })
  | (Base & { readonly kind: 'skip'; readonly reason: DiscoverySkipReason })
