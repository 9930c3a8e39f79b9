/** Keys that mean nothing where they stand: most are slips of the keyboard, so the nearest known one is named. */
import { nearest } from './nearest.ts'
import type { Problem } from './problem.ts'

/** The keys of `entry` that are none of `known`; `where` begins the sentences about them. */
export function unknownKeys(entry: object, known: readonly string[], where: string): Problem[] {
  return Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const all = known.length > 1 ? `one of ${known.join(', ')}` : known.join()
      const instead = nearest(key, known) ?? all
      return { path: [key], sentence: `${where} has an unknown key "${key}"; write ${instead}.` }
    })
}
