/**
 * The engine's folder: the user's own, which one engine at a time may use, or a temporary one, which goes with the
 * engine. Leftovers of engines that died are swept at the next start.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { messageOf } from '../message-of.ts'
import { StartError } from './start-error.ts'
import { hasCode } from './system-error.ts'

export interface Folder {
  readonly path: string
  /** Whether it outlives the engine. */
  readonly isKept: boolean
  /** Lets others use it, or removes it if it is temporary. Doing it twice does nothing. */
  release(): void
}

/** Folders that engines of this very process use: a lock of the same process id may be a dead engine's. */
const inUse = new Set<string>()

/**
 * Takes the folder at `path`, making it if there is none.
 * Throws an Error that names the folder and what to do if another engine uses it or it cannot be made.
 */
export function takeFolder(path: string): Folder {
  const folder = resolve(path)
  const lock = join(folder, 'lock')
  try {
    mkdirSync(folder, { recursive: true })
    writeLock(folder, lock)
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(
      `The data folder ${folder} cannot be used: ${messageOf(cause)}. Choose another one.`,
      {
        cause,
      },
    )
  }
  inUse.add(folder)
  return {
    path: folder,
    isKept: true,
    release() {
      if (inUse.delete(folder)) rmSync(lock, { force: true })
    },
  }
}

/** Makes a temporary folder, and removes those of engines that died without removing theirs. */
export function takeTemporaryFolder(parent = tmpdir()): Folder {
  sweep(parent)
  const path = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`))
  inUse.add(path)
  return {
    path,
    isKept: false,
    release() {
      inUse.delete(path)
      rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

const PREFIX = 'drydock-'

function writeLock(folder: string, lock: string): void {
  while (!tryLock(lock)) {
    const owner = Number.parseInt(readFileSync(lock, 'utf8'), 10)
    if (isUsed(folder, owner)) {
      throw new StartError(
        `Another engine (process ${owner}) uses the data folder ${folder}. Stop it or choose another folder; ` +
          `if process ${owner} is no Drydock, remove ${lock}.`,
      )
    }
    // Its engine is dead. Taking over is removing and trying again, so that of two who try one wins.
    rmSync(lock, { force: true })
  }
}

function tryLock(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = Number(/^drydock-(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1] ?? Number.NaN)
    const path = join(parent, name)
    if (Number.isNaN(owner) || isUsed(path, owner)) continue
    // It may be another user's, or a program may still write there that is being ended: a later start removes it.
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (!['EACCES', 'EPERM', 'ENOTEMPTY'].some((code) => hasCode(error, code))) throw error
    }
  }
}

function isUsed(path: string, owner: number): boolean {
  return owner === process.pid ? inUse.has(path) : isAlive(owner)
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}
