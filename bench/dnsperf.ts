/** Load by dnsperf over UDP, in a process of its own with one thread, and what it tells of it. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What one run of dnsperf saw. */
export interface DnsLoad {
  readonly completed: number
  readonly lost: number
  readonly perSecond: number
}

/** As many at once as a full socket still holds; two seconds without an answer are a loss. */
const WITH = ['-c', '4', '-T', '1', '-q', '200', '-t', '2']

/**
 * Asks a server at `port` the questions of a file, over and over, as fast as it answers or `mostPerSecond`. Throws where
 * an answer was none: the questions are of names that are there.
 */
export async function ask(
  port: number,
  file: string,
  seconds: number,
  mostPerSecond?: number,
): Promise<DnsLoad> {
  const paced = mostPerSecond === undefined ? [] : ['-Q', `${mostPerSecond}`]
  const args = ['-s', '127.0.0.1', '-p', `${port}`, '-d', file, '-l', `${seconds}`, ...WITH, ...paced]
  const { stdout } = await promisify(execFile)('dnsperf', args)
  const find = (pattern: RegExp) => pattern.exec(stdout)?.[1] ?? ''
  const codes = find(/Response codes:\s+(.*)/)
  if (/[A-Z]+/g.exec(codes.replace('NOERROR', ''))) throw new Error(`dnsperf at port ${port}: ${codes}`)
  return {
    completed: Number(find(/Queries completed:\s+(\d+)/)),
    lost: Number(find(/Queries lost:\s+(\d+)/)),
    perSecond: Number(find(/Queries per second:\s+([\d.]+)/)),
  }
}
