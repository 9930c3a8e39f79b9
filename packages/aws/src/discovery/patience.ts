/** Waits where AWS says "not now", as long as there is time: the one place of discovery where a call is made again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '@capstan/core/failure.ts'

/** What waiting rests on, handed in so that a test needs no time. */
export interface Pace {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly wait?: (ms: number) => Promise<unknown>
  /** From 0 to less than 1. */
  readonly random?: () => number
}

/** Route 53 gives back a request each 100 ms to all writers of an account; the first wait is about that long. */
const FIRST_MS = 200
const LONGEST_MS = 5_000

/** Errors that say for certain that nothing was done. Other failures leave open whether the answer alone was lost. */
const THROTTLED = /Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|PriorRequestNotComplete/

/**
 * Makes a call until AWS takes it. Waits are of any length up to a limit that doubles ("full jitter"): writers that were
 * refused together do not come back together, whoever they are. Throws `Failure` UNAVAILABLE where the next try would be
 * after `deadline` (ms since the epoch), and any other error at once.
 */
export async function patiently<T>(call: () => Promise<T>, deadline: number, pace: Pace): Promise<T> {
  const { now, wait = sleep, random = Math.random } = pace
  for (let limit = FIRST_MS; ; limit = Math.min(LONGEST_MS, limit * 2)) {
    try {
      return await call()
    } catch (error) {
      const ms = random() * limit
      if (!isUnavailable(error) || now() + ms >= deadline) throw error
      await wait(ms)
    }
  }
}

/** Whether AWS could not be asked now, or would not answer now. */
export function isUnavailable(error: unknown): error is Failure {
  return error instanceof Failure && error.code === 'UNAVAILABLE'
}

/** Whether a failure may have taken effect all the same: no answer came, or one of 5xx. */
export function mayBeDone(error: unknown): boolean {
  return isUnavailable(error) && !THROTTLED.test(sdkName(error))
}

/** The name of the SDK's error behind a failure, as the API reference lists it; nothing for any other error. */
export function sdkName(error: unknown): string {
  return error instanceof Failure && error.cause instanceof Error ? error.cause.name : ''
}
