/** Ids for what the engine makes: random ones for use, counted ones for tests that compare. */
import { createHash, randomBytes } from 'node:crypto'

export interface IdSource {
  /** `length` hexadecimal digits. */
  hex(length: number): string
  /** A UUID (RFC 9562, version 4 in form). */
  uuid(): string
}

/** Ids that no one can guess or repeat. */
export function randomIds(): IdSource {
  return idsFrom((size) => randomBytes(size).toString('hex'))
}

/** The same ids in the same order for the same seed. */
export function seededIds(seed: number): IdSource {
  let count = 0
  return idsFrom(() => createHash('sha512').update(`${seed}/${count++}`).digest('hex'))
}

function idsFrom(next: (size: number) => string): IdSource {
  return {
    hex: (length) => next(Math.ceil(length / 2)).slice(0, length),
    uuid() {
      const h = next(16)
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
    },
  }
}
