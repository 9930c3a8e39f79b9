/** A harness for tests: an engine of its own on a free port, with time and ids that repeat. */
import { systemClock, virtualClock } from './host/clock.ts'
import { seededIds } from './host/ids.ts'
import { type Drydock, type DrydockOptions, startDrydock } from './server.ts'

/** What every SDK client of a test takes: `new ECSClient(drydock.config)`. */
export interface ClientConfig {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly maxAttempts: number
}

export interface TestEngine extends Drydock, AsyncDisposable {
  readonly config: ClientConfig
  /** Bugs that the engine met: a test of good behaviour expects none. */
  readonly faults: readonly unknown[]
}

export interface TestEngineOptions
  extends Omit<DrydockOptions, 'clock' | 'ids' | 'onFault' | 'port' | 'host'> {
  /** `virtual` (unless told) stands still until `engine.advance('30s')`; `system` is the machine's. */
  readonly clock?: 'virtual' | 'system'
}

/** Starts an engine for a test; tasks are simulated unless told. Close it, or declare it with `await using`. */
export async function testEngine(options: TestEngineOptions = {}): Promise<TestEngine> {
  const { clock = 'virtual', ...rest } = options
  const faults: unknown[] = []
  const drydock = await startDrydock({
    tasks: 'simulated',
    ...rest,
    port: 0,
    clock: clock === 'virtual' ? virtualClock() : systemClock(),
    ids: seededIds(1),
    onFault: (error) => void faults.push(error),
  })
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const config = { endpoint: drydock.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  return { ...drydock, config, faults, [Symbol.asyncDispose]: () => drydock.close() }
}
