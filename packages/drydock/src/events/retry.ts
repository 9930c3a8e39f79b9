/** Whether and when a failed delivery is tried again. */
import type { Delivery, ExhaustedCondition } from './state.ts'

/** API Reference, RetryPolicy: the most that a target may ask for, and what holds where it says nothing. */
export const MOST_RETRIES = 185
export const OLDEST_SECONDS = 86_400

const FIRST_DELAY_MS = 1000
/** 185 retries at such a distance fill about the 24 hours that EventBridge tries for. */
const LONGEST_DELAY_MS = 600_000

export type Retry = { readonly at: number } | { readonly exhausted: ExhaustedCondition }

/**
 * When to try a delivery again whose `attempts` have all failed. Distances double up to ten minutes; `jitter` (0 to 1)
 * shortens each by up to a half, so that one is never shorter than the one before until they are longest.
 */
export function nextRetry(
  { attempts, acceptedAt, target }: Pick<Delivery, 'attempts' | 'acceptedAt' | 'target'>,
  now: number,
  jitter: number,
): Retry {
  const { MaximumRetryAttempts = MOST_RETRIES, MaximumEventAgeInSeconds = OLDEST_SECONDS } =
    target.RetryPolicy ?? {}
  if (attempts > MaximumRetryAttempts) return { exhausted: 'MaximumRetryAttempts' }
  const longest = Math.min(FIRST_DELAY_MS * 2 ** (attempts - 1), LONGEST_DELAY_MS)
  const at = now + Math.ceil(longest * (1 - jitter / 2))
  return at > acceptedAt + MaximumEventAgeInSeconds * 1000
    ? { exhausted: 'MaximumEventAgeInSeconds' }
    : { at }
}
