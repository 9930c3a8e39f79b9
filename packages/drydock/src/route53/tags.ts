/** Tags of hosted zones and health checks. */
import type * as route53 from '@aws-sdk/client-route-53'
import type { ResourceTagSet, Tag, TagResourceType } from '@aws-sdk/client-route-53'
import { MOST_TAGS, problemOfTag } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalidInput, noSuchHealthCheck } from './errors.ts'
import { bareId } from './names.ts'
import type { Route53Operation, Route53State } from './state.ts'
import { zoneOf } from './zones.ts'

/** API Reference: ListTagsForResources takes up to ten resources. */
const MOST_RESOURCES = 10

export const tagOperations = {
  ChangeTagsForResource({ ResourceType, ResourceId, AddTags, RemoveTagKeys }, { state }) {
    const key = keyOf(state, ResourceType, ResourceId)
    if (!AddTags?.length && !RemoveTagKeys?.length)
      throw invalidInput('At least one of AddTags and RemoveTagKeys must be specified.')
    const added = (AddTags ?? []).map(({ Key = '', Value = '' }) => [Key, Value] as const)
    const kept = Object.entries(state.tags[key] ?? {}).filter(([each]) => !RemoveTagKeys?.includes(each))
    const tags = Object.fromEntries([...kept, ...added])
    requireTags(tags)
    state.tags[key] = tags
    return {}
  },

  ListTagsForResource: ({ ResourceType, ResourceId }, { state }) => ({
    ResourceTagSet: tagSetOf(state, ResourceType, ResourceId),
  }),

  ListTagsForResources({ ResourceType, ResourceIds = [] }, { state }) {
    if (!ResourceIds.length || ResourceIds.length > MOST_RESOURCES)
      throw invalidInput(`ResourceIds must have 1 to ${MOST_RESOURCES} items.`)
    return { ResourceTagSets: ResourceIds.map((id) => tagSetOf(state, ResourceType, id)) }
  },
} satisfies Partial<Handlers<typeof route53, Route53Operation>>

function tagSetOf(
  state: Route53State,
  type: TagResourceType | undefined,
  id: string | undefined,
): ResourceTagSet {
  const tags = state.tags[keyOf(state, type, id)] ?? {}
  return {
    ResourceType: type,
    ResourceId: bareId(id ?? ''),
    Tags: Object.entries(tags).map(([Key, Value]): Tag => ({ Key, Value })),
  }
}

function keyOf(state: Route53State, type: string | undefined, id = ''): string {
  if (type === 'hostedzone') return `hostedzone/${zoneOf(state, id).id}`
  if (type !== 'healthcheck') throw invalidInput(`ResourceType '${type}' must be hostedzone or healthcheck.`)
  if (!state.healthChecks[bareId(id)]) throw noSuchHealthCheck(bareId(id))
  return `healthcheck/${bareId(id)}`
}

function requireTags(tags: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(tags)) {
    const problem = problemOfTag(key, value)
    if (problem) throw invalidInput(`The tag '${key}' is invalid: ${problem}.`)
  }
  if (Object.keys(tags).length > MOST_TAGS)
    throw invalidInput(`A resource can have at most ${MOST_TAGS} tags.`)
}
