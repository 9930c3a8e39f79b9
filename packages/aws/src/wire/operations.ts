/** What an SDK module says of its operations: types alone are taken from it, so none of its code is in a bundle. */
import type { Command } from '@smithy/types'

type CommandOf<Module, Name extends string> = Module[`${Name}Command` & keyof Module]

/** The names of a module's operations: `DescribeServices` where it has a `DescribeServicesCommand`. */
export type OperationOf<Module> = {
  [Key in keyof Module]: Key extends `${infer Name}Command` ? Name : never
}[keyof Module] &
  string

/** What an operation takes, as the SDK types it. */
export type InputOf<Module, Name extends string> =
  CommandOf<Module, Name> extends new (...input: infer Input) => unknown ? Exclude<Input, []>[0] : never

/** What an operation answers, as the SDK types it. */
export type OutputOf<Module, Name extends string> =
  CommandOf<Module, Name> extends new (
    ...input: never[]
  ) => Command<infer _ClientInput, infer _Input, infer _ClientOutput, infer Output, infer _Config>
    ? Output
    : never
