/** Does what `schedule` says is due. */
import { numberOf } from './attributes.ts'
import { noSuchQueue } from './errors.ts'
import { receiveMessages } from './receiving.ts'
import { expiresAt, type SqsAction } from './schedule.ts'
import type { SqsContext } from './state.ts'

/** What a consumer holds stays hidden for a while even where the queue says 0, or it would come back at once, for ever. */
const LEAST_HIDDEN_MS = 1000

/** Performs one due action. */
export function perform(action: SqsAction, context: SqsContext): void {
  if (action.kind === 'answer-poll') answerPoll(action.poll, context)
  else if (action.kind === 'hand-over') handOver(action.poll, context)
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

/** As with a poll: the message may be somebody else's by now, or in the dead-letter queue. */
function handOver(poll: string, context: SqsContext): void {
  const consumer = context.state.consumers[poll]
  const queue = consumer && context.state.queues[consumer.queue]
  if (!queue) return
  const visibilityMs = Math.max(numberOf(queue, 'VisibilityTimeout') * 1000, LEAST_HIDDEN_MS)
  const all = { systemAttributes: ['All'], messageAttributes: ['All'] }
  const { Messages } = receiveMessages(queue, { most: consumer.most, visibilityMs, ...all }, context)
  if (!Messages) return
  delete context.state.consumers[poll]
  context.ask({
    kind: 'hand-over',
    poll,
    consumer: consumer.scope,
    queueArn: queue.arn,
    messages: Messages,
    visibleAt: context.now + visibilityMs,
  })
}

function expireMessages(name: string, { state, now }: SqsContext): void {
  const queue = state.queues[name]
  if (queue) queue.messages = queue.messages.filter((message) => expiresAt(queue, message.sentAt) > now)
}
