/**
 * The types of a service's handlers, taken from the command classes of its client package: a wrong member, output or
 * operation name does not compile, and the types follow the SDK.
 */
import type { Readable } from 'node:stream'

/** A client's command, as far as it tells the types of its input and output. */
interface Command<I, O> {
  readonly input: I
  resolveMiddleware(stack: never, config: never, options: never): (args: never) => Promise<{ output: O }>
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

/** Nothing may be returned where no member is required. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement returns void, not undefined
type Returned<O> = O | (object extends O ? void : never)

/** A promise is for deferred outputs only (`context.defer`): an operation itself is synchronous. */
type Handler<I, O, C> = (
  input: ServerInput<I>,
  context: C,
) => Returned<ServerOutput<O>> | Promise<Returned<ServerOutput<O>>>

type OperationName<K> = K extends `${infer Name}Command` ? (Name extends '$' ? never : Name) : never

/** `{ CreateCluster?(input: CreateClusterCommandInput, context): CreateClusterCommandOutput, … }` */
export type Handlers<M, C> = {
  [K in keyof M as OperationName<K>]?: M[K] extends abstract new (
    ...args: never
  ) => Command<infer I, infer O>
    ? Handler<I, O, C>
    : never
}
