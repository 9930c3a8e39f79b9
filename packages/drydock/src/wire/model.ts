/**
 * A service as the server sees it, read from its `@aws-sdk/client-*` package by public exports alone: the schemas of
 * its operations (`<Operation>$`), and the protocol settings and error registries of a client's config.
 */
import { NormalizedSchema, type TypeRegistry } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types'
import type { Handlers } from './handlers.ts'
import { compileRoute, type Route } from './route.ts'

/** The part of a client's `protocolSettings` that both directions of a protocol need. */
export interface ProtocolSettings {
  readonly defaultNamespace: string
  readonly errorTypeRegistries: TypeRegistry[]
  /** The prefix of X-Amz-Target. */
  readonly serviceTarget: string
  readonly version: string
  readonly xmlNamespace: string
  /** Present where the service once spoke query, and its errors still carry the codes of then. */
  readonly awsQueryCompatible?: boolean
}

/** Input and context are checked before a handler is called: by schema, and by the types of `operations()`. */
export type AnyHandler = (input: unknown, context: unknown) => unknown

export interface Operation {
  readonly name: string
  readonly input: NormalizedSchema
  readonly output: NormalizedSchema
  /** Only services with a REST protocol have routes. */
  readonly route: Route | undefined
  /** Absent where the operation is not implemented. */
  readonly handler: AnyHandler | undefined
}

export interface ServiceModel {
  /** The service's name as AWS writes it: `ECS`, `Lambda`. */
  readonly id: string
  readonly namespace: string
  readonly signingName: string
  readonly target: string
  readonly version: string
  /** Smithy shape id of the SDK's default protocol; tells restJson1 from restXml and awsQuery from ec2Query. */
  readonly protocol: string
  readonly settings: ProtocolSettings
  readonly queryCompatible: boolean
  readonly operations: ReadonlyMap<string, Operation>
  /** The operations with a route, the most specific first. */
  readonly routes: readonly Operation[]
  /** The schema of a modelled error by its name. */
  findError(name: string): StaticErrorSchema | undefined
}

/** Reads a service's model from its client package and joins it with the handlers of its operations. */
export function operations<M extends object, C>(client: M, handlers: NoInfer<Handlers<M, C>>): ServiceModel {
  const exports: [string, unknown][] = Object.entries(client)
  const { serviceId, defaultSigningName, protocol, protocolSettings: settings } = configOf(exports)
  const table: Record<string, unknown> = { ...handlers }
  const all = exports.flatMap(([, schema]) => (isOperation(schema) ? [operationOf(schema, table)] : []))
  return {
    id: serviceId,
    namespace: settings.defaultNamespace,
    signingName: defaultSigningName,
    target: settings.serviceTarget,
    version: settings.version,
    protocol: protocol.getShapeId(),
    settings,
    queryCompatible: settings.awsQueryCompatible === true,
    operations: new Map(all.map((operation) => [operation.name, operation])),
    routes: all.filter(({ route }) => route).sort((a, b) => (b.route?.weight ?? 0) - (a.route?.weight ?? 0)),
    findError: (name) => findError(settings, name),
  }
}

/** What a client keeps in its config besides its options. */
interface ResolvedConfig {
  readonly serviceId: string
  readonly defaultSigningName: string
  readonly protocol: { getShapeId(): string }
  readonly protocolSettings: ProtocolSettings
}

type ClientClass = new (options: object) => { readonly config: ResolvedConfig }

function configOf(exports: readonly [string, unknown][]): ResolvedConfig {
  const found = exports.find(([key, value]) => typeof value === 'function' && /^[A-Z]\w*Client$/.test(key))
  if (!found) throw new Error('The module is not a client package: it exports no client')
  const Client = found[1] as ClientClass
  const credentials = { accessKeyId: 'none', secretAccessKey: 'none' }
  return new Client({ region: 'us-east-1', credentials }).config
}

/** An operation's schema is a tuple that starts with 9. */
const isOperation = (schema: unknown): schema is StaticOperationSchema =>
  Array.isArray(schema) && schema[0] === 9

function operationOf(
  [, , name, traits, input, output]: StaticOperationSchema,
  handlers: Record<string, unknown>,
): Operation {
  const handler = handlers[name]
  return {
    name,
    input: NormalizedSchema.of(input),
    output: NormalizedSchema.of(output),
    route: typeof traits === 'object' && traits.http ? compileRoute(traits.http) : undefined,
    handler: typeof handler === 'function' ? (handler as AnyHandler) : undefined,
  }
}

/** Looks through the client's own registries: `TypeRegistry.for` is shared by all clients of the process. */
function findError({ defaultNamespace, errorTypeRegistries }: ProtocolSettings, name: string) {
  const id = `${defaultNamespace}#${name}`
  const registry = errorTypeRegistries.find((each) => each.find(isError(id)) !== undefined)
  return registry?.getSchema(id) as StaticErrorSchema | undefined
}

/** An error's schema is a tuple that starts with -3. */
const isError = (id: string) => (schema: unknown) =>
  Array.isArray(schema) && schema[0] === -3 && `${schema[1]}#${schema[2]}` === id
