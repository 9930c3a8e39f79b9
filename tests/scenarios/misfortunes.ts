/**
 * A service to which everything happens: bad images, alarms that flap, events that are lost, late, doubled and in the
 * wrong order, calls that fail, processes that end, people who pause and freeze. It notes what Capstan does meanwhile.
 */
import type { Capstan } from '@capstan/aws'
import type { ServiceRecord } from '@capstan/core/view.ts'
import { vi } from 'vitest'
import { type Door, EVENT_DOORS, type FleetEvent } from './fleet.ts'
import { about, type Guarded, guardedWeb, putAlarm, setAlarm } from './guarded.ts'
import { throttlingProxy } from './throttling-proxy.ts'

/** What becomes of the service that runs an image: nothing, its alarm rings once it is deployed, it never starts. */
export type Behaviour = 'good' | 'rings' | 'broken'

export type Happening =
  | { readonly kind: 'push'; readonly behaviour: Behaviour; readonly isHigher: boolean }
  | { readonly kind: 'events'; readonly how: 'lost' | 'late' | 'doubled' | 'reversed' | 'at once' }
  | { readonly kind: 'crash'; readonly after: number }
  | { readonly kind: 'time'; readonly duration: '1s' | '5s' | '15s' | '60s' | '310s' }
  | { readonly kind: 'calls'; readonly how: 'refused' | 'lost'; readonly operation: string }
  | { readonly kind: 'sweep' | 'cold-start' | 'flap' | 'pause' | 'resume' | 'freeze' | 'thaw' }

export interface Image {
  readonly version: string
  readonly digest: string
  readonly behaviour: Behaviour
  readonly pushedAt: number
}

type Decision = Awaited<ReturnType<Capstan['ledger']['listDecisions']>>[number]

/** A decision that the ledger took, with what the ledger held before the step in which that happened. */
export interface Told {
  readonly decision: Decision
  readonly before: ServiceRecord | undefined
  readonly wasFrozen: boolean
}

const WEB = { cluster: 'default', service: 'web' }
const ANN = { by: 'ann', reason: 'an audit' }

export class Misfortunes implements AsyncDisposable {
  readonly fleet: Guarded
  readonly images: Image[] = []
  readonly told: Told[] = []
  /** Since when the alarm is in its state (ms). */
  alarmSince: number
  readonly #proxy: Awaited<ReturnType<typeof throttlingProxy>>
  #late: { readonly door: Door; readonly event: FleetEvent }[] = []
  #minor = 0
  #patch = 0
  #isRinging = false
  #freeze: string | undefined

  private constructor(fleet: Guarded, proxy: Awaited<ReturnType<typeof throttlingProxy>>) {
    this.fleet = fleet
    this.#proxy = proxy
    this.alarmSince = fleet.now
  }

