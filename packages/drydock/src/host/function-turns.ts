/**
 * Turns for asynchronous invocations: a burst of events would otherwise start as many environments of a function at
 * once, which one machine feels and AWS does not. Synchronous invocations never wait here, because a function that
 * waits for another could then wait for ever.
 */
import { availableParallelism } from 'node:os'

const MOST_AT_ONCE = Math.max(4, availableParallelism())

/** Who runs and who waits, by function. First come, first served. */
export class FunctionTurns {
  readonly #most: number
  readonly #running = new Map<string, number>()
  readonly #waiting = new Map<string, ((isMine: boolean) => void)[]>()

  /** `most` turns of one function at once: as many as the machine has processors, and four at least. */
  constructor(most = MOST_AT_ONCE) {
    this.#most = most
  }

  /** Waits for a turn. False if all were sent away instead; only a turn that was had is left. */
  async enter(functionArn: string): Promise<boolean> {
    const running = this.#running.get(functionArn) ?? 0
    if (running < this.#most) {
      this.#running.set(functionArn, running + 1)
      return true
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiting = this.#waiting.get(functionArn) ?? []
    this.#waiting.set(functionArn, [...waiting, resolve])
    return await promise
  }

  /** Passes the turn on to who has waited longest. */
  leave(functionArn: string): void {
    const [next, ...others] = this.#waiting.get(functionArn) ?? []
    this.#waiting.set(functionArn, others)
    if (next) next(true)
    else this.#running.set(functionArn, (this.#running.get(functionArn) ?? 1) - 1)
  }

  /** Sends all away that wait. */
  clear(): void {
    const waiting = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    for (const resolve of waiting) resolve(false)
  }
}
