/** Tags of repositories. (Image tags are another thing: they name images.) */

import * as client from '@aws-sdk/client-ecr'
import { changedKeys, MOST_TAGS, problemOfTag, type TagProblem } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { emitTagChange, tagsByKey } from './events.ts'
import { repositoryByArn } from './repositories.ts'
import type { EcrOperationContext, ResourceTag, StoredRepository } from './state.ts'

export const tagOperations = {
  TagResource(input, context) {
    const repository = repositoryByArn(input.resourceArn, context)
    const given = readTags(input.tags ?? [])
    const kept = repository.tags.filter(({ key }) => !given.some((tag) => tag.key === key))
    requireNumber(kept.length + given.length)
    change(repository, [...kept, ...given], context)
  },

  UntagResource(input, context) {
    const repository = repositoryByArn(input.resourceArn, context)
    const removed = new Set(input.tagKeys)
    change(
      repository,
      repository.tags.filter(({ key }) => !removed.has(key)),
      context,
    )
  },

  ListTagsForResource(input, context) {
    const { tags } = repositoryByArn(input.resourceArn, context)
    return { tags: tags.map(({ key, value }) => ({ Key: key, Value: value })) }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

/** The tags of a request. Throws InvalidTagParameterException or TooManyTagsException. */
export function readTags(tags: client.Tag[]): ResourceTag[] {
  const read = tags.map(({ Key: key = '', Value: value = '' }) => ({ key, value }))
  for (const { key, value } of read) requireTag(key, value)
  if (new Set(read.map(({ key }) => key)).size < read.length) throw invalidTag('Duplicate tag keys found')
  requireNumber(read.length)
  return read
}

function requireTag(key: string, value: string): void {
  const problem = problemOfTag(key, value)
  if (problem) throw invalidTag(PROBLEMS[problem])
}

const PROBLEMS: Readonly<Record<TagProblem, string>> = {
  key: 'Tag keys must have 1 to 128 letters, digits, spaces and _.:/=+-@',
  value: 'Tag values may have up to 256 letters, digits, spaces and _.:/=+-@',
  reserved: "Tag keys must not begin with 'aws:'",
}

const invalidTag = (message: string) => new client.InvalidTagParameterException({ message, $metadata: {} })

function requireNumber(count: number): void {
  if (count <= MOST_TAGS) return
  const message = `The number of tags exceeds the limit of ${MOST_TAGS}`
  throw new client.TooManyTagsException({ message, $metadata: {} })
}

function change(repository: StoredRepository, tags: ResourceTag[], context: EcrOperationContext): void {
  const changed = changedKeys(tagsByKey(repository.tags), tagsByKey(tags))
  repository.tags = tags
  if (changed.length) emitTagChange(repository, changed, context)
}
