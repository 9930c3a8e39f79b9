/** Tags of rules and event buses. */

import type * as client from '@aws-sdk/client-eventbridge'
import type { Tag } from '@aws-sdk/client-eventbridge'
import { MOST_TAGS } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalid, notFound } from './errors.ts'
import type { EventsOperationContext } from './state.ts'

export const tagOperations = {
  TagResource({ ResourceARN, Tags = [] }, context) {
    const tagged = findTagged(ResourceARN, context)
    const keys = Tags.map(({ Key }) => Key)
    const tags = [...tagged.tags.filter(({ Key }) => !keys.includes(Key)), ...Tags]
    if (tags.length > MOST_TAGS) throw invalid(`${ResourceARN} would have more than ${MOST_TAGS} tags.`)
    tagged.set(tags)
    return {}
  },

  UntagResource({ ResourceARN, TagKeys = [] }, context) {
    const tagged = findTagged(ResourceARN, context)
    tagged.set(tagged.tags.filter(({ Key = '' }) => !TagKeys.includes(Key)))
    return {}
  },

  ListTagsForResource({ ResourceARN }, context) {
    return { Tags: [...findTagged(ResourceARN, context).tags] }
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

interface Tagged {
  readonly tags: readonly Tag[]
  readonly set: (tags: readonly Tag[]) => unknown
}

function findTagged(arn: string | undefined, { state }: EventsOperationContext): Tagged {
  for (const bus of Object.values(state.buses)) {
    const setBus = (tags: readonly Tag[]) => Object.assign(state.buses, { [bus.name]: { ...bus, tags } })
    if (bus.arn === arn) return { tags: bus.tags, set: setBus }
    const rule = Object.values(bus.rules).find((candidate) => candidate.arn === arn)
    const setRule = (tags: readonly Tag[]) =>
      Object.assign(bus.rules, { [rule?.name ?? '']: { ...rule, tags } })
    if (rule) return { tags: rule.tags, set: setRule }
  }
  throw notFound(`Resource ${arn} does not exist.`)
}
