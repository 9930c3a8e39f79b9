/** Load by wrk, over connections that are kept, and what it tells of it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What one run of wrk saw. */
export interface Load {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p99: number
}

const CONNECTIONS = 32

/** Loads a URL for a time. Throws where a response was not 2xx or 3xx, or a connection failed. */
export async function load(url: string, seconds: number): Promise<Load> {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', url]
  const { stdout } = await promisify(execFile)('wrk', args)
  const bad = /Non-2xx.*|Socket errors.*/.exec(stdout)
  if (bad) throw new Error(`wrk on ${url}: ${bad[0]}`)
  const find = (pattern: RegExp) => pattern.exec(stdout)?.slice(1) ?? []
  const [p99 = '', unit = ''] = find(/99%\s+([\d.]+)(us|ms|s)/)
  return {
    requests: Number(find(/(\d+) requests in/)[0]),
    perSecond: Number(find(/Requests\/sec:\s+([\d.]+)/)[0]),
    p99: Number(p99) * ({ us: 0.001, ms: 1, s: 1000 }[unit] ?? Number.NaN),
  }
}

/** What is not installed of what the measurement needs. */
export async function missing(commands: readonly string[]): Promise<string[]> {
  const there = await Promise.all(commands.map(isThere))
  return commands.filter((_, index) => !there[index])
}

/** A command that complains about its argument is there. */
async function isThere(command: string): Promise<boolean> {
  try {
    await promisify(execFile)(command, ['-h'])
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}
