/** Namespaces: made, changed and deleted by operations that take a moment. */
import type * as client from '@aws-sdk/client-servicediscovery'
import type { NamespaceType } from '@aws-sdk/client-servicediscovery'
import { arnOf } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { duplicateRequest, inUse, invalid, limitExceeded, namespaceExists } from './errors.ts'
import { type Facets, filtered } from './filters.ts'
import { findNamespace, isLeaving, servicesOf } from './find.ts'
import { begin, findPending } from './operations.ts'
import { requestedPage } from './paging.ts'
import { requireDescription, requireRequestId, requireTtl } from './rules.ts'
import type { DiscoveryOperationContext, DiscoveryState, NamespaceRecord } from './state.ts'
import { parseTags } from './tags.ts'

/** Cloud Map quotas: namespaces in a region. */
const MOST_NAMESPACES = 50

/** The TTL of a zone's SOA record where none is asked for, in seconds (Developer Guide: creating namespaces). */
const USUAL_SOA_TTL = 15

/** API Reference: the names of the three kinds of namespaces. */
const NAMES = {
  HTTP: /^(?!arn:)[!-~]{1,1024}$/,
  DNS_PRIVATE: /^(?!arn:)[!-~]{1,253}$/,
  DNS_PUBLIC:
    /^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
} as const

const FACETS: Facets<NamespaceRecord> = {
  TYPE: { conditions: ['EQ', 'BEGINS_WITH'], of: ({ type }) => type },
  NAME: { conditions: ['EQ', 'BEGINS_WITH'], of: ({ name }) => name },
  HTTP_NAME: { conditions: ['EQ', 'BEGINS_WITH'], of: ({ httpName }) => httpName },
  RESOURCE_OWNER: { conditions: ['EQ'], of: () => 'SELF' },
}

