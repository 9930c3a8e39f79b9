/**
 * Joins functions and their queues: what Lambda's event source mappings ask of SQS, and what SQS hands to them. Nothing
 * here waits for messages: a poll is kept by SQS, and answered by an effect, so that time stands still meanwhile.
 */
import { parseArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import type { EventSourceEffect } from '../lambda/effects.ts'
import { recordOfMessage } from '../lambda/sqs-event.ts'
import type { Scope } from '../service.ts'
import type { SqsEffect } from '../sqs/effects.ts'
import { AwsError } from '../wire/errors.ts'
import type { Access, Acting } from './access.ts'
import type { Performers } from './effects.ts'
import { answerOf } from './queues.ts'

/** SQS API Reference, DeleteMessageBatch: entries of a request. */
const MOST_DELETED_AT_ONCE = 10

interface Place extends Scope {
  readonly name: string
}

type Judge = Pick<Access, 'requireAs'>

/** What the execution role needs (Lambda Developer Guide, using Lambda with Amazon SQS). */
const NEEDED = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']

/**
 * The performers of what mappings and queues ask of each other. Whether a function's role may read from its queue is judged when a
 * mapping is made or changed.
 */
export const eventSourcePerformers = (access: Judge): Performers<EventSourceEffect | SqsEffect> => ({
  async 'look-at-queue'({ request, queueArn, roleArn, functionName }, scope, engine) {
    const acting = { ...scope, roleArn, sessionName: functionName }
    const operation = NEEDED.find((each) => !isAllowed(access, acting, each, queueArn))
    if (operation !== undefined)
      return engine.report('lambda', scope, { kind: 'queue-denied', request, operation })
    try {
      const visibilitySeconds = await visibilityOf(queueArn, engine)
      engine.report('lambda', scope, { kind: 'queue-seen', request, visibilitySeconds })
    } catch (error) {
      const answer = answerOf(error)
      if (!answer) throw error
      const { name: code, message } = answer
      engine.report('lambda', scope, { kind: 'queue-missing', request, code, message })
    }
  },

  async 'poll-queue'({ poll, queueArn, most }, consumer, engine) {
    const { name: queue, ...scope } = placeOf(queueArn)
    await engine.load('sqs')
    engine.report('sqs', scope, { kind: 'poll', poll, queue, most, consumer })
  },

  async 'end-poll'({ poll, queueArn }, _scope, engine) {
    const { name: _name, ...scope } = placeOf(queueArn)
    await engine.load('sqs')
    engine.report('sqs', scope, { kind: 'poll-ended', poll })
  },

  async 'delete-messages'({ queueArn, receiptHandles }, _scope, engine) {
    for (let at = 0; at < receiptHandles.length; at += MOST_DELETED_AT_ONCE) {
      await deleteBatch(queueArn, receiptHandles.slice(at, at + MOST_DELETED_AT_ONCE), engine)
    }
  },

  async 'hand-over'({ poll, consumer, queueArn, messages, visibleAt }, _scope, engine) {
    const records = messages.map((message) => recordOfMessage(message, queueArn))
    engine.report('lambda', consumer, { kind: 'messages-received', poll, records, visibleAt })
  },
})

function isAllowed(access: Judge, acting: Acting, operation: string, QueueUrl: string): boolean {
  try {
    access.requireAs(acting, 'sqs', operation, { QueueUrl })
    return true
  } catch (error) {
    if (error instanceof AwsError && error.kind === 'denied') return false
    throw error
  }
}

async function visibilityOf(queueArn: string, engine: Engine): Promise<number> {
  const input = { QueueUrl: urlOf(queueArn, engine), AttributeNames: ['VisibilityTimeout'] }
  const output = await engine.call('sqs', placeOf(queueArn), 'GetQueueAttributes', input)
  const { Attributes } = output as { Attributes?: { VisibilityTimeout?: string } }
  return Number(Attributes?.VisibilityTimeout)
}

/** What can no longer be deleted, with its queue or by an expired receipt, comes again: at least once is promised. */
async function deleteBatch(queueArn: string, handles: readonly string[], engine: Engine): Promise<void> {
  const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }))
  const input = { QueueUrl: urlOf(queueArn, engine), Entries }
  try {
    await engine.call('sqs', placeOf(queueArn), 'DeleteMessageBatch', input)
  } catch (error) {
    if (!answerOf(error)) throw error
  }
}

function placeOf(queueArn: string): Place {
  const arn = parseArn(queueArn)
  if (!arn) throw new TypeError(`${queueArn} is no ARN`)
  return { accountId: arn.accountId, region: arn.region, name: arn.resource }
}

function urlOf(queueArn: string, engine: Engine): string {
  const { accountId, name } = placeOf(queueArn)
  return `${engine.endpoint}/${accountId}/${name}`
}
