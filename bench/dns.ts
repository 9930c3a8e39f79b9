/**
 * The DNS server beside Knot DNS with one worker, with the same zone of 5,000 records, in turns: queries answered in a
 * second and processor time for each, then what is lost at half of the least that is wanted while the API is called, and
 * what 100 records cost. All programs run in processes of their own.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ask, type DnsLoad } from './dnsperf.ts'
import { type NameServer, startKnot, untilItAnswers } from './knot.ts'
import { end, freePort, type Measured, median, processorTimeOf, start } from './measure.ts'
import { createZone, masterFile, questions, sdkOf, ZONE } from './named.ts'
import { missing } from './wrk.ts'

const RECORDS = 5000
const FEW_RECORDS = 100
const ROUNDS = 5
const ROUND_SECONDS = 4
/** Until what runs often has been compiled for speed. */
const WARM_UP_SECONDS = 4
const LEAST_PER_SECOND = 40_000
const HALF_SECONDS = 10
const BETWEEN_CALLS_MS = 20

/** Measures all. Throws where dnsperf or knotd is missing, and says what to install. */
export async function measureDns(): Promise<Measured[]> {
  const lacking = await missing(['dnsperf', 'knotd'])
  if (lacking.length)
    throw new Error(
      `This needs ${lacking.join(' and ')}. On Debian: apt-get install --no-install-recommends dnsperf knot`,
    )
  const folder = await mkdtemp(join(tmpdir(), 'drydock-dns-'))
  try {
    return await measureAll(await questionsIn(folder, RECORDS), await questionsIn(folder, FEW_RECORDS))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function questionsIn(folder: string, count: number): Promise<string> {
  const file = join(folder, `${count}`)
  await writeFile(file, questions(count))
  return file
}

async function measureAll(manyQuestions: string, fewQuestions: string): Promise<Measured[]> {
  await using knot = await startKnot(ZONE, masterFile(RECORDS))
  await using many = await startDrydock(RECORDS)
  await using few = await startDrydock(FEW_RECORDS)
  const subjects: Subject[] = [
    { server: many, questions: manyQuestions },
    { server: knot, questions: manyQuestions },
    { server: few, questions: fewQuestions },
  ]
  for (const { server, questions } of subjects) await ask(server.port, questions, WARM_UP_SECONDS)
  const rounds: Round[][] = []
  for (let index = 0; index < ROUNDS; index++) rounds.push(await turn(subjects))
  return [...speedOf(rounds), ...(await measureHalf(many, manyQuestions))]
}

interface Engine extends NameServer {
  readonly endpoint: string
}

/** An engine with a zone of `count` records. */
async function startDrydock(count: number): Promise<Engine> {
  const [api, port] = [await freePort(), await freePort()]
  const bin = 'packages/cli/bin/drydock.js'
  const child = start(process.execPath, [bin, '--port', `${api}`, '--dns-port', `${port}`])
  const stop = () => end(child)
  const endpoint = `http://127.0.0.1:${api}`
  try {
    await createZone(endpoint, count)
    await untilItAnswers(port, ZONE)
    return { port, endpoint, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Subject {
  readonly server: NameServer
  readonly questions: string
}

interface Round extends DnsLoad {
  /** Processor time for one query, in microseconds. */
  readonly cost: number
}

/** One after the other, so that whatever else the machine does falls on all. */
async function turn(subjects: readonly Subject[]): Promise<Round[]> {
  const rounds: Round[] = []
  for (const { server, questions } of subjects) {
    const before = processorTimeOf(server.pid)
    const seen = await ask(server.port, questions, ROUND_SECONDS)
    rounds.push({ ...seen, cost: ((processorTimeOf(server.pid) - before) * 1000) / seen.completed })
  }
  return rounds
}

function speedOf(rounds: readonly Round[][]): Measured[] {
  const middle = (who: number, what: keyof Round) =>
    median(rounds.map((each) => each[who]?.[what] ?? Number.NaN))
  const both = (what: keyof Round) => ({
    value: middle(0, what),
    peer: { name: 'knot', value: middle(1, what) },
  })
  const fewer = (what: keyof Round) => ({
    value: middle(2, what),
    peer: { name: `with ${RECORDS}`, value: middle(0, what) },
  })
  return [
    {
      what: `queries answered, ${RECORDS} records`,
      unit: '/s',
      least: LEAST_PER_SECOND,
      ...both('perSecond'),
    },
    { what: 'processor time for a query', unit: 'µs', ...both('cost') },
    { what: 'queries lost in a round', unit: '', ...both('lost') },
    { what: `queries answered, ${FEW_RECORDS} records`, unit: '/s', ...fewer('perSecond') },
    { what: `processor time, ${FEW_RECORDS} records`, unit: 'µs', ...fewer('cost') },
  ]
}

/** Half of what is wanted, with calls of the API all the while. */
async function measureHalf({ port, pid, endpoint }: Engine, questions: string): Promise<Measured[]> {
  const half = LEAST_PER_SECOND / 2
  const before = processorTimeOf(pid)
  const calls = new AbortController()
  const times = callUntil(endpoint, calls.signal)
  const seen = await ask(port, questions, HALF_SECONDS, half)
  calls.abort()
  const busy = (processorTimeOf(pid) - before) / (HALF_SECONDS * 10)
  return [
    { what: `answered of ${half} queries a second`, value: seen.perSecond, unit: '/s', least: half * 0.99 },
    { what: 'lost of these', value: seen.lost, unit: '', limit: 0 },
    { what: 'of a processor for them', value: busy, unit: '%' },
    { what: 'an API call meanwhile, median', value: median(await times), unit: 'ms' },
  ]
}

/** How long each of the calls took, in milliseconds. */
async function callUntil(endpoint: string, signal: AbortSignal): Promise<number[]> {
  const route53 = sdkOf(endpoint)
  const times: number[] = []
  while (!signal.aborted) {
    const from = performance.now()
    await route53.listHostedZones()
    times.push(performance.now() - from)
    await wait(BETWEEN_CALLS_MS)
  }
  return times
}