export const namespaceOperations = {
  CreateHttpNamespace(input, context) {
    return create('HTTP', input, context)
  },

  CreatePrivateDnsNamespace({ Vpc: vpc = '', Properties, ...input }, context) {
    if (vpc === '' || vpc.length > 64) throw invalid('Vpc is not valid.')
    return create('DNS_PRIVATE', input, context, { vpc, soaTtl: soaTtlOf(Properties) })
  },

  CreatePublicDnsNamespace({ Properties, ...input }, context) {
    return create('DNS_PUBLIC', input, context, { soaTtl: soaTtlOf(Properties) })
  },

  UpdateHttpNamespace({ Id, Namespace: change }, context) {
    return update('HTTP', Id, { Description: change?.Description }, context)
  },

  UpdatePrivateDnsNamespace({ Id, Namespace: change }, context) {
    return update('DNS_PRIVATE', Id, change, context)
  },

  UpdatePublicDnsNamespace({ Id, Namespace: change }, context) {
    return update('DNS_PUBLIC', Id, change, context)
  },

  DeleteNamespace({ Id }, context) {
    const namespace = findNamespace(context.state, Id)
    requireIdle(context.state, namespace)
    if (servicesOf(context.state, namespace.id).length)
      throw inUse('The namespace has associated services; delete them first.')
    return begin(context, subjectOf('DELETE_NAMESPACE', namespace), {
      kind: 'delete-namespace',
      namespaceId: namespace.id,
    })
  },

  GetNamespace({ Id }, context) {
    const namespace = findNamespace(context.state, Id)
    return { Namespace: { ...view(namespace, context), CreatorRequestId: namespace.creatorRequestId } }
  },

  ListNamespaces({ Filters, ...page }, context) {
    const found = filtered(Object.values(context.state.namespaces), Filters, FACETS)
    const { items, nextToken } = requestedPage(found, ({ id }) => id, page)
    return { Namespaces: items.map((each) => view(each, context)), NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, DiscoveryOperationContext>>

interface CreateInput {
  readonly Name: string | undefined
  readonly CreatorRequestId?: string | undefined
  readonly Description?: string | undefined
  readonly Tags?: client.Tag[] | undefined
}

/** What only DNS namespaces have. */
interface DnsPart {
  readonly vpc?: string
  readonly soaTtl?: number
}

function create(
  type: NamespaceType,
  { Name: name = '', CreatorRequestId, Description, Tags }: CreateInput,
  context: DiscoveryOperationContext,
  dns: DnsPart = {},
) {
  if (!NAMES[type].test(name)) throw invalid(`The namespace name '${name}' is not valid.`)
  requireDescription(Description)
  requireRequestId(CreatorRequestId)
  const tags = parseTags(name, Tags)
  const others = namesakes(context.state, name)
  requireNew(type, dns.vpc, others, context.state)
  const id = `ns-${context.newId(16)}`
  const namespace: NamespaceRecord = {
    id,
    arn: arnOf('servicediscovery', context, `namespace/${id}`),
    name,
    type,
    httpName: others.length ? `${name}-${context.newId(8)}` : name,
    ...dns,
    ...(Description !== undefined && { description: Description }),
    creatorRequestId: CreatorRequestId ?? context.newUuid(),
    createdAt: context.now,
    tags,
  }
  return begin(context, subjectOf('CREATE_NAMESPACE', namespace), { kind: 'create-namespace', namespace })
}

/** The namespaces of that name, those included that are being made. */
function namesakes({ namespaces, pending }: DiscoveryState, name: string): NamespaceRecord[] {
  const coming = Object.values(pending).flatMap(({ change }) =>
    change.kind === 'create-namespace' ? [change.namespace] : [],
  )
  return [...Object.values(namespaces), ...coming].filter((each) => each.name === name)
}

/** A name can be given again only to a namespace of another kind, or to a private one in another VPC. */
function requireNew(
  type: NamespaceType,
  vpc: string | undefined,
  others: readonly NamespaceRecord[],
  state: DiscoveryState,
): void {
  const same = others.find((each) => each.type === type && each.vpc === vpc)
  const operation =
    same &&
    findPending(state, (change) => change.kind === 'create-namespace' && change.namespace.id === same.id)
  if (operation) throw duplicateRequest(operation)
  if (same) throw namespaceExists(same)
  const coming = findAllComing(state)
  if (Object.keys(state.namespaces).length + coming >= MOST_NAMESPACES)
    throw limitExceeded(`At most ${MOST_NAMESPACES} namespaces can be created in a Region.`)
}

const findAllComing = ({ pending }: DiscoveryState) =>
  Object.values(pending).filter(({ change }) => change.kind === 'create-namespace').length

interface SoaProperties {
  readonly DnsProperties: { readonly SOA: { readonly TTL: number | undefined } | undefined } | undefined
}

const soaTtlOf = (properties: SoaProperties | undefined) =>
  properties ? requireTtl(properties.DnsProperties?.SOA?.TTL) : USUAL_SOA_TTL

interface NamespaceChange {
  readonly Description?: string | undefined
  readonly Properties?: SoaProperties | undefined
}

function update(
  type: NamespaceType,
  id: string | undefined,
  { Description: description, Properties }: NamespaceChange = {},
  context: DiscoveryOperationContext,
) {
  const namespace = findNamespace(context.state, id)
  if (namespace.type !== type) throw invalid(`The namespace ${namespace.id} is of type ${namespace.type}.`)
  requireDescription(description)
  requireIdle(context.state, namespace)
  return begin(context, subjectOf('UPDATE_NAMESPACE', namespace), {
    kind: 'update-namespace',
    namespaceId: namespace.id,
    ...(description !== undefined && { description }),
    ...(Properties && { soaTtl: soaTtlOf(Properties) }),
  })
}

/** Throws DuplicateRequest where the namespace is being deleted, ResourceInUse where it is being changed. */
function requireIdle(state: DiscoveryState, { id }: NamespaceRecord): void {
  const operation = findPending(state, (change) => 'namespaceId' in change && change.namespaceId === id)
  if (!operation) return
  throw isLeaving(state, id) ? duplicateRequest(operation) : inUse(`The namespace ${id} is being changed.`)
}

const subjectOf = (
  type: 'CREATE_NAMESPACE' | 'UPDATE_NAMESPACE' | 'DELETE_NAMESPACE',
  { id }: NamespaceRecord,
) => ({ type, targets: { NAMESPACE: id }, namespaceId: id })

function view(namespace: NamespaceRecord, { state, accountId }: DiscoveryOperationContext) {
  const { id, arn, name, type, description, soaTtl, httpName, createdAt, hostedZoneId } = namespace
  return {
    Id: id,
    Arn: arn,
    ResourceOwner: accountId,
    Name: name,
    Type: type,
    ...(description !== undefined && { Description: description }),
    ServiceCount: servicesOf(state, id).length,
    Properties: {
      DnsProperties: {
        ...(hostedZoneId !== undefined && { HostedZoneId: hostedZoneId }),
        ...(soaTtl !== undefined && { SOA: { TTL: soaTtl } }),
      },
      HttpProperties: { HttpName: httpName },
    },
    CreateDate: new Date(createdAt),
  }
}
