/**
 * For tests: a history of one service in the model of `world.ts`, step by step, in which looks end between any two
 * effects, as a killed process does.
 */
import { settings, track } from './builders.ts'
import type { DeliveryDecision } from './decision.ts'
import { decideDelivery } from './delivery.ts'
import { fingerprint } from './explain.ts'
import { Failure } from './failure.ts'
import { progressAfter, progressOf, withProgress } from './progress.ts'
import type { DeliveryView, ServiceRecord } from './view.ts'
import {
  advance,
  type Behaviour,
  createWorld,
  type Digests,
  deleteImage,
  digestsOf,
  primaryOf,
  pushImage,
  type Repository,
  registerDefinition,
  retagLast,
  setAlarm,
  startDeployment,
  stopDeployment,
  viewWorld,
  type World,
} from './world.ts'

export type Rollout = Extract<DeliveryDecision, { kind: 'deploy' | 'roll-back' }>
/** After how many of its effects a look ends: the ledger, the task definition, the service. */
export type Effects = 0 | 1 | 2 | 3

type Interference =
  | 'flap'
  | 'outage'
  | 'pause'
  | 'resume'
  | 'freeze'
  | 'thaw'
  | 'foreign'
  | 'deregister'
  | 'roll-back'
  | 'release' // frees all that is quarantined or held

export type Step =
  | { do: 'push'; repository: Repository; behaviour: Behaviour; higher: boolean }
  | { do: 'retag' }
  | { do: 'advance'; ms: number }
  | { do: 'look'; health: boolean; effects: Effects }
  | { do: 'look-twice'; effects: Effects }
  | { do: 'remember' } // a look that is slow to decide,
  | { do: 'look-late'; effects: Effects } // and decides on what it saw then
  | { do: Interference }
  | { do: 'request'; which: number; breakGlass: boolean } // an operator deploys an image by its digest
  | { do: 'delete-image'; which: number }

export interface Beginning {
  readonly breaker: World['breaker']
  /** Whether what runs was found good before anything happens. */
  readonly isVerified: boolean
  /** Whether it has two containers, each with images of its own. */
  readonly hasLog: boolean
}

const ONE = settings('semver:1.x')
const TWO = settings('semver:1.x', track('semver:1.x', { container: 'log', repository: 'log' }))

interface Told {
  readonly decision: DeliveryDecision
  readonly view: DeliveryView
  /** The deployment that is begun by it or carried on, if it does that. */
  readonly deployment: string
}

export class History {
  readonly world: World
  /** Every decision that the ledger took, with what it was made of: the record as the pass had it by then. */
  readonly told: Told[] = []
  private readonly hasLog: boolean
  private remembered: DeliveryView | undefined
  private version = 0
  private ids = 0

  constructor({ breaker, hasLog, isVerified }: Beginning) {
    this.hasLog = hasLog
    this.world = createWorld(breaker, hasLog)
    if (!isVerified) return
    this.look(this.see(), 3)
    advance(this.world, 600_000)
    this.look(this.see(), 3)
  }

  /** What a look sees now, with or without the service's health. */
  see(health = true): DeliveryView {
    return viewWorld(this.world, this.hasLog ? TWO : ONE, health)
  }

  run(step: Step): void {
    const { world } = this
    switch (step.do) {
      case 'push':
        this.push(this.hasLog ? step.repository : 'web', step.behaviour, step.higher)
        return
      case 'retag':
        this.version += 1
        retagLast(world, `1.${this.version}.0`)
        return
      case 'advance':
        advance(world, step.ms)
        return
      case 'look':
        this.look(this.see(step.health), step.effects)
        return
      case 'look-twice': {
        const view = this.see()
        this.look(view, step.effects)
        this.look(view, 3)
        return
      }
      case 'remember':
        this.remembered = this.see()
        return
      case 'look-late':
        if (this.remembered !== undefined) this.look(this.remembered, step.effects)
        return
      case 'request':
        this.request(step.which, step.breakGlass)
        return
      case 'delete-image':
        deleteImage(world, step.which)
        return
      default:
        this.interfere(step.do)
    }
  }

  private push(repository: Repository, behaviour: Behaviour, higher: boolean): void {
    this.version += higher ? 1 : 0
    const patch = higher ? 0 : this.ids++ + 1
    pushImage(this.world, repository, `1.${Math.max(0, this.version - (higher ? 0 : 1))}.${patch}`, behaviour)
  }

