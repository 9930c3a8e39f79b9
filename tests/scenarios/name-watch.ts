/**
 * Watches names while the tasks behind them come and go: asks for each name by dig, and tries to connect to each task,
 * ten times a second, and notes when the machine let it do neither.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Deployment, ECS, Task } from '@aws-sdk/client-ecs'
import { onTestFinished } from 'vitest'
import { digLoop } from './dig-loop.ts'
import type { Answer, Mark, Probe, Sight, Standstill } from './name-sightings.ts'

const PAUSE_MS = 100
/** ECS is asked less often: that is work for the engine, which is what is watched. */
const LOOK_PAUSE_MS = 250
/** How often it is looked whether the machine goes on, and how late that may be: what is later was held up. */
const TICK_MS = 50
const LATE_MS = 100
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
  /** Questions without an answer. */
  lost: number
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
    const seen: Seen = {
      answers: [],
      probes: [],
      healthyAt: new Map(),
      addresses: new Set(),
      glance,
      lost: 0,
    }
    return { name, seen, service }
  })
  const loops = watches.flatMap(({ name, seen, service }) => [
    askAgain(name, dns, seen, signal),
    lookAgain(service, ecs, seen, signal),
    each(PAUSE_MS, signal, async () => void seen.probes.push(...(await probeAll(seen.addresses, port)))),
  ])
  loops.push(noteStandstills(standstills, signal))
  onTestFinished(async () => {
    stopping.abort()
    await Promise.allSettled(loops)
  })
  return {
    last({ name }) {
      const watch = watches.find((one) => one.name === name)
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
        lost: watches.reduce((sum, { seen }) => sum + seen.lost, 0),
      }
    },
  }
}

/** Does it again and again, with a pause in between, until `signal`. */
async function each(pauseMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  try {
    for (;;) {
      await work()
      await wait(pauseMs, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

async function askAgain(name: string, dns: string, seen: Seen, signal: AbortSignal): Promise<void> {
  const dig = digLoop(dns)
  try {
    await each(PAUSE_MS, signal, async () => {
      const answer = await dig.ask(name)
      if (!answer) return void seen.lost++
      seen.answers.push(answer)
      for (const address of answer.addresses) seen.addresses.add(address)
    })
  } finally {
    await dig.stop()
  }
}

/** Learns the addresses of a service's tasks, and when each is healthy, at the earliest: since the look before. */
async function lookAgain(service: string, ecs: ECS, seen: Seen, signal: AbortSignal): Promise<void> {
  let before = Date.now()
  await each(LOOK_PAUSE_MS, signal, async () => {
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

/** The engine runs in this process: where it is held up, so is this, and the other way round. */
async function noteStandstills(standstills: Standstill[], signal: AbortSignal): Promise<void> {
  let due = Date.now()
  await each(TICK_MS, signal, async () => {
    const now = Date.now()
    if (now > due + LATE_MS) standstills.push({ from: due, until: now })
    due = now + TICK_MS
  })
}
