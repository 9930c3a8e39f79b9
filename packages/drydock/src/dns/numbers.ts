/**
 * Numbers for choosing among records: quick, the same for the same seed, and no secret. One from the system's source
 * costs as much as all the rest of an answer.
 */
import type { Random } from './choose.ts'

/** Marsaglia, Xorshift RNGs (2003), section 3: period 2^32 - 1. `seed` is a number from 0 to below 1. */
export function numbersFrom(seed: number): Random {
  let state = Math.floor(seed * 2 ** 32) || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
