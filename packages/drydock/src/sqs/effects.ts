/** What SQS asks of the host, and what the host reports to it: the polls of consumers inside the engine. */
import type { Message } from '@aws-sdk/client-sqs'
import type { Scope } from '../service.ts'

/**
 * Hands messages to the consumer whose poll `poll` they answer; the poll has ended then. `visibleAt` (milliseconds since
 * the epoch) is when somebody else can receive them. Not answered.
 */
export type SqsEffect = {
  kind: 'hand-over'
  poll: string
  consumer: Scope
  queueArn: string
  messages: Message[]
  visibleAt: number
}

export type SqsReport =
  /** The engine was started anew on kept state: nobody waits for the answers of before. */
  | { readonly kind: 'host-restarted' }
  /** A consumer waits for up to `most` messages of a queue, for as long as it takes, also for the queue itself. */
  | {
      readonly kind: 'poll'
      readonly poll: string
      readonly queue: string
      readonly most: number
      readonly consumer: Scope
    }
  /** The consumer waits no longer. */
  | { readonly kind: 'poll-ended'; readonly poll: string }