  private interfere(what: Interference): void {
    const { world } = this
    const { record } = world
    if (what === 'flap') setAlarm(world, world.alarm.state === 'OK' ? 'ALARM' : 'OK')
    if (what === 'outage') world.outage = !world.outage
    if (what === 'freeze' || what === 'thaw') world.frozen = what === 'freeze'
    if (what === 'foreign') startDeployment(world, world.lastCompleted)
    if (what === 'deregister') deregister(world)
    if (what === 'roll-back') this.requestRollback()
    if (record === undefined) return
    const pause = { by: 'ann', reason: 'audit', at: world.now }
    if (what === 'pause') world.record = { ...record, version: record.version + 1, pause }
    if (what === 'resume') world.record = unpaused(record)
    if (what === 'release') world.record = released(record)
  }

  private requestRollback(): void {
    this.ask({ rollbackRequest: { by: 'ann', reason: 'slow' } })
  }

  private request(which: number, breakGlass: boolean): void {
    const { images } = this.world
    const image = images[which % Math.max(1, images.length)]
    if (image === undefined) return
    const container = image.repository === 'log' ? 'log' : 'app'
    this.ask({
      request: { container, reference: image.digest, by: 'ann', ...(breakGlass && { breakGlass: 'a hole' }) },
    })
  }

  /** What cannot be done is said, and nothing is done. */
  private ask(asked: Pick<DeliveryView, 'request' | 'rollbackRequest'>): void {
    try {
      this.look({ ...this.see(), ...asked }, 3)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }

  /** Decides on a view and does the first of its effects; the ledger takes it only if nobody wrote meanwhile. */
  look(view: DeliveryView, done: Effects): void {
    const { world } = this
    const decisions = decideDelivery(view, world.now)
    const before = view.record
    if (done === 0 || before?.version !== world.record?.version) return
    const last = decisions.at(-1)
    if (last === undefined) throw new Error('There is always a main decision.')
    const isNew = decisions.some(({ kind }) => kind !== 'wait' && kind !== 'skip')
    if (!isNew && fingerprint(last) === before?.lastDecision) return
    this.ids += 1
    const intent = { id: `d-${this.ids}`, now: world.now }
    const record = decisions.reduce((seen, decision) => {
      const deployment = ('resumes' in decision && decision.resumes) || intent.id
      this.told.push({ decision, view: { ...view, record: seen }, deployment })
      return withProgress(seen, progressAfter(progressOf(seen), decision, intent))
    }, before ?? empty(view))
    world.record = { ...record, version: (before?.version ?? 0) + 1, lastDecision: fingerprint(last) }
    if (last.kind === 'deploy' || last.kind === 'roll-back') this.carryOut(last, intent.id, done)
  }

  private carryOut(rollout: Rollout, id: string, done: Effects): void {
    const { world } = this
    if (done < 2) return
    const { resumes = id } = rollout
    const isThere = rollout.kind === 'roll-back' && !rollout.register
    const arn = isThere
      ? rollout.rollback.taskDefinitionArn
      : registerDefinition(world, this.targetOf(rollout), resumes)
    if (done < 3) return
    if (rollout.kind === 'roll-back' && rollout.rollback.how === 'stop') stopDeployment(world)
    else startDeployment(world, arn)
  }

  /** The images of the new task definition: those that change, on top of what it is made from. */
  private targetOf(rollout: Rollout): Digests {
    const { world } = this
    const base =
      rollout.kind === 'deploy' ? rollout.baseTaskDefinitionArn : primaryOf(world).taskDefinitionArn
    const changed = rollout.changes.map(({ container, to }) => [container, to.digest])
    return { ...digestsOf(world, base), ...Object.fromEntries(changed) }
  }

  /** People are done, the fleet is well, and the sweep looks each minute. */
  settle(): void {
    const { world } = this
    if (world.record?.pause !== undefined) world.record = unpaused(world.record)
    world.frozen = false
    world.outage = false
    for (let minute = 0; minute < 45; minute++) {
      advance(world, 60_000)
      this.look(this.see(), 3)
    }
  }
}

function deregister(world: World): void {
  const arn = Object.keys(world.definitions)[0]
  const definition = arn === undefined ? undefined : world.definitions[arn]
  if (definition !== undefined && arn !== primaryOf(world).taskDefinitionArn) definition.inactive = true
}

function released({ hold: _, ...record }: ServiceRecord): ServiceRecord {
  return { ...record, version: record.version + 1, quarantine: {} }
}

function unpaused({ pause: _, ...record }: ServiceRecord): ServiceRecord {
  return { ...record, version: record.version + 1 }
}

function empty({ service }: DeliveryView): ServiceRecord {
  const { cluster, service: name } = service
  return { cluster, service: name, version: 0, repositories: ['web'], quarantine: {}, problems: [] }
}
