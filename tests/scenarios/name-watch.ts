/**
 * Watches names while the tasks behind them come and go: asks for each name by dig, and tries to connect to each task,
 * ten times a second, and notes when the machine let it do neither.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setInterval as ticks } from 'node:timers/promises'
import type { Deployment, ECS, Task } from '@aws-sdk/client-ecs'
import { onTestFinished } from 'vitest'
import { digLoop } from './dig-loop.ts'
import type { Answer, Mark, Probe, Sight, Standstill } from './name-sightings.ts'

const EVERY_MS = 100
/** ECS is asked less often: that is work for the engine, which is what is watched. */
const LOOK_EVERY_MS = 250
/** A tick that is later than this was held up by the machine. */
const LATE_MS = 500
/** A connection that is not made by then is refused as far as a client is concerned. */
const CONNECT_MS = 1000

/** A name, and the ECS service of the cluster `default` whose tasks it is of. */
export interface Watched {
  readonly name: string
  readonly service: string
}

/** What was seen last of a name and its service. */
export interface Glance {
  readonly answered: readonly string[]
  readonly deployments: readonly Deployment[]
  readonly desiredCount: number
  readonly tasks: readonly Task[]
}

export interface NameWatch {
  last({ name }: Watched): Glance
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
  glance: Glance
}

/** Watches until it is stopped, or the test has finished. `dns` is where to ask, `port` where tasks listen. */
export function watchNames(
  watched: readonly Watched[],
  { dns, ecs, port }: { readonly dns: string; readonly ecs: ECS; readonly port: number },
): NameWatch {
  const marks: Mark[] = []
  const standstills: Standstill[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const watches = watched.map(({ name, service }) => {
    const glance = { answered: [], deployments: [], desiredCount: 0, tasks: [] }
    const seen: Seen = { answers: [], probes: [], healthyAt: new Map(), addresses: new Set(), glance }
    return { name, seen, counts: { lost: 0 }, service }
  })
  const loops = watches.flatMap(({ name, seen, counts, service }) => [
    askAgain(name, dns, seen, counts, signal),
    lookAgain(service, ecs, seen, signal),
    each(EVERY_MS, signal, async () => void seen.probes.push(...(await probeAll(seen.addresses, port)))),
  ])
  loops.push(noteStandstills(standstills, signal))
  onTestFinished(async () => {
    stopping.abort()
    await Promise.allSettled(loops)
  })
  return {
    last({ name }) {
      const watch = watches.find((each) => each.name === name)
      if (!watch) throw new TypeError(`${name} is not watched`)
      const { answers, glance } = watch.seen
      return { ...glance, answered: answers.at(-1)?.addresses ?? [] }
    },
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
async function each(everyMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    for await (const _ of ticks(everyMs, undefined, { signal })) await work()
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
  try {
    await each(EVERY_MS, signal, async () => {
      const answer = await dig.ask(name)
      if (!answer) return void counts.lost++
      answers.push(answer)
      for (const address of answer.addresses) addresses.add(address)
    })
  } finally {
    await dig.stop()
  }
}

/** Learns the addresses of a service's tasks, and when each is healthy, at the earliest: since the look before. */
async function lookAgain(service: string, ecs: ECS, seen: Seen, signal: AbortSignal): Promise<void> {
  let before = Date.now()
  await each(LOOK_EVERY_MS, signal, async () => {
    const at = Date.now()
    seen.glance = await glanceAt(service, ecs)
    for (const task of seen.glance.tasks) {
      const address = addressOf(task)
      if (address === undefined) continue
      seen.addresses.add(address)
      if (task.healthStatus === 'HEALTHY' && !seen.healthyAt.has(address)) seen.healthyAt.set(address, before)
    }
    before = at
  })
}

async function glanceAt(service: string, ecs: ECS): Promise<Glance> {
  const { services = [] } = await ecs.describeServices({ services: [service] })
  const [{ deployments = [], desiredCount = 0 } = {}] = services
  const { taskArns = [] } = await ecs.listTasks({ serviceName: service })
  const { tasks = [] } = taskArns.length ? await ecs.describeTasks({ tasks: taskArns }) : {}
  return { answered: [], deployments, desiredCount, tasks }
}

/** The private address of a task's interface, once it has one. */
export const addressOf = ({ attachments }: Task): string | undefined =>
  attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value

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
  await each(EVERY_MS, signal, async () => {
    const now = Date.now()
    if (now - before > LATE_MS) standstills.push({ from: before + EVERY_MS, until: now })
    before = now
  })
}
