/** Tags of log groups. */
import type * as client from '@aws-sdk/client-cloudwatch-logs'
import { MOST_TAGS, problemOfTag } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalidParameter, notFound, tooManyTags } from './errors.ts'
import { groupArn, nameOf } from './names.ts'
import type { LogGroupRecord, LogsOperation } from './state.ts'

type Tags = Readonly<Record<string, string>>

export const tagOperations = {
  TagResource({ resourceArn = '', tags = {} }, context) {
    const group = taggedGroup(resourceArn, context)
    const all = { ...group.tags, ...tags }
    requireTags(all)
    group.tags = all
  },

  UntagResource({ resourceArn = '', tagKeys = [] }, context) {
    const group = taggedGroup(resourceArn, context)
    group.tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !tagKeys.includes(key)))
  },

  ListTagsForResource: ({ resourceArn = '' }, context) => ({
    tags: { ...taggedGroup(resourceArn, context).tags },
  }),
} satisfies Partial<Handlers<typeof client, LogsOperation>>

/** Throws InvalidParameterException for a tag that is none, TooManyTagsException for more than fifty. */
export function requireTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    const problem = problemOfTag(key, value)
    if (problem) throw invalidParameter(`The tag '${key}' is invalid: ${problem}.`)
  }
  if (Object.keys(tags).length > MOST_TAGS)
    throw tooManyTags(`A resource can have at most ${MOST_TAGS} tags.`)
}

/** Tags go by the ARN without `:*` (API Reference: TagResource). */
function taggedGroup(arn: string, context: LogsOperation): LogGroupRecord {
  const group = context.state.groups[nameOf(arn)]
  if (!group || groupArn(context, group.name) !== arn) throw notFound('group')
  return group
}
