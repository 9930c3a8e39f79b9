/** Messages that the host sends to queues for other services: dead letters, records of functions, events of rules. */
import { parseArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import { AwsError } from '../wire/errors.ts'

/** Sends a message to the queue that an ARN names. Throws what SQS answers. */
export async function sendToQueue(queueArn: string, message: object, engine: Engine): Promise<void> {
  const arn = parseArn(queueArn)
  if (!arn) throw new TypeError(`${queueArn} is no ARN`)
  const QueueUrl = `${engine.endpoint}/${arn.accountId}/${arn.resource}`
  await engine.call('sqs', arn, 'SendMessage', { QueueUrl, ...message })
}

/** An error that a service answers with, as a caller sees it. */
export interface ServiceAnswer {
  readonly name: string
  readonly message: string
  readonly isServerFault: boolean
}

/** A service's own error or one of its client's exception classes, read; `undefined` for anything else, which is a bug. */
export function answerOf(error: unknown): ServiceAnswer | undefined {
  if (!(error instanceof Error)) return undefined
  const { name, message } = error
  if (error instanceof AwsError) return { name, message, isServerFault: error.status >= 500 }
  return '$fault' in error ? { name, message, isServerFault: error.$fault === 'server' } : undefined
}
