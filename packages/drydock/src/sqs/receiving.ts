/** Messages received: at once if there are any, else by a poll that waits for one on the engine's clock. */

import type * as client from '@aws-sdk/client-sqs'
import {
  type Message as MessageOutput,
  type ReceiveMessageResult,
  UnsupportedOperation,
} from '@aws-sdk/client-sqs'
import type { Handlers } from '../wire/handlers.ts'
import { numberOf, redrivePolicy } from './attributes.ts'
import { availableMessages } from './availability.ts'
import { digestAttributes } from './digest.ts'
import { requireRange } from './errors.ts'
import { LONGEST_INVISIBLE_SECONDS, LONGEST_POLL_SECONDS, MOST_AT_ONCE } from './limits.ts'
import { attributeValue, chooseAttributes } from './message-attributes.ts'
import { findQueue } from './queues.ts'
import type { Message, Queue, SqsContext, SqsOperationContext, Wish } from './state.ts'

export const receiveOperations = {
  ReceiveMessage(input, context) {
    const queue = findQueue(input.QueueUrl, context)
    const { MaxNumberOfMessages: most, WaitTimeSeconds: wait, VisibilityTimeout: visibility } = input
    requireRange('MaxNumberOfMessages', most, 1, MOST_AT_ONCE)
    requireRange('WaitTimeSeconds', wait, 0, LONGEST_POLL_SECONDS)
    requireRange('VisibilityTimeout', visibility, 0, LONGEST_INVISIBLE_SECONDS)
    // The answers of five minutes are not kept, so an attempt cannot be repeated.
    if (input.ReceiveRequestAttemptId !== undefined) {
      const message = 'ReceiveRequestAttemptId is not supported by this engine.'
      throw new UnsupportedOperation({ message, $metadata: {} })
    }
    const wish: Wish = {
      most: most ?? 1,
      visibilityMs: (visibility ?? numberOf(queue, 'VisibilityTimeout')) * 1000,
      systemAttributes: [...(input.MessageSystemAttributeNames ?? []), ...(input.AttributeNames ?? [])],
      messageAttributes: input.MessageAttributeNames ?? [],
    }
    const found = receiveMessages(queue, wish, context)
    const waitMs = (wait ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds')) * 1000
    if (found.Messages || !waitMs) return found
    const id = context.newUuid()
    context.state.polls[id] = { queue: queue.name, wish, until: context.now + waitMs }
    return context.defer<ReceiveMessageResult>(id)
  },
} satisfies Partial<Handlers<typeof client, SqsOperationContext>>

/** Takes what can be received into flight. Messages received too often go to the dead-letter queue instead. */
export function receiveMessages(queue: Queue, wish: Wish, context: SqsContext): ReceiveMessageResult {
  const look = () => availableMessages(queue, context.now, wish.most)
  let found = look()
  while (found.some((message) => moveIfSpent(queue, message, context))) found = look()
  for (const message of found) take(queue, message, wish, context)
  return found.length ? { Messages: found.map((message) => output(message, wish)) } : {}
}

/** SQS Developer Guide: a receive beyond maxReceiveCount moves the message; its time of sending stays (standard). */
function moveIfSpent(queue: Queue, message: Message, context: SqsContext): boolean {
  const policy = redrivePolicy(queue)
  if (!policy || message.receiveCount < policy.maxReceiveCount) return false
  const target = Object.values(context.state.queues).find(({ arn }) => arn === policy.deadLetterTargetArn)
  if (!target || target === queue) return false
  const { receipt: _, ...rest } = message
  queue.messages = queue.messages.filter((other) => other !== message)
  const sentAt = target.fifo ? context.now : message.sentAt
  const after = target.messages.findLastIndex((other) => other.sentAt <= sentAt)
  target.messages.splice(after + 1, 0, { ...rest, sentAt, visibleAt: context.now, sourceArn: queue.arn })
  return true
}

function take(queue: Queue, message: Message, wish: Wish, context: SqsContext): void {
  const receipt = `${context.newUuid()} ${queue.arn} ${message.id} ${context.now}`
  message.receipt = Buffer.from(receipt).toString('base64')
  message.receiveCount += 1
  message.firstReceivedAt ??= context.now
  message.visibleAt = context.now + wish.visibilityMs
}

function output(message: Message, wish: Wish): MessageOutput {
  const attributes = chooseAttributes(message.attributes, wish.messageAttributes)
  const digest = digestAttributes(attributes)
  const all = Object.entries(systemAttributes(message))
  const wanted = all.filter(([name]) => wish.systemAttributes.some((want) => want === 'All' || want === name))
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.bodyDigest,
    Body: message.body,
    ...(wanted.length && { Attributes: Object.fromEntries(wanted) }),
    ...(digest && {
      MD5OfMessageAttributes: digest,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, attribute]) => [name, attributeValue(attribute)]),
      ),
    }),
  }
}

function systemAttributes(message: Message): Record<string, string> {
  const { traceHeader, groupId, deduplicationId, sequenceNumber, sourceArn } = message
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(traceHeader && { AWSTraceHeader: traceHeader }),
    ...(groupId && { MessageGroupId: groupId }),
    ...(deduplicationId && { MessageDeduplicationId: deduplicationId }),
    ...(sequenceNumber && { SequenceNumber: sequenceNumber }),
    ...(sourceArn && { DeadLetterQueueSourceArn: sourceArn }),
  }
}
