/** What every measurement needs: a free port, a process with its memory, the middle of a list, and a verdict. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** One line of a result: what was measured, beside its limit and a peer measured in the same run. */
export interface Measured {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** The most that is allowed; absent where the number is only told. */
  readonly limit?: number
  /** The least that is wanted, where more is better. */
  readonly least?: number
  readonly peer?: { readonly name: string; readonly value: number }
}

/** The middle value; the mean of the middle two would be a number that nobody measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
}

/** A port of 127.0.0.1 that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Starts a program whose output goes nowhere, in a process group of its own. */
export function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, [...args], { stdio: 'ignore', detached: true })
}

/** Ends a program and what it started; resolves when it has ended. */
export function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    process.kill(-child.pid, 'SIGTERM')
  })
}

/** Resident memory of a process and all its descendants, in MB (proc(5): VmRSS). Linux only. */
export function memoryOf(pid: number): number {
  const kilobytes = familyOf(pid).map((name) => Number(statusOf(name, 'VmRSS')))
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024
}

/** Processor time of a process and all its descendants so far, in milliseconds (proc(5): utime and stime). Linux only. */
export function processorTimeOf(pid: number): number {
  return familyOf(pid).reduce((sum, name) => sum + ticksOf(name) * MS_PER_TICK, 0)
}

/** USER_HZ is 100 wherever Linux runs Node. */
const MS_PER_TICK = 10

function ticksOf(process: string): number {
  // The name of the program, in brackets, may have anything in it.
  const [, after = ''] = /^.*\) (.*)/s.exec(fileOf(process, 'stat')) ?? []
  const fields = after.split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function familyOf(pid: number): string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const parents = new Map(processes.map((name) => [Number(name), Number(statusOf(name, 'PPid'))]))
  const isOurs = (id: number | undefined): boolean =>
    id !== undefined && (id === pid || isOurs(parents.get(id) || undefined))
  return processes.filter((name) => isOurs(Number(name)))
}

const statusOf = (process: string, field: string) =>
  new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(fileOf(process, 'status'))?.[1] ?? '0'

function fileOf(process: string, name: string): string {
  try {
    return readFileSync(`/proc/${process}/${name}`, 'utf8')
  } catch {
    return '' // ended since the listing
  }
}
