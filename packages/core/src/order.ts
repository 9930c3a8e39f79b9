/** How two tags compare: what is read from a tag (its key) under each order, and which of two keys is the higher. */
import compare from 'semver/functions/compare.js'
import type { Order } from './policy.ts'
import { parseTimestamp } from './timestamp.ts'
import { parseVersion, type SemVer } from './version.ts'

/** What an image is ordered by. `pushed` is not read from a tag: it is when the image came to the repository. */
export type OrderKey =
  | { readonly order: 'semver'; readonly version: SemVer }
  | { readonly order: 'numeric'; readonly digits: string }
  | { readonly order: 'alphabetical'; readonly text: string }
  | { readonly order: 'timestamp'; readonly at: number }
  | { readonly order: 'pushed'; readonly at: number }

/** The key of a text under an order; `undefined` if the text cannot be read so. */
export function parseKey(order: Order, text: string): OrderKey | undefined {
  switch (order) {
    case 'semver': {
      const version = parseVersion(text)
      return version && { order, version }
    }
    case 'numeric':
      return /^[0-9]+$/.test(text) ? { order, digits: text.replace(/^0+(?=[0-9])/, '') } : undefined
    case 'alphabetical':
      return text === '' ? undefined : { order, text }
    case 'timestamp': {
      const at = parseTimestamp(text)
      return at === undefined ? undefined : { order, at }
    }
  }
}

/**
 * Negative, zero or positive as `a` is lower than, level with or higher than `b`. Keys of different orders are level:
 * neither says anything about the other.
 */
export function compareKeys(a: OrderKey, b: OrderKey): number {
  if (a.order === 'semver' && b.order === 'semver') return compare(a.version, b.version)
  if (a.order === 'numeric' && b.order === 'numeric') return compareDigits(a.digits, b.digits)
  if (a.order === 'alphabetical' && b.order === 'alphabetical') return compareText(a.text, b.text)
  if (a.order === b.order && 'at' in a && 'at' in b) return a.at - b.at
  return 0
}

/** By code units, which for tags (ASCII) is by code points: capitals before small letters, `10` before `9`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

// Build numbers may be longer than a number holds: without leading zeros the longer one is the higher one.
function compareDigits(a: string, b: string): number {
  return a.length - b.length || compareText(a, b)
}