  /** A service that is verified with its image 1.0.0; `breaker` has ECS go back by itself from what cannot start. */
  static async start(breaker: boolean): Promise<Misfortunes> {
    const fleet = await guardedWeb({}, breaker)
    await putAlarm(fleet, 'web-errors', about('web'))
    const proxy = await throttlingProxy(fleet.engine.endpoint)
    vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint)
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
    fleet.coldStart()
    const misfortunes = new Misfortunes(fleet, proxy)
    const digest = (await misfortunes.record())?.good?.[0]?.images.app?.digest ?? ''
    misfortunes.images.push({ version: '1.0.0', digest, behaviour: 'good', pushedAt: 0 })
    return misfortunes
  }

  record(): Promise<ServiceRecord | undefined> {
    return this.fleet.capstan.ledger.getService(WEB)
  }

  /** The image that the service is set to run. */
  async running(): Promise<Image | undefined> {
    const { images } = await this.fleet.serviceNow('web')
    const { app = '' } = images
    return this.images.find(({ digest, version }) => app.endsWith(digest) || app.endsWith(`:${version}`))
  }

  play(happening: Happening): Promise<void> {
    return this.#playAll([happening])
  }

  /** People are done, calls succeed, and the sweep looks each minute until everything has had time to end. */
  async settle(): Promise<void> {
    this.#late = []
    for (const kind of ['resume', 'thaw', 'cold-start'] as const) await this.play({ kind })
    for (let minute = 0; minute < 14; minute++) {
      await this.#playAll([
        { kind: 'time', duration: '60s' },
        { kind: 'events', how: 'at once' },
        { kind: 'sweep' },
      ])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]()
    await this.fleet[Symbol.asyncDispose]()
  }

  async #playAll(happenings: readonly Happening[]): Promise<void> {
    const before = await this.record()
    const wasFrozen = this.#freeze !== undefined
    for (const happening of happenings) await this.#happen(happening)
    await this.#note(before, wasFrozen)
  }

  async #happen(happening: Happening): Promise<void> {
    const { fleet } = this
    switch (happening.kind) {
      case 'push':
        return this.#push(happening.behaviour, happening.isHigher)
      case 'events':
        await this.#handOver(happening.how)
        this.#proxy.refused = this.#proxy.lost = ''
        return
      case 'crash':
        return forgiving(async () => void (await fleet.dieAfter(happening.after)))
      case 'time':
        await fleet.advance(happening.duration)
        return this.#ring(await this.#isBad())
      case 'calls':
        // Until the next look is over.
        this.#proxy[happening.how] = happening.operation
        return
      case 'sweep':
        await forgiving(() => fleet.sweep())
        this.#proxy.refused = this.#proxy.lost = ''
        return
      case 'cold-start':
        return fleet.coldStart()
      case 'flap':
        return this.#ring(!this.#isRinging)
      default:
        return this.#say(happening.kind)
    }
  }

  async #say(what: 'pause' | 'resume' | 'freeze' | 'thaw'): Promise<void> {
    const { ledger } = this.fleet.capstan
    if (what === 'pause' || what === 'resume') await ledger.intervene(WEB, { kind: what, ...ANN })
    if (what === 'freeze') this.#freeze ??= (await ledger.addFreeze({ scope: 'default', ...ANN })).id
    if (what !== 'thaw' || this.#freeze === undefined) return
    await ledger.removeFreeze(this.#freeze, ANN)
    this.#freeze = undefined
  }

  async #push(behaviour: Behaviour, isHigher: boolean): Promise<void> {
    if (isHigher) this.#minor += 1
    this.#patch += 1
    const version = `1.${isHigher ? this.#minor : Math.max(0, this.#minor - 1)}.${this.#patch}`
    const digest = await this.fleet.push('web', version, { isBroken: behaviour === 'broken' })
    this.images.push({ version, digest, behaviour, pushedAt: this.fleet.now })
  }

  async #handOver(how: Extract<Happening, { kind: 'events' }>['how']): Promise<void> {
    const taken = await Promise.all(EVENT_DOORS.map((door) => this.fleet.takeEvents(door)))
    const fresh = EVENT_DOORS.flatMap((door, index) => (taken[index] ?? []).map((event) => ({ door, event })))
    if (how === 'lost') return
    if (how === 'late') {
      this.#late.push(...fresh)
      return
    }
    const events = [...fresh, ...this.#late]
    this.#late = []
    if (how === 'at once') {
      await Promise.all(events.map((each) => this.#wake(each)))
      return
    }
    const order = how === 'doubled' ? events.flatMap((one) => [one, one]) : events.toReversed()
    for (const each of order) await this.#wake(each)
  }

  /** What a door does not manage is handed to it again later, as Lambda does. */
  async #wake(each: { readonly door: Door; readonly event: FleetEvent }): Promise<void> {
    const { door, event } = each
    await this.fleet.wake(door, event).catch((error: unknown) => {
      requireForeseen(error)
      this.#late.push(each)
    })
  }

  async #isBad(): Promise<boolean> {
    const running = await this.running()
    const { rolloutState } = await this.fleet.serviceNow('web')
    return running?.behaviour === 'rings' && rolloutState === 'COMPLETED'
  }

  async #ring(isRinging: boolean): Promise<void> {
    if (isRinging === this.#isRinging) return
    this.#isRinging = isRinging
    this.alarmSince = this.fleet.now
    await setAlarm(this.fleet, 'web-errors', isRinging ? 'ALARM' : 'OK')
  }

  /** Notes the decisions that were made since it was last called. */
  async #note(before: ServiceRecord | undefined, wasFrozen: boolean): Promise<void> {
    const known = new Set(this.told.map(({ decision }) => decision.id))
    const decisions = await this.fleet.capstan.ledger.listDecisions(WEB, 1000)
    for (const decision of decisions.toReversed())
      if (!known.has(decision.id)) this.told.push({ decision, before, wasFrozen })
  }
}

async function forgiving(act: () => Promise<unknown>): Promise<void> {
  await act().catch(requireForeseen)
}

/** What is tried again later is no harm; everything else is a bug. Each cold start has a class `Failure` of its own. */
function requireForeseen(error: unknown): void {
  if (error instanceof AggregateError) {
    for (const each of error.errors) requireForeseen(each)
    return
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'UNAVAILABLE' && code !== 'CONFLICT') throw error
}
