/** Tags of repositories. (Image tags are another thing: they name images.) */
import * as client from '@aws-sdk/client-ecr'
import type { Handlers } from '../wire/handlers.ts'
import { emitTagChange } from './events.ts'
import { repositoryByArn } from './repositories.ts'
import type { EcrOperationContext, ResourceTag, StoredRepository } from './state.ts'

const MOST_TAGS = 50

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
  if (key.length < 1 || key.length > 128) throw invalidTag('Tag keys must be between 1 and 128 characters')
  if (value.length > 256) throw invalidTag('Tag values must be up to 256 characters')
  if (/^aws:/i.test(key)) throw invalidTag("Tag keys must not begin with 'aws:'")
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(key + value)) {
    throw invalidTag('Tags may hold letters, digits, spaces and _.:/=+-@ only')
  }
}

const invalidTag = (message: string) => new client.InvalidTagParameterException({ message, $metadata: {} })

function requireNumber(count: number): void {
  if (count <= MOST_TAGS) return
  const message = `The number of tags exceeds the limit of ${MOST_TAGS}`
  throw new client.TooManyTagsException({ message, $metadata: {} })
}

function change(repository: StoredRepository, tags: ResourceTag[], context: EcrOperationContext): void {
  const before = new Map(repository.tags.map(({ key, value }) => [key, value]))
  const after = new Map(tags.map(({ key, value }) => [key, value]))
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  const changed = keys.filter((key) => before.get(key) !== after.get(key))
  repository.tags = tags
  if (changed.length) emitTagChange(repository, changed, context)
}
