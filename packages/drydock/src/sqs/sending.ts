/** Messages sent to a queue, one or up to ten at a time. */

import { createHash } from 'node:crypto'
import type * as client from '@aws-sdk/client-sqs'
import { BatchRequestTooLong, InvalidMessageContents, type SendMessageRequest } from '@aws-sdk/client-sqs'
import { emptyRecord } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { numberOf } from './attributes.ts'
import { forEachEntry } from './batch.ts'
import { digestAttributes, digestBody } from './digest.ts'
import { invalidParameter, invalidValue, missingParameter } from './errors.ts'
import { LONGEST_DELAY_SECONDS } from './limits.ts'
import { keepAttributes, sizeOf } from './message-attributes.ts'
import { findQueue } from './queues.ts'
import type { Message, Queue, Sent, SqsOperationContext } from './state.ts'

/** SQS Developer Guide: how long a deduplication id is remembered. */
const DEDUPLICATION_MS = 5 * 60_000
/** SQS API Reference, SendMessageBatch: all entries together, in bytes. */
const LARGEST_BATCH = 1_048_576
/** SQS API Reference, SendMessage: the characters that XML 1.0 allows. */
const ALLOWED = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u
/** Sequence numbers have 20 digits, grow, and are not consecutive (SQS Developer Guide: FIFO queue key terms). */
const FIRST_SEQUENCE_NUMBER = 18_850_000_000_000_000_000n
const SEQUENCE_STEP = 256n
const TOKEN = /^[\x21-\x7e]{1,128}$/

type Sending = Omit<SendMessageRequest, 'QueueUrl'>

export const sendOperations = {
  SendMessage({ QueueUrl, ...sending }, context) {
    return send(findQueue(QueueUrl, context), sending, context)
  },

  SendMessageBatch({ QueueUrl, Entries = [] }, context) {
    const queue = findQueue(QueueUrl, context)
    const size = Entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody), 0)
    if (size > LARGEST_BATCH) {
      const message = `Batch requests cannot be longer than ${LARGEST_BATCH} bytes. You have sent ${size} bytes.`
      throw new BatchRequestTooLong({ message, $metadata: {} })
    }
    return forEachEntry(Entries, ({ Id: _, ...sending }) => send(queue, sending, context))
  },
} satisfies Partial<Handlers<typeof client, SqsOperationContext>>

interface Receipt {
  readonly MessageId: string
  readonly MD5OfMessageBody: string
  readonly MD5OfMessageAttributes?: string
  readonly SequenceNumber?: string
}

function send(queue: Queue, sending: Sending, context: SqsOperationContext): Receipt {
  const message = createMessage(queue, sending, context)
  const attributesDigest = digestAttributes(message.attributes)
  const { id, sequenceNumber } = keepOnce(queue, message, context.now)
  return {
    MessageId: id,
    MD5OfMessageBody: message.bodyDigest,
    ...(attributesDigest && { MD5OfMessageAttributes: attributesDigest }),
    ...(sequenceNumber && { SequenceNumber: sequenceNumber }),
  }
}

