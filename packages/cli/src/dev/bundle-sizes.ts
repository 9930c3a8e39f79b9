/** How large the doors' bundles are, and what was written down of it: a regression is found when it is made. */
import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import type { Bundle } from './bundle.ts'

/** Bytes, unzipped. */
export interface BundleSizes {
  /** By door. */
  readonly doors: Readonly<Record<string, number>>
  /** By package, in the door that carries most of it. */
  readonly packages: Readonly<Record<string, number>>
}

/** A door may have so many bytes. */
export const MOST_BYTES = 400_000
/** How much more than what is written down a door or a package may have. */
const TOLERANCE = 1.1
/** Less than this is no package's worth a look. */
const LEAST_BYTES = 2000

export const SIZES_FILE = new URL('./bundle-sizes.json', import.meta.url)

/** What is written down: `npm run bench -- bundle --write` does it. */
export const writtenSizes = (): BundleSizes => JSON.parse(readFileSync(SIZES_FILE, 'utf8'))

/** The sizes of bundles. */
export function sizesOf(bundles: readonly Bundle[]): BundleSizes {
  const packages: Record<string, number> = {}
  for (const [name, bytes] of bundles.flatMap(({ parts }) => Object.entries(parts)))
    if (bytes >= LEAST_BYTES) packages[name] = Math.max(bytes, packages[name] ?? 0)
  const largestFirst = Object.entries(packages).toSorted(([, a], [, b]) => b - a)
  return {
    doors: Object.fromEntries(bundles.map((bundle) => [bundle.name, bytesOf(bundle)])),
    packages: Object.fromEntries(largestFirst),
  }
}

/** The most that a door or a package may have, by what is written down; a package that is new there may have nothing. */
export const mostOf = (written = 0): number => Math.floor(written * TOLERANCE)

const bytesOf = ({ zip }: Bundle) => Object.values(unzipSync(zip))[0]?.length ?? 0
