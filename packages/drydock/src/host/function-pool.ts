/** Execution environments that are kept warm between invocations: one function's are used by no other. */
import type { FunctionSpec } from '../lambda/effects.ts'
import type { FunctionEnvironment } from './function-environment.ts'

/** How long an environment stays warm without work. AWS gives no number; five to fifteen minutes are usual. */
const IDLE_MS = 5 * 60_000

/** An environment in the pool. */
export interface Pooled {
  readonly functionArn: string
  /** What its code and configuration are: another key needs another environment. */
  readonly key: string
  readonly environment: FunctionEnvironment
  isBusy: boolean
  isRetired: boolean
  idleTimer?: NodeJS.Timeout
}

/** All execution environments of an engine, by what they run. */
export class FunctionPool {
  readonly #all = new Set<Pooled>()

  /** A warm environment, or a new one from `start`. It is the caller's until `free`. */
  take(spec: FunctionSpec, key: string, start: () => FunctionEnvironment): Pooled {
    const idle = [...this.#all].filter((one) => !one.isBusy && one.functionArn === spec.arn)
    const [warm, ...stale] = idle.toSorted((a, b) => Number(b.key === key) - Number(a.key === key))
    for (const one of stale) if (one.key !== key) this.#retire(one)
    if (warm && warm.key === key && warm.environment.isUsable) {
      clearTimeout(warm.idleTimer)
      warm.isBusy = true
      return warm
    }
    if (warm) this.#retire(warm)
    const made = { functionArn: spec.arn, key, environment: start(), isBusy: true, isRetired: false }
    this.#all.add(made)
    return made
  }

  /** Gives an environment back after an invocation. */
  free(one: Pooled): void {
    one.isBusy = false
    if (one.isRetired || !one.environment.isUsable) this.#retire(one)
    else one.idleTimer = setTimeout(() => this.#retire(one), IDLE_MS).unref()
  }

  /** Ends a function's environments, the busy ones after their invocation. */
  retire(functionArn: string): void {
    for (const one of this.#all) if (one.functionArn === functionArn) this.#retire(one)
  }

  /** Ends all environments at once, whatever they do. */
  async endAll(): Promise<void> {
    const all = [...this.#all]
    for (const one of all) this.#retire(one)
    await Promise.all(all.map((one) => one.environment.end()))
  }

  #retire(one: Pooled): void {
    one.isRetired = true
    if (one.isBusy) return
    clearTimeout(one.idleTimer)
    this.#all.delete(one)
    void one.environment.end()
  }
}
