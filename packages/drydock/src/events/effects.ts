/** What EventBridge asks of the host, and what the host and the engine report to it. */
import type { PutEventsResultEntry } from '@aws-sdk/client-eventbridge'
import type { AssumedRole, EmittedEvent } from '../service.ts'
import type { Envelope } from './state.ts'

/** An event that a client puts on a bus of another account. */
export interface PutElsewhere {
  readonly busArn: string
  readonly event: Envelope
}

export type EventsEffect =
  /** One attempt to hand `input` (JSON) to a target. Always answered by `delivered` or `delivery-failed`. */
  | {
      kind: 'deliver-event'
      delivery: string
      targetArn: string
      ruleArn: string
      /** The role by which the rule hands it over, where its target names one. */
      roleArn?: string
      input: string
      /** The event came from another bus, and goes to no third one. */
      isForwarded: boolean
      messageGroupId?: string
    }
  /** Puts what could not be delivered into a queue. Always answered by `dead-lettered` or `dead-letter-failed`. */
  | {
      kind: 'dead-letter-event'
      delivery: string
      queueArn: string
      body: string
      attributes: Record<string, { DataType: 'String' | 'Number'; StringValue: string }>
    }

  /** Puts a client's events on buses of other accounts, if these allow it. Always answered by `put-answered`. */
  | {
      kind: 'put-elsewhere'
      request: string
      /** One for each entry of the request, in its order; what is for this account is done already. */
      entries: readonly (PutEventsResultEntry | PutElsewhere)[]
      /** The role of whoever asks; without one it is the account's root. */
      role?: AssumedRole
    }

export type EventsReport =
  /** A service of the same account and region emitted an event: it goes to the default bus. */
  | { kind: 'event'; event: EmittedEvent }
  /** A rule's target is this bus: the event keeps its id, time and origin. */
  | { kind: 'forwarded'; busName: string; event: Envelope }
  /** A client of another account put it on this bus. */
  | { kind: 'put'; busName: string; event: Envelope }
  | { kind: 'put-answered'; request: string; results: readonly PutEventsResultEntry[] }
  | { kind: 'delivered'; delivery: string }
  /** `retry` says whether the same attempt can succeed later. */
  | { kind: 'delivery-failed'; delivery: string; code: string; message: string; retry: boolean }
  | { kind: 'dead-lettered'; delivery: string }
  | { kind: 'dead-letter-failed'; delivery: string }
  /** The engine was started anew on kept state: no attempt of before will be answered. */
  | { kind: 'host-restarted' }
