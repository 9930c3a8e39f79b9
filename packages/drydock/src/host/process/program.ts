/** A container's program: started with a lifeline, signalled, listened to, and gone for certain when it has ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { Duplex, type Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Exit } from '../driver.ts'
import { LIFELINE, lifelineEnvironment } from './lifeline.ts'
import { lineCutter } from './lines.ts'

export interface ProgramOptions {
  /** The program's file and its arguments. */
  readonly command: readonly string[]
  /** A folder on this machine. */
  readonly workingDirectory: string
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>> & { readonly DRYDOCK_TASK: string }
  /** A folder of the engine's alone, removed if the engine dies. */
  readonly folder: string
  readonly onLine: (line: string) => void
}

export interface Program {
  /** The number of its process group. */
  readonly group: number
  /** Resolves when the program and all that it has started are gone. Never rejects. */
  readonly gone: Promise<Exit>
  /** Signals the program itself; nothing happens if it has ended. */
  signal(signal: NodeJS.Signals): void
}

/** How long the watcher may take to end what the program has left behind, before the group is killed from here. */
const WATCHER_MS = 5000
/** How long output may still come from processes that have hidden from the watcher. */
const DRAIN_MS = 500

/** Starts a program in a process group of its own. Rejects if the system cannot start one. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { command, environment, folder, workingDirectory } = options
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const child = spawn('/bin/sh', ['-c', LIFELINE, 'sh', folder, ...variables, ...command], {
    cwd: workingDirectory,
    env: lifelineEnvironment(environment.DRYDOCK_TASK),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  // A program that has become another user's cannot be signalled; that must not end the engine.
  child.on('error', () => {})
  const [stdout, stderr, lifeline] = [child.stdout, child.stderr, child.stdio[3]]
  if (!stdout || !stderr || !(lifeline instanceof Duplex))
    throw new TypeError('a pipe of the program is missing')
  for (const stream of [stdout, stderr]) giveLines(stream, options.onLine)
  return {
    group: child.pid ?? 0,
    gone: untilGone(child, lifeline, [stdout, stderr]),
    // Node does not signal a process that has ended, so no stranger with the same number is ever hit.
    signal: (signal) => void child.kill(signal),
  }
}

function giveLines(stream: Readable, onLine: (line: string) => void): void {
  const cutter = lineCutter(onLine)
  stream.on('data', (chunk: Buffer) => cutter.write(chunk))
  stream.once('close', () => cutter.end())
  stream.on('error', () => stream.destroy())
}

async function untilGone(child: ChildProcess, lifeline: Duplex, outputs: Readable[]): Promise<Exit> {
  const drained = new Promise((resolve) => child.once('close', resolve))
  const cut = new Promise((resolve) => lifeline.once('close', resolve))
  lifeline.on('error', () => lifeline.destroy()).resume()
  // Without its watcher a program could outlive the engine, so it does not outlive its watcher.
  lifeline.once('end', () => killGroup(child))
  const exitCode = await new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
  lifeline.end('end\n')
  await Promise.race([cut, delay(WATCHER_MS, undefined, { ref: false })])
  killGroup(child)
  await Promise.race([drained, delay(DRAIN_MS, undefined, { ref: false })])
  for (const output of outputs) output.destroy()
  return { exitCode }
}

/** The group keeps the number of the program that led it, and no other process gets that while a member lives. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: nobody is left.
  }
}
