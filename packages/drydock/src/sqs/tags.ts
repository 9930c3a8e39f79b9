/** Tags of queues. */

import type * as client from '@aws-sdk/client-sqs'
import { MOST_TAGS } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalidParameter } from './errors.ts'
import { findQueue } from './queues.ts'
import type { SqsOperationContext } from './state.ts'

export const tagOperations = {
  TagQueue({ QueueUrl, Tags = {} }, context) {
    const queue = findQueue(QueueUrl, context)
    const tags = { ...queue.tags, ...Tags }
    if (Object.keys(tags).length > MOST_TAGS)
      throw invalidParameter(`Too many tags added for queue ${queue.name}.`)
    queue.tags = tags
  },

  UntagQueue({ QueueUrl, TagKeys = [] }, context) {
    const queue = findQueue(QueueUrl, context)
    queue.tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !TagKeys.includes(key)))
  },

  ListQueueTags({ QueueUrl }, context) {
    const { tags } = findQueue(QueueUrl, context)
    return Object.keys(tags).length ? { Tags: { ...tags } } : {}
  },
} satisfies Partial<Handlers<typeof client, SqsOperationContext>>
