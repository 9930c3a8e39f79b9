/**
 * State that outlives the process: one JSON file, read at the start, written a moment after changes and at the end. It
 * is replaced as a whole, so that a crash leaves the old one or the new one.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../engine.ts'
import { isRecord } from '../json.ts'
import { services } from '../services.ts'
import { StartError } from './start-error.ts'
import { hasCode } from './system-error.ts'

export interface StateFile {
  /** What was kept; empty if there is no file. Throws an Error that names the file and what to do if it is damaged. */
  read(): Home[]
  /** Notes that the state has changed: it is written a moment later, together with changes that follow. */
  changed(): void
  /** Writes what is still to be written, and nothing after that. */
  close(): void
}

export interface StateFileOptions {
  readonly folder: string
  /** The state as it is now. */
  readonly snapshot: () => Home[]
  /** Told when the file could not be written; it is tried again after the next change. */
  readonly onFault: (error: unknown, what: string) => void
}

/** Changes within this time are written together. */
const DEBOUNCE_MS = 200
/** Writing takes at most a tenth of the time: the larger the state, the longer the pause. */
const PAUSE_FACTOR = 10

const FORMAT = 'drydock-state'
/** Raised with every change to a service's state that what was kept before does not have: it is not carried over. */
const VERSION = 2

/** The file `state.json` in `folder`. */
export function stateFile({ folder, snapshot, onFault }: StateFileOptions): StateFile {
  const path = join(folder, 'state.json')
  let timer: NodeJS.Timeout | undefined
  let pauseMs = DEBOUNCE_MS
  let isClosed = false

  function write(): void {
    timer = undefined
    const began = performance.now()
    // For its owner alone: environment variables of tasks and functions are in it.
    try {
      writeFileSync(`${path}.new`, JSON.stringify({ format: FORMAT, version: VERSION, homes: snapshot() }), {
        mode: 0o600,
      })
      renameSync(`${path}.new`, path)
    } catch (error) {
      onFault(error, `writing ${path}`)
    }
    pauseMs = Math.max(DEBOUNCE_MS, (performance.now() - began) * PAUSE_FACTOR)
  }

  return {
    read: () => parse(path),
    changed() {
      if (!isClosed) timer ??= setTimeout(write, pauseMs)
    },
    close() {
      isClosed = true
      if (!timer) return
      clearTimeout(timer)
      write()
    },
  }
}

function parse(path: string): Home[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
  const problem = (what: string, cause?: unknown, first = 'Put back a copy of it') =>
    new StartError(`${path} ${what}. ${first}, or remove its folder to start empty.`, { cause })
  let kept: unknown
  try {
    kept = JSON.parse(text)
  } catch (cause) {
    throw problem('is damaged: it is not whole JSON', cause)
  }
  if (!isRecord(kept) || kept.format !== FORMAT) throw problem('is no state of Drydock')
  if (kept.version !== VERSION) {
    const what = `is of format ${kept.version}, and this Drydock reads format ${VERSION}`
    throw problem(what, undefined, 'Start the Drydock that wrote it')
  }
  if (!Array.isArray(kept.homes) || !kept.homes.every(isHome))
    throw problem('is damaged: a state in it is unknown')
  return kept.homes
}

function isHome(value: unknown): value is Home {
  if (!isRecord(value) || !isRecord(value.scope) || !isRecord(value.state)) return false
  const { accountId, region } = value.scope
  const isKnown = typeof value.name === 'string' && Object.hasOwn(services, value.name)
  return isKnown && typeof accountId === 'string' && typeof region === 'string'
}
