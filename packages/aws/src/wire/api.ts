/** Typed calls of a service, each counted, and each error translated: what the rest of the package holds in its hand. */
import { toFailure } from '../sdk-error.ts'
import { type Caller, type ConnectionOptions, connectTo } from './connection.ts'
import type { InputOf, OperationOf, OutputOf } from './operations.ts'
import type { Service } from './services.ts'
import type { Shape, Shaped } from './xml.ts'

/** How often each operation was called, calls that were made again not counted: `{ 'ECS UpdateService': 1 }`. */
export type CallCounts = Record<string, number>

/** A service that answers in JSON: the SDK's module says what operations take and answer. */
export interface Api<Module> {
  /** Makes a call. Rejects with `Failure` for what was foreseen. */
  call<Name extends OperationOf<Module>>(
    operation: Name,
    input: InputOf<Module, Name>,
  ): Promise<OutputOf<Module, Name>>
}

/** A service that answers in XML: of its answers is there what the shapes name. */
export interface ShapedApi<Shapes extends Readonly<Record<string, Shape>>, Inputs = Record<string, object>> {
  /** Makes a call. Rejects with `Failure` for what was foreseen. */
  call<Name extends keyof Shapes & keyof Inputs & string>(
    operation: Name,
    input: Inputs[Name],
  ): Promise<Shaped<Shapes[Name]>>
}

export interface ApiOptions extends ConnectionOptions {
  readonly calls: CallCounts
  /** Added to what an error says of the call. */
  readonly where?: string
}

export type Call = (operation: string, input: object) => Promise<object>

/** The calls of a service, in the name of `caller`, under the types that the service's own module says. */
export function apiOf<Own extends object>(service: Service, caller: Caller, options: ApiOptions): Own {
  const { calls, where = '' } = options
  const send = connectTo(service, caller, options)
  const call: Call = async (operation, input) => {
    const name = `${service.name} ${operation}`
    calls[name] = (calls[name] ?? 0) + 1
    try {
      return await send(operation, input)
    } catch (error) {
      throw toFailure(error, `${name}${where}`)
    }
  }
  return { call } as unknown as Own
}
