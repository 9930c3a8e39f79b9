/**
 * An application load balancer beside nginx as a reverse proxy with one worker, in front of the same target: requests
 * per second and the slowest per cent, in turns. Then the engine's memory over a million requests, and over a gigabyte
 * each way. All programs run in processes of their own.
 */
import { startBalancer } from './balancer.ts'
import { freePort, type Measured, median, memoryOf } from './measure.ts'
import { startProxy, startTarget } from './nginx.ts'
import { download, startStreamTarget, upload } from './streams.ts'
import { type Load, load, missing } from './wrk.ts'

const ROUNDS = 7
const ROUND_SECONDS = 4
const REQUESTS = 1_000_000
const SAMPLE_EVERY_MS = 100

/** V8 lets its heap grow to where collecting is worth while, which takes a while to be reached. */
const HEAP_MB = 50
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
  const speed = await measureSpeed(balancer.url, `http://127.0.0.1:${proxy.port}/`)
  const requests = await growth(balancer.pid, () => loadFor(balancer.url, REQUESTS))
  return [
    ...speed,
    limited(`memory over ${REQUESTS / 1e6} million requests`, requests, HEAP_MB),
    ...(await measureStreams()),
  ]
}

/** In turns, so that whatever else the machine does falls on both. */
async function measureSpeed(ours: string, theirs: string): Promise<Measured[]> {
  const rounds: { readonly ours: Load; readonly theirs: Load }[] = []
  await load(ours, ROUND_SECONDS)
  await load(theirs, 1)
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ours: await load(ours, ROUND_SECONDS), theirs: await load(theirs, ROUND_SECONDS) })
  const middle = (who: 'ours' | 'theirs', what: 'perSecond' | 'p99') =>
    median(rounds.map((round) => round[who][what]))
  const peer = (what: 'perSecond' | 'p99') => ({ peer: { name: 'nginx', value: middle('theirs', what) } })
  const share = median(rounds.map((round) => round.ours.perSecond / round.theirs.perSecond))
  return [
    {
      what: 'requests through a load balancer',
      value: middle('ours', 'perSecond'),
      unit: '/s',
      ...peer('perSecond'),
    },
    { what: 'the same, as a share of nginx', value: share, unit: '', least: 0.4 },
    { what: 'response time, p99', value: middle('ours', 'p99'), unit: 'ms', ...peer('p99') },
  ]
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
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid))
  }, SAMPLE_EVERY_MS)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return most - before
}
