/**
 * Route 53's REST-XML (https://docs.aws.amazon.com/Route53/latest/APIReference/API_Operations_Amazon_Route_53.html), as far
 * as discovery needs it: zones are listed, record sets listed and changed.
 */
import type { Protocol, WireRequest } from './protocol.ts'
import { childrenOf, from, list, readShape, rootOf, type Shaped, structure, textOf } from './xml.ts'

const ROOT = '/2013-04-01/hostedzone'
const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/'

/** Of a structure that is only asked whether it is there. */
const THERE = structure({})

const recordSet = structure({
  Name: 'text',
  Type: 'text',
  SetIdentifier: 'text',
  TTL: 'number',
  ResourceRecords: list('ResourceRecord', structure({ Value: 'text' })),
  AliasTarget: THERE,
  Weight: 'number',
  Region: 'text',
  Failover: 'text',
  GeoLocation: THERE,
  GeoProximityLocation: THERE,
  CidrRoutingConfig: THERE,
  TrafficPolicyInstanceId: 'text',
  HealthCheckId: 'text',
})
export type ListedRecordSet = Shaped<typeof recordSet>

const hostedZone = structure({
  Id: 'text',
  Name: 'text',
  Config: structure({ PrivateZone: 'boolean' }),
  LinkedService: THERE,
  ResourceRecordSetCount: 'number',
})
export type ListedZone = Shaped<typeof hostedZone>

/** By operation, what is read of its answer. */
export const ROUTE53_SHAPES = {
  ListHostedZones: structure({
    HostedZones: list('HostedZone', hostedZone),
    IsTruncated: 'boolean',
    NextMarker: 'text',
  }),
  ListResourceRecordSets: structure({
    ResourceRecordSets: list('ResourceRecordSet', recordSet),
    IsTruncated: 'boolean',
    NextRecordName: 'text',
    NextRecordType: 'text',
    NextRecordIdentifier: 'text',
  }),
  ChangeResourceRecordSets: structure({ ChangeInfo: from('ChangeInfo', structure({ Id: 'text' })) }),
} as const

export type RecordSetPage = Shaped<(typeof ROUTE53_SHAPES)['ListResourceRecordSets']>

/** One change of a batch, as ChangeResourceRecordSets takes it. The order of members is that of the API's schema. */
export interface RecordSetChange {
  readonly Action: 'CREATE' | 'UPSERT' | 'DELETE'
  readonly ResourceRecordSet: {
    readonly Name: string
    readonly Type: string
    readonly SetIdentifier?: string
    readonly MultiValueAnswer?: boolean
    readonly TTL: number | undefined
    readonly ResourceRecords: readonly { readonly Value: string }[]
  }
}

/** What the operations take. */
export interface Route53Inputs {
  readonly ListHostedZones: { readonly Marker?: string | undefined }
  readonly ListResourceRecordSets: {
    readonly HostedZoneId: string
    readonly StartRecordName?: string | undefined
    readonly StartRecordType?: string | undefined
    readonly StartRecordIdentifier?: string | undefined
    readonly MaxItems?: number | undefined
  }
  readonly ChangeResourceRecordSets: {
    readonly HostedZoneId: string
    readonly ChangeBatch: { readonly Changes: readonly RecordSetChange[] }
  }
}

type Operation = keyof Route53Inputs

const WRITERS: { readonly [Name in Operation]: (input: Route53Inputs[Name]) => WireRequest } = {
  ListHostedZones: ({ Marker }) => get(ROOT, { marker: Marker }),
  ListResourceRecordSets: (input) =>
    get(recordSetsOf(input.HostedZoneId), {
      name: input.StartRecordName,
      type: input.StartRecordType,
      identifier: input.StartRecordIdentifier,
      maxitems: input.MaxItems?.toString(),
    }),
  ChangeResourceRecordSets: ({ HostedZoneId, ChangeBatch }) => ({
    method: 'POST',
    path: recordSetsOf(HostedZoneId),
    headers: { 'content-type': 'application/xml' },
    body: `<ChangeResourceRecordSetsRequest xmlns="${NAMESPACE}">${elements({ ChangeBatch })}</ChangeResourceRecordSetsRequest>`,
  }),
}

export const route53Protocol: Protocol = {
  write: (operation, input) => (WRITERS[operation as Operation] as (input: object) => WireRequest)(input),
  read: (operation, { body }) =>
    readShape(ROUTE53_SHAPES[operation as Operation], rootOf(body).root) as object,
  readError({ body, statusCode }) {
    const { name, root } = rootOf(body)
    const [error = root] = childrenOf(root, 'Error')
    // An InvalidChangeBatch is its own root, and has a message for each change that is wrong.
    const messages = childrenOf(childrenOf(root, 'Messages')[0], 'Message').map(String)
    return {
      code: textOf(error, 'Code') ?? (name === 'ErrorResponse' ? `HTTP ${statusCode}` : name),
      message: textOf(error, 'Message') ?? (messages.join(' ') || 'The service gave no message.'),
      details: { ...(messages.length > 0 && { messages }) },
    }
  },
}

const recordSetsOf = (zoneId: string) => `${ROOT}/${encodeURIComponent(zoneId)}/rrset`

function get(path: string, query: Readonly<Record<string, string | undefined>>): WireRequest {
  const set = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { method: 'GET', path, query: Object.fromEntries(set), headers: {} }
}

/** `{ Changes: [{ Action }] }` as `<Changes><Change><Action>`: lists are named by the plural of their members' names. */
function elements(value: unknown): string {
  if (typeof value !== 'object' || value === null) return escaped(String(value))
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]: [string, unknown]) => {
      const content = Array.isArray(member)
        ? member.map((each) => elements({ [name.slice(0, -1)]: each })).join('')
        : elements(member)
      return `<${name}>${content}</${name}>`
    })
    .join('')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
