/** Tags of clusters, services, tasks and task definitions, and the event that tells of their change. */

import type * as client from '@aws-sdk/client-ecs'
import type { Tag } from '@aws-sdk/client-ecs'
import { changedKeys, MOST_TAGS, problemOfTag, type TagProblem, tagChangeEvent } from '../resource-tags.ts'
import type { Handlers } from '../wire/handlers.ts'
import { findCluster } from './clusters.ts'
import { invalidParameter, resourceNotFound, serviceNotFound } from './errors.ts'
import type { EcsContext, EcsOperationContext, EcsState, Tagged, Tags } from './state.ts'

export const tagOperations = {
  TagResource(input, context) {
    const tags = parseTags(input.tags)
    const { record, type, arn } = findTagged(context.state, input.resourceArn)
    const after = { ...record.tags, ...tags }
    requireFewTags(after)
    changeTags(context, { record, type, arn }, after)
    return {}
  },
  UntagResource(input, context) {
    const { record, type, arn } = findTagged(context.state, input.resourceArn)
    const removed = new Set(input.tagKeys)
    const after = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !removed.has(key)))
    changeTags(context, { record, type, arn }, after)
    return {}
  },
  ListTagsForResource: (input, { state }) => ({
    tags: tagList(findTagged(state, input.resourceArn).record.tags),
  }),
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

/** Tags as the API lists them. */
export const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }))

/**
 * Tags of a request, checked (API Reference: TagResource). Throws InvalidParameterException for keys that repeat, are
 * too long or reserved, and for too many.
 */
export function parseTags(list: readonly Tag[] | undefined): Tags {
  const tags = new Map<string, string>()
  for (const { key = '', value = '' } of list ?? []) {
    const problem = problemOfTag(key, value)
    if (problem) throw invalidParameter(PROBLEMS[problem](key))
    if (tags.has(key)) throw invalidParameter(`Duplicate tag key '${key}'.`)
    tags.set(key, value)
  }
  const parsed: Tags = Object.fromEntries(tags)
  requireFewTags(parsed)
  return parsed
}

const PROBLEMS: Readonly<Record<TagProblem, (key: string) => string>> = {
  key: (key) => `Invalid tag key '${key}'.`,
  value: (key) => `Invalid value of the tag '${key}'.`,
  reserved: () => "Tag keys must not start with the reserved prefix 'aws:'.",
}

function requireFewTags(tags: Tags): void {
  const own = Object.keys(tags).filter((key) => !key.startsWith('aws:'))
  if (own.length > MOST_TAGS) throw invalidParameter(`A resource can have at most ${MOST_TAGS} tags.`)
}

/** A thing that can be tagged, with what the event calls it. */
interface TaggedResource {
  readonly record: Tagged
  readonly type: 'cluster' | 'service' | 'task' | 'task-definition'
  readonly arn: string
}

/** Throws what ECS says of an ARN that names nothing. */
function findTagged(state: EcsState, arn = ''): TaggedResource {
  const type = /^arn:[^:]+:ecs:[^:]*:\d*:(cluster|service|task|task-definition)\//.exec(arn)?.[1]
  if (type === 'cluster') return { record: findCluster(state, arn), type, arn }
  if (type === 'service') return { record: found(state.services[arn], serviceNotFound()), type, arn }
  const missing = resourceNotFound('The specified resource was not found.')
  if (type === 'task') return { record: found(state.tasks[arn], missing), type, arn }
  if (type === 'task-definition') return { record: found(state.taskDefinitions[arn], missing), type, arn }
  throw invalidParameter('The specified resource ARN is not valid.')
}

function found<T>(record: T | undefined, error: Error): T {
  if (!record) throw error
  return record
}

function changeTags(context: EcsContext, resource: TaggedResource, after: Tags): void {
  const before = resource.record.tags
  resource.record.tags = after
  announceTags(context, resource, changedKeys(before, after))
}

/** Emits `Tag Change on Resource` if any tag changed. */
export function announceTags(context: EcsContext, resource: TaggedResource, changed: string[]): void {
  const { record, type, arn } = resource
  if (!changed.length) return
  record.tagVersion += 1
  const { tags, tagVersion: version } = record
  const change = { service: 'ecs', resourceType: type, arn, version, changedKeys: changed, tags }
  context.emit(tagChangeEvent(change))
}
