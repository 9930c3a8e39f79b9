/** The wire protocols: their names and content types, requests and responses, and the SDK's codecs for their bodies. */

import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import {
  AwsJson1_1Protocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols'
import type { $Codec, $ShapeDeserializer, $ShapeSerializer } from '@smithy/types'
import type { ProtocolSettings, ServiceModel } from './model.ts'

const CONTENT_TYPES = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  rpcv2Cbor: 'application/cbor',
  awsQuery: 'text/xml',
  ec2Query: 'text/xml;charset=UTF-8',
  restJson1: 'application/json',
  restXml: 'text/xml',
} as const

export type ProtocolName = keyof typeof CONTENT_TYPES

/** A request as the protocols read it. */
export interface Request {
  readonly url: URL
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
  /** The parameters of a query request: its form body or, presigned, its URL. */
  readonly form?: URLSearchParams
}

/** An answer while it is being put together. */
export interface Response {
  status: number
  /** Names in lower case. */
  readonly headers: Record<string, string>
  body?: Uint8Array | string | Readable
}

type Bytes = string | Uint8Array
export type Deserializer = $ShapeDeserializer<Bytes>
/** Keeps state until it is flushed, and after a failed write: take a new one for each body. */
export type Serializer = $ShapeSerializer<Bytes>
type Codec = $Codec<Bytes, Bytes>

/** The content type of a protocol's answers. */
export const contentTypeOf = (protocol: ProtocolName): string => CONTENT_TYPES[protocol]
export const isQuery = (protocol: ProtocolName): boolean => protocol === 'awsQuery' || protocol === 'ec2Query'
export const isRest = (protocol: ProtocolName): boolean => protocol === 'restJson1' || protocol === 'restXml'
export const isXml = (protocol: ProtocolName): boolean => isQuery(protocol) || protocol === 'restXml'

const isProtocolName = (name: string): name is ProtocolName => Object.hasOwn(CONTENT_TYPES, name)

/** The SDK's default protocol of a service, by its shape id (`aws.protocols#awsJson1_1`). */
export function protocolOf({ protocol }: ServiceModel): ProtocolName {
  const name = protocol.slice(protocol.indexOf('#') + 1)
  return isProtocolName(name) ? name : 'restJson1'
}

/** Adds what every answer of a protocol has: the request id, the content type, the XML declaration. */
export function finish(response: Response, protocol: ProtocolName, requestId: string): Response {
  const { headers, body } = response
  headers['x-amzn-requestid'] = requestId
  if (body !== undefined) headers['content-type'] ??= contentTypeOf(protocol)
  if (protocol === 'rpcv2Cbor') headers['smithy-protocol'] = 'rpc-v2-cbor'
  if (isXml(protocol) && typeof body === 'string' && body) {
    response.body = `<?xml version="1.0" encoding="UTF-8"?>\n${body}`
  }
  return response
}

/** Stands for the service of a request that names none, so that its error is written like any other. */
export const nobody: ServiceModel = {
  id: 'Drydock',
  namespace: 'aws',
  signingName: '',
  target: '',
  version: '',
  protocol: 'aws.protocols#restJson1',
  settings: {
    defaultNamespace: 'aws',
    errorTypeRegistries: [],
    serviceTarget: '',
    version: '',
    xmlNamespace: '',
  },
  queryCompatible: false,
  operations: new Map(),
  routes: [],
  findError: () => undefined,
}

const makers = {
  json: (settings: ProtocolSettings): Codec => new AwsJson1_1Protocol(settings).getPayloadCodec(),
  restJson: (settings: ProtocolSettings): Codec => new AwsRestJsonProtocol(settings).getPayloadCodec(),
  xml: (settings: ProtocolSettings): Codec => new AwsRestXmlProtocol(settings).getPayloadCodec(),
  cbor: (settings: ProtocolSettings): Codec => new AwsSmithyRpcV2CborProtocol(settings).getPayloadCodec(),
}

type CodecKind = keyof typeof makers

function kindOf(protocol: ProtocolName): CodecKind {
  if (protocol === 'rpcv2Cbor') return 'cbor'
  if (protocol === 'restJson1') return 'restJson'
  return isXml(protocol) ? 'xml' : 'json'
}

const codecs = new WeakMap<ServiceModel, Map<CodecKind, Codec>>()

/** The codec for a service's bodies in a protocol, made once. */
export function codecOf(service: ServiceModel, protocol: ProtocolName): Codec {
  const made = codecs.get(service) ?? new Map<CodecKind, Codec>()
  codecs.set(service, made)
  const kind = kindOf(protocol)
  const codec = made.get(kind) ?? makers[kind]({ ...nobody.settings, ...service.settings })
  made.set(kind, codec)
  return codec
}
