/**
 * The engine: state, time and the loop that drives them. Everything synchronous happens here, one change at a time;
 * everything that takes time is an effect, performed by host/ and reported back.
 */

import { parseDuration } from './duration.ts'
import { type Clock, isVirtual, systemClock } from './host/clock.ts'
import { type IdSource, randomIds } from './host/ids.ts'
import type {
  Asked,
  Caller,
  Context,
  EmittedEvent,
  OperationContext,
  Outcome,
  Scope,
  Service,
  Timed,
} from './service.ts'
import {
  homeScope,
  type LoadedService,
  type ReportOf,
  type ServiceName,
  type StateOf,
  services,
} from './services.ts'
import { AwsError } from './wire/errors.ts'

/** A service with its type parameters forgotten: the loop treats all alike. */
type AnyService = Service<unknown, Timed, unknown, Asked>

/** Performs effects. Resolves when the effect has been done (started, delivered); rejects only on a bug. */
export type Perform = (effect: Asked, scope: Scope, engine: Engine) => Promise<void>

export interface EngineOptions {
  readonly clock?: Clock
  readonly ids?: IdSource
  readonly perform: Perform
  /** Called after each change that should outlive the process. */
  readonly onChange?: () => void
  /** A bug in the engine: the state may be wrong, so by default the process ends. */
  readonly onBug?: (error: unknown) => void
}

/** One service's state in one scope. */
export interface Home {
  readonly name: ServiceName
  readonly scope: Scope
  readonly state: unknown
}

interface Waiter {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** More turns than this without time passing is a schedule that never has enough. */
const MOST_TURNS = 100_000

/** One engine: all state of all scopes, its time, and who waits for what. It does nothing by itself but when its alarm rings. */
export class Engine {
  readonly clock: Clock
  /** The engine's own address, as clients reach it. Set when it listens. */
  endpoint = 'http://127.0.0.1:4566'
  readonly #options: EngineOptions
  readonly #ids: IdSource
  readonly #loaded = new Map<ServiceName, AnyService>()
  readonly #loading = new Map<ServiceName, Promise<AnyService>>()
  readonly #homes = new Map<string, Home>()
  readonly #dirty = new Set<string>()
  readonly #dueAt = new Map<string, number>()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #waiters = new Map<string, Waiter>()
  #timers: { at: number; run: () => void }[] = []
  #events: { scope: Scope; event: EmittedEvent }[] = []
  #asked: { scope: Scope; effect: Asked }[] = []
  #draining = false
  #stopped = false

  constructor(options: EngineOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock()
    this.#ids = options.ids ?? randomIds()
  }

