/** How many requests a service takes of an account: a bucket of tokens that fills by the engine's clock. */
import { AwsError } from '../wire/errors.ts'

/** A limit of requests. */
export interface Rate {
  /** Requests that are taken for ever. */
  readonly perSecond: number
  /** Requests that are taken at once after a time of rest. */
  readonly burst: number
}

/** Takes a request of an account, or throws Throttling (Route 53 Developer Guide, quotas: API requests). */
export type TakeRequest = (accountId: string) => void

/** Counts by account. `now` is in milliseconds. */
export function limitedTo({ perSecond, burst }: Rate, now: () => number): TakeRequest {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (accountId) => {
    const at = now()
    const before = buckets.get(accountId) ?? { tokens: burst, at }
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1000) * perSecond)
    buckets.set(accountId, { tokens: tokens < 1 ? tokens : tokens - 1, at })
    if (tokens < 1) throw new AwsError('Throttling', 'Rate exceeded')
  }
}
