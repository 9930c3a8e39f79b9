/** Functions' code on disk: archives unpacked once by their hash, and folders of the user's that may change. */
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { isOutside } from '../lambda/archive-paths.ts'
import type { CodeLocation } from '../lambda/effects.ts'

/** How many entries of a folder are looked at to see whether it has changed. */
const MOST_ENTRIES = 2000

export interface FunctionCode {
  /** Unpacks an archive, unless that was done before. */
  store(sha256: string, zip: Uint8Array): Promise<void>
  /** The folder that code runs from, and a text that changes when the files in it do. Waits for its unpacking. */
  open(code: CodeLocation): Promise<{ root: string; stamp: string }>
  /** Deletes all that was unpacked. */
  clear(): Promise<void>
}

/** Keeps code under `dataDir`. */
export function functionCode(dataDir: string): FunctionCode {
  const root = join(dataDir, 'functions')
  const storing = new Map<string, Promise<void>>()
  return {
    store(sha256, zip) {
      const stored = storing.get(sha256) ?? unpack(zip, join(root, sha256))
      storing.set(sha256, stored)
      return stored
    },
    async open(code) {
      if (code.kind === 'folder') return { root: code.path, stamp: await stampOf(code.path) }
      await storing.get(code.sha256)
      return { root: join(root, code.sha256), stamp: code.sha256 }
    },
    async clear() {
      storing.clear()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Unpacks beside the target and renames, so that a folder under its hash is always complete. */
async function unpack(zip: Uint8Array, target: string): Promise<void> {
  if (await exists(target)) return
  await mkdir(dirname(target), { recursive: true })
  const beside = await mkdtemp(`${target}.`)
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    if (isOutside(name) || name.endsWith('/')) continue
    await mkdir(join(beside, dirname(name)), { recursive: true })
    await writeFile(join(beside, name), bytes)
  }
  await rename(beside, target)
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/** The newest change in a folder, leaving out dependencies and hidden files. A missing folder has none. */
async function stampOf(root: string): Promise<string> {
  let newest = 0
  let seen = 0
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined && seen < MOST_ENTRIES; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(path)
      else newest = Math.max(newest, (await stat(path).catch(() => undefined))?.mtimeMs ?? 0)
      seen++
    }
  }
  return `${seen}/${newest}`
}
