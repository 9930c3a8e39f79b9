/** Tags of alarms and mute rules. */
import type * as client from '@aws-sdk/client-cloudwatch'
import type { Handlers } from '../wire/handlers.ts'
import { nameOf } from './alarm-names.ts'
import { assertLength, invalid, noSuchResource } from './errors.ts'
import type { CloudwatchOperation } from './state.ts'

/** API Reference, TagResource: at most 50 tags; keys of up to 128 and values of up to 256 characters. */
const MOST_TAGS = 50

type Tags = Readonly<Record<string, string>>
type GivenTags = readonly { Key: string | undefined; Value: string | undefined }[]

export const tagOperations = {
  TagResource({ ResourceARN = '', Tags }, context) {
    const found = findTagged(ResourceARN, context)
    found.set(assertCount({ ...found.tags, ...readTags(Tags) }))
    return {}
  },

  UntagResource({ ResourceARN = '', TagKeys = [] }, context) {
    const found = findTagged(ResourceARN, context)
    found.set(Object.fromEntries(Object.entries(found.tags).filter(([key]) => !TagKeys.includes(key))))
    return {}
  },

  ListTagsForResource({ ResourceARN = '' }, context) {
    const { tags } = findTagged(ResourceARN, context)
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },
} satisfies Partial<Handlers<typeof client, CloudwatchOperation>>

/** Reads tags. Throws ValidationException. */
export function readTags(given: GivenTags = []): Tags {
  for (const { Key, Value } of given) {
    assertLength('tags.key', Key ?? '', 1, 128)
    assertLength('tags.value', Value, 0, 256)
    if (/^aws:/i.test(Key ?? '')) throw invalid('Tag keys must not begin with aws:.')
  }
  return assertCount(Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value])))
}

function assertCount(tags: Tags): Tags {
  if (Object.keys(tags).length > MOST_TAGS) throw invalid(`A resource has at most ${MOST_TAGS} tags.`)
  return tags
}

interface Tagged {
  readonly tags: Tags
  readonly set: (tags: Tags) => void
}

function findTagged(arn: string, { state }: CloudwatchOperation): Tagged {
  const alarm = state.alarms[nameOf(arn)]
  if (alarm?.arn === arn) return tagged(state.alarms, alarm)
  const rule = Object.values(state.muteRules).find((each) => each.arn === arn)
  if (rule) return tagged(state.muteRules, rule)
  throw noSuchResource('Resource', arn)
}

function tagged<T extends { readonly name: string; readonly tags: Tags }>(
  all: Record<string, T>,
  one: T,
): Tagged {
  return {
    tags: one.tags,
    set(tags) {
      all[one.name] = { ...one, tags }
    },
  }
}
