/** Queues: made, found, listed, emptied and deleted. */

import type * as client from '@aws-sdk/client-sqs'
import {
  InvalidAddress,
  InvalidAttributeName,
  PurgeQueueInProgress,
  QueueAttributeName,
  QueueDeletedRecently,
  QueueNameExists,
} from '@aws-sdk/client-sqs'
import { arnOf } from '../arn.ts'
import { pageOf } from '../page.ts'
import { emptyRecord } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { effectiveAttributes, redrivePolicy, requireAttributes } from './attributes.ts'
import { isInFlight } from './availability.ts'
import { invalidParameter, noSuchQueue, requireRange } from './errors.ts'
import type { Queue, SqsOperationContext } from './state.ts'

const MINUTE_MS = 60_000
/** SQS API Reference, ListQueues: MaxResults. */
const MOST_LISTED = 1000

/** SQS API Reference: CreateQueue, QueueName. */
const NAME = /^[A-Za-z0-9_-]{1,80}$/
const FIFO_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/

export const queueOperations = {
  CreateQueue({ QueueName: name = '', Attributes = {}, tags = {} }, context) {
    const attributes = given(Attributes)
    const fifo = requireName(name, attributes)
    requireAttributes(attributes, fifo)
    requireDeadLetterQueue(attributes, fifo, context)
    const known = context.state.queues[name]
    if (known) return { QueueUrl: sameQueue(known, attributes, context) }
    const free = (context.state.deletedAt[name] ?? Number.NEGATIVE_INFINITY) + MINUTE_MS
    if (free > context.now) {
      const message =
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.'
      throw new QueueDeletedRecently({ message, $metadata: {} })
    }
    delete context.state.deletedAt[name]
    context.state.queues[name] = {
      name,
      arn: arnOf('sqs', context, name),
      fifo,
      createdAt: context.now,
      modifiedAt: context.now,
      attributes,
      tags: { ...tags },
      messages: [],
      sent: emptyRecord(),
      sequence: 0,
    }
    return { QueueUrl: urlOf(name, context) }
  },

  GetQueueUrl({ QueueName: name = '', QueueOwnerAWSAccountId: owner }, context) {
    if (owner && owner !== context.accountId) throw noSuchQueue()
    if (!context.state.queues[name]) throw noSuchQueue()
    return { QueueUrl: urlOf(name, context) }
  },

  ListQueues({ QueueNamePrefix = '', MaxResults, NextToken }, context) {
    requireRange('MaxResults', MaxResults, 1, MOST_LISTED)
    const names = Object.keys(context.state.queues).filter((name) => name.startsWith(QueueNamePrefix))
    const { items, nextToken } = pageOf(names, (name) => name, {
      size: MaxResults ?? MOST_LISTED,
      token: NextToken,
      badToken: () => invalidParameter('Invalid or expired next token.'),
    })
    const urls = items.map((name) => urlOf(name, context))
    // Pages are made only for callers that ask for them: SQS API Reference, ListQueues.
    const next = MaxResults === undefined ? undefined : nextToken
    return { ...(urls.length && { QueueUrls: urls }), NextToken: next }
  },

  DeleteQueue({ QueueUrl }, context) {
    const { name } = findQueue(QueueUrl, context)
    delete context.state.queues[name]
    context.state.deletedAt[name] = context.now
  },

  PurgeQueue({ QueueUrl }, context) {
    const queue = findQueue(QueueUrl, context)
    if (queue.purgedAt !== undefined && queue.purgedAt + MINUTE_MS > context.now) {
      const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`
      throw new PurgeQueueInProgress({ message, $metadata: {} })
    }
    queue.messages = []
    queue.purgedAt = context.now
  },

  GetQueueAttributes({ QueueUrl, AttributeNames = [] }, context) {
    const queue = findQueue(QueueUrl, context)
    const known = new Set<string>(Object.values(QueueAttributeName))
    const strange = AttributeNames.find((name) => !known.has(name))
    if (strange) throw new InvalidAttributeName({ message: `Unknown Attribute ${strange}.`, $metadata: {} })
    const all = { ...effectiveAttributes(queue), ...measured(queue, context.now) }
    const wanted = new Set<string>(AttributeNames)
    const found = Object.entries(all).filter(([name]) => wanted.has('All') || wanted.has(name))
    return found.length ? { Attributes: Object.fromEntries(found) } : {}
  },

  SetQueueAttributes({ QueueUrl, Attributes = {} }, context) {
    const queue = findQueue(QueueUrl, context)
    const attributes = given(Attributes)
    requireAttributes(attributes, queue.fifo)
    requireDeadLetterQueue(attributes, queue.fifo, context)
    queue.attributes = { ...queue.attributes, ...attributes }
    queue.modifiedAt = context.now
  },

  ListDeadLetterSourceQueues({ QueueUrl }, context) {
    const { arn } = findQueue(QueueUrl, context)
    const sources = Object.values(context.state.queues).filter(
      (queue) => redrivePolicy(queue)?.deadLetterTargetArn === arn,
    )
    return { queueUrls: sources.map((queue) => urlOf(queue.name, context)) }
  },
} satisfies Partial<Handlers<typeof client, SqsOperationContext>>

/** The queue that a URL names, whatever name of this machine the URL goes by. Throws QueueDoesNotExist. */
export function findQueue(url: string | undefined, context: SqsOperationContext): Queue {
  const [, accountId, name = ''] = /^https?:\/\/[^/]+\/(\d{12})\/([\w.-]+)$/.exec(url ?? '') ?? []
  if (!accountId) {
    throw new InvalidAddress({ message: `The address ${url} is not valid for this endpoint.`, $metadata: {} })
  }
  const queue = accountId === context.accountId ? context.state.queues[name] : undefined
  if (!queue) throw noSuchQueue()
  return queue
}

const urlOf = (name: string, { endpoint, accountId }: SqsOperationContext) =>
  `${endpoint}/${accountId}/${name}`

function given(attributes: Partial<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) found[name] = value
  return found
}

/** Says whether the name and attributes are a FIFO queue's; both must agree. */
function requireName(name: string, attributes: Record<string, string>): boolean {
  const fifo = attributes.FifoQueue === 'true'
  if (fifo && !FIFO_NAME.test(name)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    )
  }
  if (!fifo && !NAME.test(name)) {
    throw invalidParameter(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    )
  }
  return fifo
}

/** SQS Developer Guide: a dead-letter queue exists, in the same account and region, and is of the same type. */
function requireDeadLetterQueue(
  attributes: Record<string, string>,
  fifo: boolean,
  context: SqsOperationContext,
): void {
  const policy = redrivePolicy({ attributes })
  if (!policy) return
  const target = Object.values(context.state.queues).find(({ arn }) => arn === policy.deadLetterTargetArn)
  if (target?.fifo === fifo) return
  const reason = target
    ? 'Dead letter queue must be same type of queue as the source.'
    : 'Dead letter target does not exist.'
  throw invalidParameter(
    `Value ${attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
  )
}

/** CreateQueue of a queue that exists answers with its URL if no attribute differs. */
function sameQueue(queue: Queue, attributes: Record<string, string>, context: SqsOperationContext): string {
  const now = effectiveAttributes(queue)
  const differs = Object.keys(attributes).find((name) => attributes[name] !== now[name])
  if (!differs) return urlOf(queue.name, context)
  const message = `A queue already exists with the same name and a different value for attribute ${differs}`
  throw new QueueNameExists({ message, $metadata: {} })
}

function measured(queue: Queue, now: number): Record<string, string> {
  const inFlight = queue.messages.filter((message) => isInFlight(message, now)).length
  const visible = queue.messages.filter((message) => message.visibleAt <= now).length
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(queue.messages.length - visible - inFlight),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
  }
}
