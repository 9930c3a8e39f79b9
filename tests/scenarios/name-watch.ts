/**
 * Watches names while the tasks behind them come and go: asks for each name by dig, and tries to connect to each task,
 * ten times a second, and notes when the machine let it do neither.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setInterval as ticks } from 'node:timers/promises'
import type { ECS } from '@aws-sdk/client-ecs'
import { digLoop } from './dig-loop.ts'
import type { Answer, Mark, Probe, Sight, Standstill } from './name-sightings.ts'
import { addressOf, tasksOf } from './names-in-motion.ts'

const EVERY_MS = 100
/** A tick that is later than this was held up by the machine. */
const LATE_MS = 500
/** A connection that is not made by then is refused as far as a client is concerned. */
const CONNECT_MS = 1000

/** A name, and the ECS service of the cluster `default` whose tasks it is of. */
export interface Watched {
  readonly name: string
  readonly service: string
}

export interface NameWatch {
  /** What is answered now. */
  last(name: string): readonly string[]
  /** From now on, what happens is put down to this. */
  mark(what: string): void
  /** Ends the watch; what was seen of each name, in their order, and how many questions were not answered. */
  stop(): Promise<{ readonly sights: readonly (Watched & Sight)[]; readonly lost: number }>
}

interface Seen {
  readonly answers: Answer[]
  readonly probes: Probe[]
  readonly healthyAt: Map<string, number>
  /** Those of its tasks, and those that were ever answered. */
  readonly addresses: Set<string>
}

/** Watches until it is stopped. `dns` is where to ask, `port` where tasks listen. */
export function watchNames(
  watched: readonly Watched[],
  { dns, ecs, port }: { readonly dns: string; readonly ecs: ECS; readonly port: number },
): NameWatch {
  const marks: Mark[] = []
  const standstills: Standstill[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const watches = watched.map(({ name, service }) => {
    const seen: Seen = { answers: [], probes: [], healthyAt: new Map(), addresses: new Set() }
    return { name, seen, counts: { lost: 0 }, service }
  })
  const loops = watches.flatMap(({ name, seen, counts, service }) => [
    askAgain(name, dns, seen, counts, signal),
    each(signal, () => lookAt(service, ecs, seen)),
    each(signal, async () => void seen.probes.push(...(await probeAll(seen.addresses, port)))),
  ])
  loops.push(noteStandstills(standstills, signal))
  return {
    last: (name) => watches.find((each) => each.name === name)?.seen.answers.at(-1)?.addresses ?? [],
    mark: (what) => void marks.push({ what, at: Date.now() }),
    async stop() {
      stopping.abort()
      await Promise.all(loops)
      return {
        sights: watches.map(({ name, service, seen }) => ({ name, service, ...seen, standstills, marks })),
        lost: watches.reduce((sum, { counts }) => sum + counts.lost, 0),
      }
    },
  }
}

/** Does it at once and then at each tick, never twice at a time, until `signal`. */
async function each(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    for await (const _ of ticks(EVERY_MS, undefined, { signal })) await work()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function askAgain(
  name: string,
  dns: string,
  { answers, addresses }: Seen,
  counts: { lost: number },
  signal: AbortSignal,
): Promise<void> {
  const dig = digLoop(dns)
  await each(signal, async () => {
    const answer = await dig.ask(name)
    if (!answer) return void counts.lost++
    answers.push(answer)
    for (const address of answer.addresses) addresses.add(address)
  })
  await dig.stop()
}

/** Learns the addresses of a service's tasks, and when each is healthy. */
async function lookAt(serviceName: string, ecs: ECS, { addresses, healthyAt }: Seen): Promise<void> {
  for (const task of await tasksOf(ecs, serviceName)) {
    const address = addressOf(task)
    if (address === undefined) continue
    addresses.add(address)
    if (task.healthStatus === 'HEALTHY' && !healthyAt.has(address)) healthyAt.set(address, Date.now())
  }
}

const probeAll = (addresses: Iterable<string>, port: number) =>
  Promise.all([...addresses].map((address) => probe(address, port)))

async function probe(address: string, port: number): Promise<Probe> {
  const startedAt = Date.now()
  const socket = connect({ host: address, port, signal: AbortSignal.timeout(CONNECT_MS) })
  const isAccepted = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return { address, startedAt, endedAt: Date.now(), isAccepted }
}

async function noteStandstills(standstills: Standstill[], signal: AbortSignal): Promise<void> {
  let before = Date.now()
  await each(signal, async () => {
    const now = Date.now()
    if (now - before > LATE_MS) standstills.push({ from: before + EVERY_MS, until: now })
    before = now
  })
}
