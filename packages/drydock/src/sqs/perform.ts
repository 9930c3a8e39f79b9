/** Does what `schedule` says is due. */
import { noSuchQueue } from './errors.ts'
import { receiveMessages } from './receiving.ts'
import { expiresAt, type SqsAction } from './schedule.ts'
import type { SqsContext } from './state.ts'

/** Performs one due action. */
export function perform(action: SqsAction, context: SqsContext): void {
  if (action.kind === 'answer-poll') answerPoll(action.poll, context)
  else expireMessages(action.queue, context)
}

/** A poll may have lost its message to another of the same moment: then it goes on waiting. */
function answerPoll(id: string, context: SqsContext): void {
  const { state, now } = context
  const poll = state.polls[id]
  if (!poll) return
  const queue = state.queues[poll.queue]
  const value = queue && receiveMessages(queue, poll.wish, context)
  if (value && !value.Messages && poll.until > now) return
  delete state.polls[id]
  context.settle(id, value ? { value } : { error: noSuchQueue() })
}

function expireMessages(name: string, { state, now }: SqsContext): void {
  const queue = state.queues[name]
  if (queue) queue.messages = queue.messages.filter((message) => expiresAt(queue, message.sentAt) > now)
}
