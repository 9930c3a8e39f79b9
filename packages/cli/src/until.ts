/** Waits for what others do, as a person would: by asking until it is so. */
import { setTimeout as wait } from 'node:timers/promises'
import { Failure } from '@capstan/core/failure.ts'

const ASK_EVERY_MS = 100
const GIVE_UP_AFTER_MS = 60_000

/**
 * Asks until `see` gives something, and resolves with it: each tenth of a second unless told. After a minute throws a
 * Failure with what `what` then says is missing.
 */
export async function until<T>(
  what: () => string,
  see: () => Promise<T | undefined>,
  everyMs = ASK_EVERY_MS,
): Promise<T> {
  const giveUp = Date.now() + GIVE_UP_AFTER_MS
  for (;;) {
    const seen = await see()
    if (seen !== undefined) return seen
    if (Date.now() > giveUp)
      throw new Failure('UNAVAILABLE', `It did not come to pass within a minute: ${what()}.`)
    await wait(everyMs)
  }
}
