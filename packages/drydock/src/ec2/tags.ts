/** Tags of resources of any kind: EC2 keeps them all in one place, by the resource's id. */
import type * as client from '@aws-sdk/client-ec2'
import { emptyRecord } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { invalidValue } from './errors.ts'
import { type FilterTable, filtered } from './filters.ts'
import { type IdKind, notFound } from './ids.ts'
import { paged, requirePaging } from './paging.ts'
import type { Ec2OperationContext, Ec2State } from './state.ts'
import { vpcsByPart } from './vpc-parts.ts'

type Tags = Record<string, string>

/** EC2 User Guide: tag restrictions. */
const MOST_TAGS = 50
const LONGEST_KEY = 127
const LONGEST_VALUE = 255

export const tagOperations = {
  CreateTags({ Resources = [], Tags = [] }, { state }) {
    for (const id of Resources) requireTaggable(id, state)
    const added = tagsOf(Tags)
    for (const id of Resources) requireRoom({ ...state.tags[id], ...added })
    for (const id of Resources) state.tags[id] = Object.assign(emptyRecord<string>(), state.tags[id], added)
  },

  /** Without tags all go; a tag with a value goes only if it has that value (API Reference: DeleteTags). */
  DeleteTags({ Resources = [], Tags }, { state }) {
    for (const id of Resources) requireTaggable(id, state)
    for (const id of Resources) {
      const tags = state.tags[id] ?? {}
      const gone = Tags ?? Object.keys(tags).map((Key) => ({ Key, Value: undefined }))
      for (const { Key = '', Value } of gone) if (Value === undefined || tags[Key] === Value) delete tags[Key]
    }
  },

  DescribeTags(input, { state }) {
    requirePaging(input, undefined, '')
    const all = Object.entries(state.tags).flatMap(([ResourceId, tags]) =>
      Object.entries(tags).map(([Key, Value]) => ({
        Key,
        Value,
        ResourceId,
        ResourceType: typeOf(ResourceId)?.resourceType,
      })),
    )
    const found = filtered(all, input.Filters, TAG_FILTERS, (tag) => [tag])
    const { items, nextToken } = paged(found, ({ ResourceId, Key }) => `${ResourceId} ${Key}`, input)
    return { Tags: items, NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, Ec2OperationContext>>

const TAG_FILTERS: FilterTable<client.TagDescription> = {
  key: ({ Key }) => [Key],
  'resource-id': ({ ResourceId }) => [ResourceId],
  'resource-type': ({ ResourceType }) => [ResourceType],
  value: ({ Value }) => [Value],
}

/** The tags of a resource as the API shows them. */
export function tagList({ tags }: Ec2State, id: string): client.Tag[] {
  return Object.entries(tags[id] ?? {}).map(([Key, Value]) => ({ Key, Value }))
}

/** The tags that a resource is created with. Throws where they are for a resource of another type. */
export function tagsOfCreation(
  specifications: readonly client.TagSpecification[] = [],
  type: client.ResourceType,
): Tags | undefined {
  const wrong = specifications.find(({ ResourceType }) => ResourceType !== type)
  if (wrong)
    throw invalidValue(`'${wrong.ResourceType}' is not a valid taggable resource type for this operation.`)
  const tags = tagsOf(specifications.flatMap(({ Tags = [] }) => Tags))
  requireRoom(tags)
  return Object.keys(tags).length ? tags : undefined
}

/** Forgets the tags of a resource that is deleted. */
export function forgetTags({ tags }: Ec2State, id: string): void {
  delete tags[id]
}

function tagsOf(list: readonly client.Tag[]): Tags {
  const tags = emptyRecord<string>()
  for (const { Key: key = '', Value: value = '' } of list) {
    if (key === '') throw invalidValue('Tag key cannot be empty')
    if (key.length > LONGEST_KEY)
      throw invalidValue(`Tag key exceeds the maximum length of ${LONGEST_KEY} characters`)
    if (value.length > LONGEST_VALUE)
      throw invalidValue(`Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`)
    if (/^aws:/i.test(key)) throw invalidValue(`Tag keys starting with 'aws:' are reserved for internal use`)
    tags[key] = value
  }
  return tags
}

/** EC2 API Reference, Error codes: TagLimitExceeded. */
function requireRoom(tags: Tags): void {
  if (Object.keys(tags).length <= MOST_TAGS) return
  throw new AwsError('TagLimitExceeded', `More than ${MOST_TAGS} tags specified`)
}

interface TaggableType {
  readonly kind: IdKind
  readonly resourceType: client.ResourceType
  /** What there is of this type, by id. */
  readonly all: (state: Ec2State) => object
}

/** By what ids begin with. */
const TYPES = new Map<string, TaggableType>([
  ['vpc', { kind: 'vpc', resourceType: 'vpc', all: ({ vpcs }) => vpcs }],
  ['subnet', { kind: 'subnet', resourceType: 'subnet', all: ({ subnets }) => subnets }],
  ['sg', { kind: 'group', resourceType: 'security-group', all: ({ securityGroups }) => securityGroups }],
  ['rtb', { kind: 'routeTable', resourceType: 'route-table', all: (state) => vpcsByPart('rtb', state) }],
  ['acl', { kind: 'networkAcl', resourceType: 'network-acl', all: (state) => vpcsByPart('acl', state) }],
])

const typeOf = (id: string) => TYPES.get(id.split('-')[0] ?? '')

/** EC2 API Reference, Error codes: InvalidID, where an id says of nothing what it is. */
function requireTaggable(id: string, state: Ec2State): void {
  const type = typeOf(id)
  if (!type) throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
  if (!Object.hasOwn(type.all(state), id)) throw notFound(type.kind, [id])
}
