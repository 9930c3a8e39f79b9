/** What SQS keeps: queues by name, their messages, and the receivers that wait for one. Times are in milliseconds. */
import type { Context, OperationContext, Scope } from '../service.ts'
import type { SqsEffect } from './effects.ts'

/** A message attribute as it was sent; binary values are kept in base64. */
export interface KeptAttribute {
  readonly dataType: string
  readonly text?: string
  readonly base64?: string
}

export interface Message {
  readonly id: string
  readonly body: string
  readonly bodyDigest: string
  readonly attributes: Record<string, KeptAttribute>
  readonly traceHeader?: string
  readonly senderId: string
  /** When it was first sent; retention counts from here, in the dead-letter queue too. */
  readonly sentAt: number
  readonly groupId?: string
  readonly deduplicationId?: string
  readonly sequenceNumber?: string
  /** When it can be received (again): the end of its delay, later of its visibility timeout. */
  visibleAt: number
  receiveCount: number
  firstReceivedAt?: number
  /** The latest receipt; an older one no longer deletes. */
  receipt?: string
  /** The queue that it was moved from for having been received too often. */
  sourceArn?: string
}

/** What a FIFO queue remembers of a sent message for five minutes, so that sending it again changes nothing. */
export interface Sent {
  readonly id: string
  readonly sequenceNumber: string
  readonly until: number
}

export interface Queue {
  readonly name: string
  readonly arn: string
  readonly fifo: boolean
  readonly createdAt: number
  modifiedAt: number
  /** The attributes that were set, as their text; the rest have SQS's defaults. */
  attributes: Record<string, string>
  tags: Record<string, string>
  /** In order of `sentAt`: the first is the first to expire. */
  messages: Message[]
  sent: Record<string, Sent>
  /** When to look through `sent` for what need not be remembered any more. */
  forgetSentAt?: number
  sequence: number
  purgedAt?: number
}

/** What a ReceiveMessage asks for, with all defaults filled in. */
export interface Wish {
  readonly most: number
  readonly visibilityMs: number
  readonly systemAttributes: readonly string[]
  readonly messageAttributes: readonly string[]
}

/** A ReceiveMessage that waits for a message. */
export interface Poll {
  readonly queue: string
  readonly wish: Wish
  readonly until: number
}

/** A consumer inside the engine that waits for messages: it is told by an effect, and waits for ever. */
export interface Consumer {
  readonly queue: string
  readonly most: number
  readonly scope: Scope
}

export interface SqsState {
  queues: Record<string, Queue>
  polls: Record<string, Poll>
  /** Consumers that wait, by the ids of their polls. */
  consumers: Record<string, Consumer>
  /** When queues were deleted: their names are free again a minute later. */
  deletedAt: Record<string, number>
}

export type SqsContext = Context<SqsState, SqsEffect>
export type SqsOperationContext = OperationContext<SqsState, SqsEffect>

/** No queue. */
export function emptyState(): SqsState {
  return { queues: {}, polls: {}, consumers: {}, deletedAt: {} }
}
