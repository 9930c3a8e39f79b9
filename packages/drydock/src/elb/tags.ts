/** Tags of load balancers, target groups, listeners and rules. */

import type * as client from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  DuplicateTagKeysException,
  type Tag,
  TooManyTagsException,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Handlers } from '../wire/handlers.ts'
import {
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  validation,
} from './errors.ts'
import type { ElbOperation, ElbState } from './state.ts'

/** ALB quotas: tags per resource. */
const MOST_TAGS = 50
/** API Reference, DescribeTags: resources in one call. */
const MOST_RESOURCES = 20

export const tagOperations = {
  AddTags({ ResourceArns = [], Tags = [] }, { state }) {
    for (const arn of ResourceArns) assertThere(arn, state)
    const merged = ResourceArns.map((arn) => [arn, withTags(state.tags[arn] ?? {}, Tags)] as const)
    for (const [arn, tags] of merged) state.tags[arn] = tags
    return {}
  },

  RemoveTags({ ResourceArns = [], TagKeys = [] }, { state }) {
    for (const arn of ResourceArns) assertThere(arn, state)
    for (const arn of ResourceArns) for (const key of TagKeys) delete state.tags[arn]?.[key]
    return {}
  },

  DescribeTags({ ResourceArns = [] }, { state }) {
    if (ResourceArns.length > MOST_RESOURCES)
      throw validation(`Tags of at most ${MOST_RESOURCES} resources can be described in one call`)
    for (const arn of ResourceArns) assertThere(arn, state)
    return {
      TagDescriptions: ResourceArns.map((arn) => ({
        ResourceArn: arn,
        Tags: Object.entries(state.tags[arn] ?? {}).map(([Key, Value]) => ({ Key, Value })),
      })),
    }
  },
} satisfies Partial<Handlers<typeof client, ElbOperation>>

/** Tags for a new resource. Throws what AddTags throws. */
export const newTags = (tags: readonly Tag[] = []) => withTags({}, tags)

function withTags(before: Readonly<Record<string, string>>, tags: readonly Tag[]): Record<string, string> {
  const keys = tags.map(({ Key }) => Key ?? '')
  if (new Set(keys).size < keys.length)
    throw new DuplicateTagKeysException({ message: 'A tag key was specified more than once', $metadata: {} })
  for (const { Key = '', Value = '' } of tags) assertTag(Key, Value)
  const result = { ...before, ...Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])) }
  if (Object.keys(result).length > MOST_TAGS)
    throw new TooManyTagsException({
      message: `A resource can have at most ${MOST_TAGS} tags`,
      $metadata: {},
    })
  return result
}

/** API Reference, Tag. */
function assertTag(key: string, value: string): void {
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key)) throw validation(`The tag key '${key}' is not valid`)
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value))
    throw validation(`The tag value '${value}' is not valid`)
  if (key.startsWith('aws:')) throw validation('Tag keys cannot start with aws:')
}

function assertThere(arn: string, state: ElbState): void {
  const kind = /:(loadbalancer|targetgroup|listener|listener-rule)\//.exec(arn)?.[1]
  if (kind === 'loadbalancer' && !state.loadBalancers[arn]) throw loadBalancerNotFound(arn)
  if (kind === 'targetgroup' && !state.targetGroups[arn]) throw targetGroupNotFound()
  if (kind === 'listener' && !state.listeners[arn]) throw listenerNotFound()
  if (kind === 'listener-rule' && !state.rules[arn]) throw ruleNotFound()
  if (!kind) throw validation(`'${arn}' is not a valid ARN of a load balancing resource`)
}
