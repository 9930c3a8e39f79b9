/** The wire protocols: their names, content types, and the SDK's codecs that read and write their bodies. */

import type { IncomingHttpHeaders } from 'node:http'
import {
  AwsJson1_1Protocol,
  AwsRestJsonProtocol,
  AwsRestXmlProtocol,
  AwsSmithyRpcV2CborProtocol,
} from '@aws-sdk/core/protocols'
import type { $Codec } from '@smithy/types'
import type { ServiceModel } from './model.ts'

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

/** Which codec writes a protocol's bodies. */
export type CodecKind = 'json' | 'restJson' | 'xml' | 'cbor'

export const contentTypeOf = (protocol: ProtocolName): string => CONTENT_TYPES[protocol]
export const isQuery = (protocol: ProtocolName): boolean => protocol === 'awsQuery' || protocol === 'ec2Query'
export const isRest = (protocol: ProtocolName): boolean => protocol === 'restJson1' || protocol === 'restXml'

export function kindOf(protocol: ProtocolName): CodecKind {
  if (protocol === 'rpcv2Cbor') return 'cbor'
  if (protocol === 'restJson1') return 'restJson'
  return protocol.startsWith('awsJson') ? 'json' : 'xml'
}

/** The SDK's default protocol of a service (`aws.protocols#awsJson1_1`); CBOR is only ever asked for by name. */
export function protocolOf({ protocol }: ServiceModel): ProtocolName {
  const name = protocol.split('#')[1] ?? ''
  if (name in CONTENT_TYPES) return name as ProtocolName
  return name === 'rpcv2Cbor' ? 'rpcv2Cbor' : 'restJson1'
}

/** Stands for the service of a request that names none, so that its error can be written like any other. */
export const nobody: ServiceModel = {
  id: 'Drydock',
  namespace: 'aws',
  signingName: '',
  target: '',
  version: '',
  protocol: 'aws.protocols#restJson1',
  settings: { defaultNamespace: 'aws' },
  queryCompatible: false,
  operations: new Map(),
  routes: [],
  findError: () => undefined,
}

const PROTOCOLS = {
  json: AwsJson1_1Protocol,
  restJson: AwsRestJsonProtocol,
  xml: AwsRestXmlProtocol,
  cbor: AwsSmithyRpcV2CborProtocol,
}

const codecs = new WeakMap<ServiceModel, Partial<Record<CodecKind, $Codec<any, any>>>>()

/** The codec for a service's bodies, made once. Its serializers keep state, so take a new one for each body. */
export function codecOf(service: ServiceModel, kind: CodecKind): $Codec<any, any> {
  const made = codecs.get(service) ?? {}
  codecs.set(service, made)
  const Protocol = PROTOCOLS[kind] as any
  made[kind] ??= new Protocol({ xmlNamespace: '', ...service.settings }).getPayloadCodec() as $Codec<any, any>
  return made[kind]
}