function createMessage(queue: Queue, sending: Sending, context: SqsOperationContext): Message {
  const { MessageBody: body = '', MessageGroupId, MessageSystemAttributes } = sending
  if (!body) throw missingParameter('MessageBody')
  requireBody(body)
  const attributes = keepAttributes(sending.MessageAttributes)
  const largest = numberOf(queue, 'MaximumMessageSize')
  if (Buffer.byteLength(body) + sizeOf(attributes) > largest) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${largest} bytes.`,
    )
  }
  const traceHeader = MessageSystemAttributes?.AWSTraceHeader?.StringValue
  return {
    id: context.newUuid(),
    body,
    bodyDigest: digestBody(body),
    attributes,
    senderId: context.accessKeyId,
    sentAt: context.now,
    visibleAt: context.now + delayMs(queue, sending),
    receiveCount: 0,
    ...(traceHeader && { traceHeader }),
    ...(queue.fifo ? fifoParts(queue, sending, body) : standardParts(sending, MessageGroupId)),
  }
}

function requireBody(body: string): void {
  if (ALLOWED.test(body) && body.isWellFormed()) return
  const message =
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'
  throw new InvalidMessageContents({ message, $metadata: {} })
}

function delayMs(queue: Queue, { DelaySeconds: seconds }: Sending): number {
  if (seconds === undefined) return numberOf(queue, 'DelaySeconds') * 1000
  if (queue.fifo && seconds !== 0) {
    throw invalidValue(
      'DelaySeconds',
      seconds,
      'The request include parameter that is not valid for this queue type',
    )
  }
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_DELAY_SECONDS) {
    throw invalidValue('DelaySeconds', seconds, `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}.`)
  }
  return queue.fifo ? numberOf(queue, 'DelaySeconds') * 1000 : seconds * 1000
}

type Ordering = Pick<Message, 'groupId' | 'deduplicationId' | 'sequenceNumber'>

/** A group id on a standard queue marks a tenant (fair queues); it orders nothing. */
function standardParts({ MessageDeduplicationId }: Sending, groupId: string | undefined): Ordering {
  if (MessageDeduplicationId !== undefined) {
    throw invalidValue(
      'MessageDeduplicationId',
      MessageDeduplicationId,
      'The request include parameter that is not valid for this queue type',
    )
  }
  if (groupId === undefined) return {}
  requireToken('MessageGroupId', groupId)
  return { groupId }
}

function fifoParts(
  queue: Queue,
  { MessageGroupId, MessageDeduplicationId }: Sending,
  body: string,
): Ordering {
  if (!MessageGroupId) throw missingParameter('MessageGroupId')
  requireToken('MessageGroupId', MessageGroupId)
  if (MessageDeduplicationId !== undefined) requireToken('MessageDeduplicationId', MessageDeduplicationId)
  const byContent = queue.attributes.ContentBasedDeduplication === 'true'
  if (MessageDeduplicationId === undefined && !byContent) {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  }
  return {
    groupId: MessageGroupId,
    deduplicationId: MessageDeduplicationId ?? createHash('sha256').update(body).digest('hex'),
    sequenceNumber: String(FIRST_SEQUENCE_NUMBER + BigInt(queue.sequence) * SEQUENCE_STEP),
  }
}

function requireToken(parameter: string, value: string): void {
  if (TOKEN.test(value)) return
  throw invalidValue(
    parameter,
    value,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  )
}

/** Keeps the message, unless one with its deduplication id was sent within five minutes: then tells of that one. */
function keepOnce(queue: Queue, message: Message, now: number): { id: string; sequenceNumber?: string } {
  const { id, sequenceNumber, deduplicationId, groupId } = message
  if (deduplicationId === undefined || sequenceNumber === undefined) {
    queue.messages.push(message)
    return { id }
  }
  forgetSent(queue, now)
  const perGroup = queue.attributes.DeduplicationScope === 'messageGroup'
  const key = perGroup ? `${groupId} ${deduplicationId}` : deduplicationId
  const before = queue.sent[key]
  if (before && before.until > now) return before
  queue.sent[key] = { id, sequenceNumber, until: now + DEDUPLICATION_MS }
  queue.sequence += 1
  queue.messages.push(message)
  return { id, sequenceNumber }
}

/** Forgets what was sent long ago, all at once and not at each message: looking through thousands takes its time. */
function forgetSent(queue: Queue, now: number): void {
  if (now < (queue.forgetSentAt ?? 0)) return
  const remembered = Object.entries(queue.sent).filter(([, { until }]) => until > now)
  queue.sent = Object.assign(emptyRecord<Sent>(), Object.fromEntries(remembered))
  queue.forgetSentAt = now + DEDUPLICATION_MS
}
