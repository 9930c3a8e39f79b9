/** Keeps an event that cannot be handled, with the reason, where a person finds it and can send it again. */

import { Failure } from '@capstan/core/failure.ts'
import type { SqsApi } from './clients.ts'

/** Keeps `event`, as it came, because of `failure`. Throws what the queue throws: then the event is not safe yet. */
export type Keep = (event: unknown, failure: Failure) => Promise<void>

/** A keeper that puts events into the queue at `queueUrl`, in the name of the function `functionName`. */
export function keepInQueue(sqs: SqsApi, queueUrl: string | undefined, functionName: string): Keep {
  if (!queueUrl) {
    const why = 'CAPSTAN_DEAD_LETTER_QUEUE_URL is not set: a malformed event would be lost.'
    throw new Failure('INVALID_CONFIG', `${why} Set it to the URL of an SQS queue.`)
  }
  return async (event, failure) => {
    const MessageAttributes = deadLetterAttributes(failure, functionName)
    await sqs.call('SendMessage', {
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(event),
      MessageAttributes,
    })
  }
}

/**
 * The attributes that say why, named as EventBridge names its own on dead letters
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
 */
export function deadLetterAttributes(failure: Failure, functionName: string) {
  const text = (value: string) => ({ DataType: 'String', StringValue: value })
  return {
    ERROR_CODE: text(failure.code),
    ERROR_MESSAGE: text(printable(failure.message)),
    FUNCTION: text(functionName),
  }
}

/** SQS takes no empty value and few control characters; a message and its attributes share one limit of size. */
function printable(message: string): string {
  return message.replaceAll(/\p{Cc}/gu, ' ').slice(0, 1024) || '-'
}

/** Keeps nothing: for events that say nothing and come again by themselves, such as a schedule's. */
export const keepNothing: Keep = async () => {}
