// Turns an @aws-sdk/client-* module into a server-side service model. Only public exports are used:
// the `<Operation>$` schema tuples, `errorTypeRegistries` and the config of a client instance.

import type { Readable } from 'node:stream'
import { NormalizedSchema, type TypeRegistry } from '@smithy/core/schema'
import type { $Schema, StaticErrorSchema, StaticOperationSchema } from '@smithy/types'

type Command<I, O> = {
  readonly input: I
  resolveMiddleware(stack: any, config: any, options: any): (args: any) => Promise<{ output: O }>
}
/** What a handler gets: blobs and streams are always bytes. */
type ServerInput<I> = { [P in keyof I]: Uint8Array extends NonNullable<I[P]> ? Uint8Array : I[P] }
/** What a handler returns: no `$metadata`, plain bytes (or a stream) for blobs. */
type ServerOutput<O> = {
  [P in keyof O as P extends '$metadata' ? never : P]: NonNullable<O[P]> extends Uint8Array
    ? Uint8Array
    : NonNullable<O[P]> extends Readable
      ? Readable | Uint8Array
      : O[P]
}
type Returned<O> = O | ({} extends O ? void : never)
/** A promise is for deferred outputs only (`context.defer`): an operation itself is synchronous. */
type Handler<I, O, C> = (
  input: ServerInput<I>,
  context: C,
) => Returned<ServerOutput<O>> | Promise<Returned<ServerOutput<O>>>

/** `{ CreateCluster?(input: CreateClusterCommandInput, context): CreateClusterCommandOutput, … }` */
export type Handlers<M, C> = {
  [K in keyof M as K extends `${infer N}Command`
    ? N extends '$'
      ? never
      : N
    : never]?: M[K] extends abstract new (
    ...args: any
  ) => Command<infer I, infer O>
    ? Handler<I, O, C>
    : never
}

export interface Route {
  method: string
  pattern: RegExp
  labels: string[]
  query: [string, string][]
  weight: number
  status: number
  matches(method: string, url: URL): boolean
}
export interface Operation {
  name: string
  input: NormalizedSchema
  output: NormalizedSchema
  route?: Route
  handler?: (input: any, context: any) => unknown
}
export interface ServiceModel {
  id: string
  namespace: string
  signingName: string
  target: string
  version: string
  /** Smithy shape id of the SDK's default protocol; tells restJson1 from restXml and awsQuery from ec2Query. */
  protocol: string
  settings: any
  queryCompatible: boolean
  operations: Map<string, Operation>
  routes: Operation[]
  findError(name: string): StaticErrorSchema | undefined
}

/** Reads a service's model from its client module and joins it with the handlers of its operations. */
export function operations<M extends object, C>(client: M, handlers: NoInfer<Handlers<M, C>>): ServiceModel {
  const exports = Object.entries(client)
  const [, Client] = exports.find(([k, v]) => typeof v === 'function' && /^[A-Z]\w*Client$/.test(k))!
  const { config } = new Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  })
  const settings = config.protocolSettings
  const registries: TypeRegistry[] = settings.errorTypeRegistries

  const byName = new Map<string, Operation>()
  for (const [key, schema] of exports) {
    if (!key.endsWith('$') || !Array.isArray(schema) || schema[0] !== 9) continue
    const [, , name, traits, input, output] = schema as StaticOperationSchema
    byName.set(name, {
      name,
      input: NormalizedSchema.of(input),
      output: NormalizedSchema.of(output),
      route: typeof traits === 'object' && traits.http ? route(traits.http) : undefined,
      handler: (handlers as any)[name]?.bind(handlers),
    })
  }
  return {
    id: config.serviceId,
    namespace: settings.defaultNamespace,
    signingName: config.defaultSigningName,
    target: settings.serviceTarget,
    version: settings.version,
    protocol: config.protocol.getShapeId(),
    settings,
    queryCompatible: !!settings.awsQueryCompatible,
    operations: byName,
    routes: [...byName.values()].filter((o) => o.route).sort((a, b) => b.route!.weight - a.route!.weight),
    findError: (name) => {
      for (const registry of registries) {
        try {
          return registry.getSchema(`${settings.defaultNamespace}#${name}`) as $Schema as StaticErrorSchema
        } catch {}
      }
    },
  }
}

/** Compiles a Smithy http trait. Literal segments outrank labels, labels outrank greedy labels. */
function route([method, uri, status]: [string, string, number]): Route {
  const [path, search = ''] = uri.split('?') as [string, string?]
  const labels: string[] = []
  let weight = 0
  const pattern = path
    .split('/')
    .filter(Boolean)
    .map((segment) => {
      const label = /^\{(\w+)(\+?)\}$/.exec(segment)
      if (!label) return (weight += 100), segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      labels.push(label[1]!)
      return (weight += label[2] ? 1 : 10), label[2] ? '(.+?)' : '([^/]+)'
    })
  const query = [...new URLSearchParams(search)]
  const path_ = new RegExp(`^/${pattern.join('/')}/?$`)
  const matches = (m: string, { pathname, searchParams }: URL) =>
    m === method &&
    path_.test(pathname) &&
    query.every(([k, v]) => searchParams.has(k) && (!v || searchParams.get(k) === v))
  return { method, pattern: path_, labels, query, weight: weight + query.length, status, matches }
}
