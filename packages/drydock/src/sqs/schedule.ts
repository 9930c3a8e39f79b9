/** What happens to queues by themselves: polls are answered, and old messages expire. */
import { numberOf } from './attributes.ts'
import { nextAvailableAt } from './availability.ts'
import type { Queue, SqsState } from './state.ts'

export type SqsAction =
  | { readonly kind: 'answer-poll'; readonly at: number; readonly poll: string }
  | { readonly kind: 'hand-over'; readonly at: number; readonly poll: string }
  | { readonly kind: 'expire-messages'; readonly at: number; readonly queue: string }

/** A poll is answered when a message can be received, or its wait, if it has an end, is over; a queue is swept when its oldest expires. */
export function schedule(state: SqsState, now: number): SqsAction[] {
  const answers = Object.entries(state.polls).map(([poll, { queue, until }]): SqsAction => {
    const found = state.queues[queue]
    const at = found ? Math.min(until, nextAvailableAt(found, now) ?? until) : now
    return { kind: 'answer-poll', at, poll }
  })
  const handOvers = Object.entries(state.consumers).flatMap(([poll, { queue }]): SqsAction[] => {
    const found = state.queues[queue]
    const at = found && nextAvailableAt(found, now)
    return at === undefined ? [] : [{ kind: 'hand-over', at, poll }]
  })
  const sweeps = Object.values(state.queues).flatMap((queue): SqsAction[] => {
    const at = oldestExpiresAt(queue)
    return at === undefined ? [] : [{ kind: 'expire-messages', at, queue: queue.name }]
  })
  return [...answers, ...handOvers, ...sweeps]
}

/** When a message that was sent at `sentAt` is kept no longer (both in milliseconds). */
export function expiresAt(queue: Queue, sentAt: number): number {
  return sentAt + numberOf(queue, 'MessageRetentionPeriod') * 1000
}

function oldestExpiresAt(queue: Queue): number | undefined {
  const [oldest] = queue.messages
  return oldest && expiresAt(queue, oldest.sentAt)
}
