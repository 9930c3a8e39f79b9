/** What a receiver does with the messages it holds: deletes them, or changes how long they stay hidden. */

import type * as client from '@aws-sdk/client-sqs'
import { MessageNotInflight, ReceiptHandleIsInvalid } from '@aws-sdk/client-sqs'
import type { Handlers } from '../wire/handlers.ts'
import { forEachEntry } from './batch.ts'
import { invalidValue, missingParameter } from './errors.ts'
import { LONGEST_INVISIBLE_SECONDS } from './limits.ts'
import { findQueue } from './queues.ts'
import type { Message, Queue, SqsOperationContext } from './state.ts'

export const handleOperations = {
  DeleteMessage({ QueueUrl, ReceiptHandle }, context) {
    remove(findQueue(QueueUrl, context), ReceiptHandle, context)
  },

  DeleteMessageBatch({ QueueUrl, Entries }, context) {
    const queue = findQueue(QueueUrl, context)
    return forEachEntry(Entries, ({ ReceiptHandle }) => remove(queue, ReceiptHandle, context))
  },

  ChangeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout }, context) {
    hide(findQueue(QueueUrl, context), ReceiptHandle, VisibilityTimeout, context)
  },

  ChangeMessageVisibilityBatch({ QueueUrl, Entries }, context) {
    const queue = findQueue(QueueUrl, context)
    return forEachEntry(Entries, ({ ReceiptHandle, VisibilityTimeout }) =>
      hide(queue, ReceiptHandle, VisibilityTimeout, context),
    )
  },
} satisfies Partial<Handlers<typeof client, SqsOperationContext>>

/**
 * Deletes the message if the receipt is its latest; an older receipt, or one of a message that is gone, changes
 * nothing and is no error. A FIFO queue wants the message still in flight. Source: SQS API Reference, DeleteMessage.
 */
function remove(queue: Queue, handle: string | undefined, context: SqsOperationContext): object {
  const message = findMessage(queue, handle)
  if (message && queue.fifo && message.visibleAt <= context.now) {
    throw invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.')
  }
  // In place: a queue may hold tens of thousands, and those that are held by receivers are among the first.
  if (message) queue.messages.splice(queue.messages.indexOf(message), 1)
  return {}
}

function hide(
  queue: Queue,
  handle: string | undefined,
  seconds: number | undefined,
  context: SqsOperationContext,
): object {
  if (seconds === undefined) throw missingParameter('VisibilityTimeout')
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_INVISIBLE_SECONDS) {
    throw invalidValue(
      'VisibilityTimeout',
      seconds,
      `VisibilityTimeout must be an integer between 0 and ${LONGEST_INVISIBLE_SECONDS}`,
    )
  }
  const message = findMessage(queue, handle)
  if (!message) {
    throw invalidValue(
      'ReceiptHandle',
      handle,
      'Message does not exist or is not available for visibility timeout change.',
    )
  }
  if (message.visibleAt <= context.now) {
    throw new MessageNotInflight({ message: "The specified message isn't in flight.", $metadata: {} })
  }
  message.visibleAt = context.now + seconds * 1000
  return {}
}

/** The message whose latest receipt this is. Throws ReceiptHandleIsInvalid for what never was a receipt here. */
function findMessage(queue: Queue, handle: string | undefined): Message | undefined {
  if (!handle) throw missingParameter('ReceiptHandle')
  const [, arn] = Buffer.from(handle, 'base64').toString().split(' ')
  if (arn !== queue.arn) {
    const message = `The input receipt handle "${handle}" is not a valid receipt handle.`
    throw new ReceiptHandleIsInvalid({ message, $metadata: {} })
  }
  return queue.messages.find((message) => message.receipt === handle)
}
