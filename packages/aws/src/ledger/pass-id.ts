/** Ids of what is decided, deployed and told. */
import { randomBytes } from 'node:crypto'

/**
 * An id that may be the value of an AWS tag, and that sorts by time and, within a millisecond, by the record's version:
 * `20260101T000000000Z-00007-1a2b3c4d`.
 */
export function passId(now: number, version: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
  return `${time}-${String(version).padStart(5, '0')}-${randomBytes(4).toString('hex')}`
}
