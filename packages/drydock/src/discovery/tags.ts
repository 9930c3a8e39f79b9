/** Tags of namespaces and services. */
import type * as client from '@aws-sdk/client-servicediscovery'
import type { Tag } from '@aws-sdk/client-servicediscovery'
import { MOST_TAGS, problemOfTag } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalid, resourceNotFound, tooManyTags } from './errors.ts'
import type { DiscoveryOperationContext, DiscoveryState } from './state.ts'

export const tagOperations = {
  TagResource({ ResourceARN = '', Tags = [] }, { state }) {
    const tagged = findTagged(state, ResourceARN)
    const tags = { ...tagged.tags, ...parseTags(ResourceARN, Tags) }
    if (Object.keys(tags).length > MOST_TAGS) throw tooManyTags(ResourceARN)
    tagged.tags = tags
    return {}
  },

  UntagResource({ ResourceARN = '', TagKeys = [] }, { state }) {
    const tagged = findTagged(state, ResourceARN)
    tagged.tags = Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !TagKeys.includes(key)))
    return {}
  },

  ListTagsForResource({ ResourceARN = '' }, { state }) {
    const { tags } = findTagged(state, ResourceARN)
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

/** The tags of a request by key. Throws InvalidInput, and TooManyTagsException for more than 50. */
export function parseTags(resource: string, tags: readonly Tag[] = []): Record<string, string> {
  for (const { Key = '', Value = '' } of tags) {
    const problem = problemOfTag(Key, Value)
    if (problem) throw invalid(`The tag '${Key}' is not valid: its ${problem} is.`)
  }
  if (tags.length > MOST_TAGS) throw tooManyTags(resource)
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

function findTagged({ namespaces, services }: DiscoveryState, arn: string) {
  const all = [...Object.values(namespaces), ...Object.values(services)]
  const found = all.find((each) => each.arn === arn)
  if (!found) throw resourceNotFound(arn)
  return found
}
