/** Puts the engine together: gateway, registry, what performs effects, and where state is kept. */
import { createDynamodb, type Dynamodb } from './dynamodb/index.ts'
import { Engine } from './engine.ts'
import { admin } from './host/admin.ts'
import type { Clock } from './host/clock.ts'
import { performerOf } from './host/effects.ts'
import { type FunctionLogEntry, functionEffects } from './host/functions.ts'
import { closeServer, createHttpServer, listen, type Mount } from './host/http.ts'
import { type IdSource, randomIds } from './host/ids.ts'
import { targetPerformers } from './host/targets.ts'
import { type ServiceName, services } from './services.ts'
import { gateway } from './wire/gateway.ts'

export interface DrydockOptions {
  /** 4566 unless told; 0 for any free one. */
  readonly port?: number
  /** 127.0.0.1 unless told. */
  readonly host?: string
  /** How tasks run: `auto` is `process` where the system allows it. */
  readonly tasks?: 'auto' | 'process' | 'simulated'
  /** Keeps state across restarts; without it everything is gone on close. */
  readonly dataDir?: string
  readonly clock?: Clock
  readonly ids?: IdSource
  /** Told of every log entry of a function as it is written. */
  readonly onFunctionLog?: (entry: FunctionLogEntry) => void
  /** More listeners by path, such as a console. */
  readonly mounts?: readonly Mount[]
  /** Told of bugs, which otherwise are printed to stderr with their stack; the engine goes on. */
  readonly onFault?: (error: unknown, what: string) => void
}

/** A running engine. */
export interface Drydock {
  readonly engine: Engine
  /** Where clients reach it: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** The last log entries of a function, oldest first, by its ARN. */
  functionLogs(functionArn: string): readonly FunctionLogEntry[]
  /** Forgets everything at once: state, tasks, functions, queues, tables. */
  reset(): Promise<void>
  /** Ends all tasks and functions, keeps state if there is a data folder, and stops listening. */
  close(): Promise<void>
}

const VERSION = '0.1.0'

/** Starts an engine. Throws an Error that says what to do where it cannot listen or its data is not usable. */
export async function startDrydock(options: DrydockOptions = {}): Promise<Drydock> {
  const { host = '127.0.0.1', port = 4566, ids = randomIds(), onFault = printFault } = options
  const kept = options.dataDir === undefined ? {} : { dataDir: options.dataDir }
  const functions = functionEffects({
    ...kept,
    ...(options.onFunctionLog && { onLog: options.onFunctionLog }),
  })
  const engine = new Engine({
    ids,
    ...(options.clock && { clock: options.clock }),
    perform: performerOf(targetPerformers, functions.performers),
    onBug: (error) => onFault(error, 'engine'),
  })
  const dynamodb = createDynamodb({ ...kept, now: () => engine.clock.now() })
  const reset = async () => {
    engine.forget()
    await Promise.all([functions.reset(), dynamodb.reset()])
  }
  const own = admin({ host, reset, onFault, state: () => engine.snapshot(), health: () => healthOf(engine) })
  const server = createHttpServer([
    { path: '', listener: awsGateway(engine, dynamodb, ids, onFault) },
    { path: '/_drydock', listener: own },
    { path: '/moto-api', listener: own },
    ...(options.mounts ?? []),
  ])
  const endpoint = await listen(server, host, port)
  engine.endpoint = endpoint
  return {
    engine,
    endpoint,
    functionLogs: functions.logs,
    reset,
    async close() {
      engine.stop()
      await closeServer(server)
      await Promise.all([functions.close(), dynamodb.close()])
    },
  }
}

function awsGateway(
  engine: Engine,
  dynamodb: Dynamodb,
  ids: IdSource,
  onFault: (error: unknown, what: string) => void,
) {
  return gateway({
    mounts: { DynamoDB_20120810: dynamodb.handle },
    services,
    load: async (name) => (await engine.load(name as ServiceName)).model,
    execute: (name, operation, input, caller) =>
      engine.execute(name as ServiceName, operation, input, caller),
    newRequestId: () => ids.uuid(),
    onFault,
  })
}

function healthOf(engine: Engine): object {
  return { status: 'ok', version: VERSION, services: engine.loaded() }
}

function printFault(error: unknown, what: string): void {
  console.error(`A bug in ${what}:`, error)
}
