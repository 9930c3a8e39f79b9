/**
 * An application load balancer beside nginx as a reverse proxy with one worker, in front of the same target: requests
 * per second, processor time for each and the slowest per cent, in turns. Then whether the engine's memory stays what it
 * is over a million requests, and over a gigabyte each way. All programs run in processes of their own.
 */
import { type Balancer, startBalancer } from './balancer.ts'
import { freePort, type Measured, median, memoryOf, processorTimeOf } from './measure.ts'
import { startProxy, startTarget } from './nginx.ts'
import { download, startStreamTarget, upload } from './streams.ts'
import { type Load, load, missing } from './wrk.ts'

const ROUNDS = 7
const ROUND_SECONDS = 4
/** Until what runs often has been compiled for speed. */
const WARM_UP_SECONDS = 10
const REQUESTS = 1_000_000
const SAMPLE_EVERY_MS = 100

/** Above what the engine begins with: compiled code and warm pools stay. A leak of 15 bytes for each request is more. */
const KEPT_MB = 30
const BUFFERS_MB = 30

/** Measures all. Throws where wrk or nginx is missing, and says what to install. */
export async function measureProxy(): Promise<Measured[]> {
  const lacking = await missing(['wrk', 'nginx'])
  if (lacking.length)
    throw new Error(
      `This needs ${lacking.join(' and ')}. On Debian: apt-get install --no-install-recommends wrk nginx-light`,
    )
  await using target = await startTarget()
  await using proxy = await startProxy(target.port)
  await using balancer = await startBalancer(await freePort(), target.port)
  const atRest = memoryOf(balancer.pid)
  const speed = await measureSpeed(
    { url: balancer.url, pid: balancer.pid },
    { url: `http://127.0.0.1:${proxy.port}/`, pid: proxy.pid },
  )
  return [...speed, await measureRequests(balancer, atRest), ...(await measureStreams())]
}

interface Subject {
  readonly url: string
  readonly pid: number
}

interface Round extends Load {
  /** Processor time for one request, in microseconds. */
  readonly cost: number
}

/** In turns, so that whatever else the machine does falls on both. */
async function measureSpeed(ours: Subject, theirs: Subject): Promise<Measured[]> {
  const rounds: { readonly ours: Round; readonly theirs: Round }[] = []
  await load(ours.url, WARM_UP_SECONDS)
  await load(theirs.url, 1)
  for (let index = 0; index < ROUNDS; index++)
    rounds.push({ ours: await round(ours), theirs: await round(theirs) })
  const middle = (who: 'ours' | 'theirs', what: keyof Round) => median(rounds.map((each) => each[who][what]))
  const both = (what: keyof Round) => ({
    value: middle('ours', what),
    peer: { name: 'nginx', value: middle('theirs', what) },
  })
  const share = median(rounds.map((each) => each.ours.perSecond / each.theirs.perSecond))
  return [
    { what: 'requests through a load balancer', unit: '/s', ...both('perSecond') },
    { what: 'the same, as a share of nginx', value: share, unit: '', least: 0.4 },
    { what: 'processor time for a request', unit: 'µs', ...both('cost') },
    { what: 'response time, p99', unit: 'ms', ...both('p99') },
  ]
}

async function round({ url, pid }: Subject): Promise<Round> {
  const before = processorTimeOf(pid)
  const seen = await load(url, ROUND_SECONDS)
  return { ...seen, cost: ((processorTimeOf(pid) - before) * 1000) / seen.requests }
}

/** V8 lets its heap grow in steps and seldom collects all of it, so what is kept shows once it has been told to. */
async function measureRequests(balancer: Balancer, atRest: number): Promise<Measured> {
  await loadFor(balancer.url, REQUESTS)
  await balancer.collect()
  const kept = memoryOf(balancer.pid) - atRest
  return limited(`memory kept over ${REQUESTS / 1e6} million requests`, kept, KEPT_MB)
}

/** The first stream fills buffers and pools, which stay: growth is counted from there. */
async function measureStreams(): Promise<Measured[]> {
  await using target = await startStreamTarget()
  await using balancer = await startBalancer(await freePort(), target.port)
  await download(balancer.url)
  await upload(balancer.url)
  const down = await growth(balancer.pid, () => download(balancer.url))
  const up = await growth(balancer.pid, () => upload(balancer.url))
  return [
    limited('memory over 1 GB to a client', down, BUFFERS_MB),
    limited('memory over 1 GB to a target', up, BUFFERS_MB),
  ]
}

const limited = (what: string, value: number, limit: number): Measured => ({
  what,
  value,
  unit: 'MB more',
  limit,
})

async function loadFor(url: string, wanted: number): Promise<void> {
  for (let seen = 0; seen < wanted; ) seen += (await load(url, ROUND_SECONDS)).requests
}

/** By how much the most memory during the work passes that before it, in MB. */
async function growth(pid: number, work: () => Promise<void>): Promise<number> {
  const before = memoryOf(pid)
  let most = before
  const look = () => {
    most = Math.max(most, memoryOf(pid))
  }
  const timer = setInterval(look, SAMPLE_EVERY_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  look()
  return most - before
}
