// What an installation is known by. Runs on Node 20, needs nothing.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Holds the hash of the lock file that was installed last. */
export const stamp = join(root, 'node_modules', '.installed')

/** Where Node keeps compiled code for packages/cli/bin/launch.js. */
export const compileCache = join(root, 'node_modules', '.cache', 'compiled')

/** The text of a file; undefined if there is none. */
export function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** What the lock file is known by. */
export function lockHash() {
  const text = read(join(root, 'package-lock.json')) ?? ''
  return createHash('sha256').update(text).digest('hex')
}