  /** The service, loaded if this is the first need of it. */
  async load<N extends ServiceName>(name: N): Promise<LoadedService<N>> {
    let loading = this.#loading.get(name)
    if (!loading) {
      loading = services[name].load() as unknown as Promise<AnyService>
      this.#loading.set(name, loading)
      loading.then((service) => this.#loaded.set(name, service)).catch(() => this.#loading.delete(name))
    }
    return (await loading) as unknown as LoadedService<N>
  }

  /** The services that are loaded, by name. */
  loaded(): ServiceName[] {
    return [...this.#loaded.keys()].sort()
  }

  /** A service's state in a scope, made empty if there is none yet. The service must be loaded. */
  state<N extends ServiceName>(name: N, scope: Scope): StateOf<N> {
    return this.#home(name, scope).state as StateOf<N>
  }

  /**
   * Runs one operation as one transaction: what it emits and asks goes out only if it returns.
   * Returns its output, which is a promise only for outputs that are deferred. Throws what the operation throws.
   */
  execute(name: ServiceName, operation: string, input: unknown, caller: Caller): unknown {
    const handler = this.#service(name).model.operations.get(operation)?.handler
    if (!handler) throw new Error(`${name} ${operation} has no handler`)
    const output = this.#transact(name, caller, (context) => handler(input, { ...context, ...caller }))
    this.#drain()
    return output
  }

  /** Calls an operation from inside, as a client would from outside. */
  async call(name: ServiceName, scope: Scope, operation: string, input: unknown): Promise<unknown> {
    await this.load(name)
    const caller = { ...scope, accessKeyId: scope.accountId, requestId: this.#ids.uuid() }
    return this.execute(name, operation, input, caller)
  }

  /** Hands a service what happened outside: the end of an effect. The service must be loaded. */
  report<N extends ServiceName>(name: N, scope: Scope, report: ReportOf<N>): void {
    if (this.#stopped) return
    this.#attempt(() =>
      this.#transact(name, scope, (context) => this.#service(name).receive?.(report, context)),
    )
    this.#drain()
  }

  /** A number from 0 to below 1, from the source of the engine's ids. */
  random(): number {
    return Number.parseInt(this.#ids.hex(8), 16) / 2 ** 32
  }

  /** Runs `run` once, when engine time has passed by `delayMs`. */
  after(delayMs: number, run: () => void): void {
    this.#timers.push({ at: this.clock.now() + delayMs, run })
    this.#setAlarm()
  }

  /**
   * Moves a virtual clock forward by `duration` (`'30s'`, `'10m'`), stopping at each moment at which something is
   * due. Resolves when all that this caused has settled. Throws where the clock is the machine's.
   */
  async advance(duration: string): Promise<void> {
    const { clock } = this
    if (!isVirtual(clock)) throw new Error('Only an engine with a virtual clock can be advanced')
    const end = clock.now() + parseDuration(duration)
    await this.settle()
    for (let at = clock.alarm(); at !== undefined && at <= end; at = clock.alarm()) {
      clock.moveTo(at)
      await this.settle()
    }
    clock.moveTo(end)
  }

  /** Resolves when no effect is under way: all deliveries made, all functions returned, all tasks' starts done. */
  async settle(): Promise<void> {
    while (this.#inFlight.size) await Promise.all(this.#inFlight)
  }

  /** All state by service and scope, as plain data. */
  snapshot(): Home[] {
    return [...this.#homes.values()]
  }

  /** Takes over a snapshot, loading its services. Nothing happens until `resume`. */
  async restore(homes: Iterable<Home>): Promise<void> {
    for (const home of homes) {
      await this.load(home.name)
      const key = keyOf(home.name, home.scope)
      this.#homes.set(key, { ...home, state: bare(home.state) })
      this.#dirty.add(key)
    }
  }

  /** Goes on with restored state: first all that `tell` reports, and only then what is due. */
  resume(tell: () => void): void {
    this.#draining = true
    try {
      tell()
    } finally {
      this.#draining = false
    }
    this.#drain()
  }

  /** Forgets all state, timers and waiting callers at once. */
  forget(): void {
    for (const waiter of this.#waiters.values())
      waiter.reject(new AwsError('ServiceUnavailable', 'The engine was reset.', { status: 503 }))
    for (const map of [this.#homes, this.#dirty, this.#dueAt, this.#waiters]) map.clear()
    this.#timers = []
    this.#events = []
    this.#asked = []
    this.#setAlarm()
    this.#options.onChange?.()
  }

  /** Stops the loop: no alarm, no effect, no report after this. */
  stop(): void {
    this.#stopped = true
    this.clock.setAlarm(undefined, () => {})
  }

  #service(name: ServiceName): AnyService {
    const service = this.#loaded.get(name)
    if (!service) throw new Error(`${name} is not loaded`)
    return service
  }

  #home(name: ServiceName, of: Scope): Home {
    const scope = homeScope(name, of)
    const key = keyOf(name, scope)
    let home = this.#homes.get(key)
    if (!home) {
      home = { name, scope, state: bare(this.#service(name).emptyState()) }
      this.#homes.set(key, home)
    }
    return home
  }

  #transact<T>(name: ServiceName, scope: Scope, work: (context: Context<unknown, Asked>) => T): T {
    const home = this.#home(name, scope)
    const emitted: EmittedEvent[] = []
    const asked: Asked[] = []
    const result = work(this.#context(home, emitted, asked))
    this.#events.push(...emitted.map((event) => ({ scope: home.scope, event })))
    this.#asked.push(...asked.map((effect) => ({ scope: home.scope, effect })))
    this.#dirty.add(keyOf(name, home.scope))
    return result
  }

  #context(home: Home, emitted: EmittedEvent[], asked: Asked[]): OperationContext<unknown, Asked> {
    return {
      ...home.scope,
      state: home.state,
      now: this.clock.now(),
      endpoint: this.endpoint,
      newId: (length = 32) => this.#ids.hex(length),
      newUuid: () => this.#ids.uuid(),
      emit: (event) => void emitted.push(event),
      ask: (effect) => void asked.push(effect),
      defer: <T>(id: string) => this.#defer<T>(id),
      settle: (id, outcome) => this.#settleWaiter(id, outcome),
      accessKeyId: home.scope.accountId,
      requestId: '',
    }
  }

  #defer<T>(id: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#waiters.set(id, { resolve: resolve as (value: unknown) => void, reject })
    return promise
  }

  #settleWaiter(id: string, outcome: Outcome<unknown>): void {
    const waiter = this.#waiters.get(id)
    this.#waiters.delete(id)
    if (!waiter) return
    if ('error' in outcome) waiter.reject(outcome.error)
    else waiter.resolve(outcome.value)
  }

  /** Plays on until nothing is due: events to the bus, then a turn of every service that changed, then effects. */
  #drain(): void {
    if (this.#draining || this.#stopped) return
    this.#draining = true
    try {
      let turns = 0
      while (this.#events.length || this.#dirty.size) this.#turn(turns++)
    } finally {
      this.#draining = false
    }
    this.#startEffects()
    this.#setAlarm()
    this.#options.onChange?.()
  }

  /** One event or one service. A bug in it stops neither the others nor the engine, if it is reported. */
  #turn(turns: number): void {
    this.#attempt(() => {
      if (this.#events.length) this.#publish()
      else this.#turnNext()
      if (turns === MOST_TURNS) this.#giveUp()
    })
  }

  #giveUp(): void {
    const names = [...this.#dirty].join(', ')
    this.#dirty.clear()
    this.#events = []
    throw new Error(`Nothing settles: ${names} always has more to do`)
  }

  /** Without the events service loaded there is no rule that an event could match. */
  #publish(): void {
    const next = this.#events.shift()
    const bus = this.#loaded.get('events')
    if (!bus || !next) return
    const { scope, event } = next
    this.#transact('events', scope, (context) => bus.receive?.({ kind: 'event', event }, context))
  }

  #turnNext(): void {
    const [key] = this.#dirty as Iterable<string> as [string]
    this.#dirty.delete(key)
    this.#dueAt.delete(key)
    const home = this.#homes.get(key)
    if (!home) return
    const service = this.#service(home.name)
    const now = this.clock.now()
    const plan = service.schedule?.(home.state, now) ?? []
    const due = plan.filter((action) => action.at <= now)
    for (const action of due) this.#transact(home.name, home.scope, (c) => service.perform?.(action, c))
    const next = earliest(plan, now)
    if (!due.length && next !== undefined) this.#dueAt.set(key, next)
  }

  #startEffects(): void {
    const asked = this.#asked
    this.#asked = []
    for (const { scope, effect } of asked) {
      const effort: Promise<void> = this.#options
        .perform(effect, scope, this)
        .catch((error) => this.#bug(error))
        .finally(() => this.#inFlight.delete(effort))
      this.#inFlight.add(effort)
    }
  }

  #setAlarm(): void {
    if (this.#stopped) return
    const times = this.#dueAt.values().map((at) => ({ at }))
    const at = earliest([...times, ...this.#timers], Number.NEGATIVE_INFINITY)
    this.clock.setAlarm(at, () => this.#wake())
  }

  #wake(): void {
    const now = this.clock.now()
    const due = this.#timers.filter((timer) => timer.at <= now)
    this.#timers = this.#timers.filter((timer) => timer.at > now)
    for (const [key, at] of this.#dueAt) if (at <= now) this.#dirty.add(key)
    for (const { run } of due) this.#attempt(run)
    this.#drain()
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#bug(error)
    }
  }

  #bug(error: unknown): void {
    if (!this.#options.onBug) throw error
    this.#options.onBug(error)
  }
}

/** The earliest time after `now`. A loop: plans may be longer than a call's arguments can be. */
function earliest(plan: readonly Timed[], now: number): number | undefined {
  let next: number | undefined
  for (const { at } of plan) if (at > now && (next === undefined || at < next)) next = at
  return next
}

/**
 * Takes the prototype off all records of a state that is empty or was read from a file: a cluster called `constructor`
 * must not be found where there is none. Records that services make later are theirs to make so (`emptyRecord`).
 */
function bare(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const each of Object.values(value)) bare(each)
  return Array.isArray(value) ? value : Object.setPrototypeOf(value, null)
}

const keyOf = (name: ServiceName, { accountId, region }: Scope) => `${name}/${accountId}/${region}`
