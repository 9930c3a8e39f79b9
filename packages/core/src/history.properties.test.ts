/**
 * What holds over whole histories: images good and bad are pushed and tagged again, alarms flap, the fleet is in trouble,
 * people pause, freeze, go back and deploy by hand, looks come twice, late or not at all, and end between any two effects.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settings } from './builders.ts'
import type { DeliveryDecision } from './decision.ts'
import { decideDelivery } from './delivery.ts'
import { explain, fingerprint } from './explain.ts'
import { Failure } from './failure.ts'
import { progressAfter, progressOf, withProgress } from './progress.ts'
import type { DeliveryView, ServiceRecord } from './view.ts'
import {
  advance,
  type Behaviour,
  createWorld,
  digestOf,
  primaryOf,
  pushImage,
  registerDefinition,
  retagLast,
  setAlarm,
  startDeployment,
  stopDeployment,
  viewWorld,
  type World,
} from './world.ts'

type Rollout = Extract<DeliveryDecision, { kind: 'deploy' | 'roll-back' }>
/** After how many of its effects a look ends: the ledger, the task definition, the service. */
type Effects = 0 | 1 | 2 | 3

type Step =
  | { do: 'push'; behaviour: Behaviour; higher: boolean }
  | { do: 'retag' }
  | { do: 'advance'; ms: number }
  | { do: 'look'; health: boolean; effects: Effects }
  | { do: 'look-twice'; effects: Effects }
  | { do: 'remember' } // a look that is slow to decide,
  | { do: 'look-late'; effects: Effects } // and decides on what it saw then
  | {
      do: 'flap' | 'outage' | 'pause' | 'resume' | 'freeze' | 'thaw' | 'foreign' | 'deregister' | 'roll-back'
    }

const effects = fc.constantFrom<Effects>(0, 1, 2, 3, 3, 3)
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      behaviour: fc.constantFrom<Behaviour>(
        'good',
        'good',
        'rings',
        'rings-early',
        'crashes',
        'crashes-later',
        'targets',
      ),
      higher: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.constantFrom(1000, 10_000, 40_000, 70_000, 320_000, 700_000),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('look' as const), health: fc.boolean(), effects }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look-twice' as const), effects }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('look-late' as const), effects }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'remember' as const,
        'retag' as const,
        'flap' as const,
        'outage' as const,
        'pause' as const,
        'resume' as const,
        'freeze' as const,
        'thaw' as const,
        'foreign' as const,
        'deregister' as const,
        'roll-back' as const,
      ),
    }),
  },
)

interface Beginning {
  readonly breaker: World['breaker']
  /** Whether what runs was found good before anything happens. */
  readonly isVerified: boolean
}

const SETTINGS = settings('semver:1.x')

interface Told {
  readonly decision: DeliveryDecision
  readonly view: DeliveryView
}

class History {
  readonly world: World
  /** Every decision that the ledger took, with what it was made of: the record as the pass had it by then. */
  readonly told: Told[] = []
  private remembered: DeliveryView | undefined
  private version = 0
  private ids = 0

  constructor({ breaker, isVerified }: Beginning) {
    this.world = createWorld(breaker)
    if (!isVerified) return
    this.look(viewWorld(this.world, SETTINGS, true), 3)
    advance(this.world, 600_000)
    this.look(viewWorld(this.world, SETTINGS, true), 3)
  }

  run(step: Step): void {
    const { world } = this
    switch (step.do) {
      case 'push':
        this.push(step.behaviour, step.higher)
        return
      case 'retag':
        this.version += 1
        retagLast(world, `1.${this.version}.0`)
        return
      case 'advance':
        advance(world, step.ms)
        return
      case 'look':
        this.look(viewWorld(world, SETTINGS, step.health), step.effects)
        return
      case 'look-twice': {
        const view = viewWorld(world, SETTINGS, true)
        this.look(view, step.effects)
        this.look(view, 3)
        return
      }
      case 'remember':
        this.remembered = viewWorld(world, SETTINGS, true)
        return
      case 'look-late':
        if (this.remembered !== undefined) this.look(this.remembered, step.effects)
        return
      default:
        this.interfere(step.do)
    }
  }

  private push(behaviour: Behaviour, higher: boolean): void {
    this.version += higher ? 1 : 0
    const patch = higher ? 0 : this.ids++ + 1
    pushImage(this.world, `1.${Math.max(0, this.version - (higher ? 0 : 1))}.${patch}`, behaviour)
  }

  private interfere(
    what: Exclude<
      Step['do'],
      'push' | 'retag' | 'advance' | 'look' | 'look-twice' | 'look-late' | 'remember'
    >,
  ): void {
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
  }

  private requestRollback(): void {
    try {
      const view = viewWorld(this.world, SETTINGS, true)
      this.look({ ...view, rollbackRequest: { by: 'ann', reason: 'slow' } }, 3)
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
      this.told.push({ decision, view: { ...view, record: seen } })
      return withProgress(seen, progressAfter(progressOf(seen), decision, intent))
    }, before ?? empty(view))
    world.record = { ...record, version: (before?.version ?? 0) + 1, lastDecision: fingerprint(last) }
    if (last.kind === 'deploy' || last.kind === 'roll-back') this.carryOut(last, intent.id, done)
  }

  private carryOut(rollout: Rollout, id: string, done: Effects): void {
    const { world } = this
    if (done < 2) return
    const { resumes = id } = rollout
    const target = rollout.changes[0]?.to.digest ?? ''
    const isThere = rollout.kind === 'roll-back' && !rollout.register
    const arn = isThere ? rollout.rollback.taskDefinitionArn : registerDefinition(world, target, resumes)
    if (done < 3) return
    if (rollout.kind === 'roll-back' && rollout.rollback.how === 'stop') stopDeployment(world)
    else startDeployment(world, arn)
  }

  /** People are done, the fleet is well, and the sweep looks each minute. */
  settle(): void {
    const { world } = this
    if (world.record?.pause !== undefined) world.record = unpaused(world.record)
    world.frozen = false
    world.outage = false
    for (let minute = 0; minute < 45; minute++) {
      advance(world, 60_000)
      this.look(viewWorld(world, SETTINGS, true), 3)
    }
  }
}

function deregister(world: World): void {
  const arn = Object.keys(world.definitions)[0]
  const definition = arn === undefined ? undefined : world.definitions[arn]
  if (definition !== undefined && arn !== primaryOf(world).taskDefinitionArn) definition.inactive = true
}

function unpaused({ pause: _, ...record }: ServiceRecord): ServiceRecord {
  return { ...record, version: record.version + 1 }
}

function empty({ service }: DeliveryView): ServiceRecord {
  const { cluster, service: name } = service
  return { cluster, service: name, version: 0, repositories: ['web'], quarantine: {}, problems: [] }
}

const RUNS = { numRuns: 1000 }
const beginnings: fc.Arbitrary<Beginning> = fc.record({
  breaker: fc.constantFrom('rollback', 'fail', 'off'),
  isVerified: fc.constantFrom(true, true, true, false),
})
const histories = fc.tuple(beginnings, fc.array(steps, { maxLength: 40 }))

function play([beginning, all]: readonly [Beginning, readonly Step[]]): History {
  const history = new History(beginning)
  for (const step of all) history.run(step)
  return history
}

test('a service ends on the newest image that is allowed, or on what was good', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const history = play(steps)
      history.settle()
      const { record } = history.world
      const count = history.told.length
      history.look(viewWorld(history.world, SETTINGS, true), 3)
      expect(history.told).toHaveLength(count)
      const runs = digestOf(history.world, primaryOf(history.world).taskDefinitionArn)
      const good = (record?.good ?? []).map(({ images }) => images.app?.digest)
      if (!isBeyondHelp(history.world)) {
        expect(record).not.toHaveProperty('inFlight')
        expect(good).toContain(runs)
        expect(history.world.behaviours[runs]).toBe('good')
      }
    }),
    RUNS,
  )
})

/** Nothing was ever good; or the alarm has rung since before anything was deployed, so that it tells on nothing. */
function isBeyondHelp({ alarm, record }: World): boolean {
  const reason = record?.trouble?.reason
  if (reason === 'already-alarming') return alarm.transitionedAt < (record?.unverifiedSince ?? 0)
  return reason === 'nothing-to-roll-back-to'
}

function rollbacksOf({ told }: History) {
  return told.flatMap(({ decision, view }, index) => {
    return decision.kind === 'roll-back' ? [{ decision, view, index }] : []
  })
}

test('nothing is deployed while it is quarantined, held, paused or frozen', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      for (const { decision, view } of play(steps).told) {
        if (decision.kind !== 'deploy') continue
        const { hold, pause, quarantine = {} } = view.record ?? {}
        expect({ pause, freezes: view.freezes }).toEqual({ pause: undefined, freezes: [] })
        for (const { fromDigest, to } of decision.changes) {
          if (fromDigest === to.digest) continue
          expect(quarantine[to.digest]).toBeUndefined()
          const pushedAt = view.repositories.web?.find(({ digest }) => digest === to.digest)?.pushedAt ?? 0
          if (hold?.images.app !== undefined) expect(pushedAt).toBeGreaterThan(hold.since)
        }
      }
    }),
    RUNS,
  )
})

test('nothing is rolled back without evidence against what runs, twice for one cause, or back from a rollback', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const rollbacks = rollbacksOf(play(steps)).filter(
        ({ decision }) => decision.reason !== 'unfinished-intent',
      )
      const causes = rollbacks.map(({ decision }) => decision.rollback.cause)
      expect(new Set(causes).size).toBe(causes.length)
      for (const { decision, view } of rollbacks) {
        expect(view.record).not.toHaveProperty('pause')
        if (decision.reason === 'requested') continue
        expect(view.record?.rolledBack?.taskDefinitionArn).not.toBe(view.service.primary.taskDefinitionArn)
        expect(view.health?.fleet.alarming).toBeLessThan(3)
        expect(isToBlame(decision, view)).toBe(true)
      }
    }),
    RUNS,
  )
})

function isToBlame({ reason }: Rollout, { health, record, service }: DeliveryView): boolean {
  const { createdAt, id, rolloutState } = service.primary
  const [alarm] = health?.alarms ?? []
  const since = Math.min(createdAt, record?.unverifiedSince ?? createdAt)
  if (reason === 'alarm') return alarm?.state === 'ALARM' && alarm.transitionedAt >= since
  if (reason === 'targets-unhealthy') return health?.targets[0]?.unhealthy === 2
  if (reason === 'deployment-failed') return rolloutState === 'FAILED'
  return (health?.stops.filter(({ deploymentId }) => deploymentId === id).length ?? 0) >= 3
}

test('what is gone back to was verified, and is held; what is gone back from is quarantined', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const history = play(steps)
      for (const { decision, index } of rollbacksOf(history)) {
        const verified = history.told.slice(0, index).flatMap(({ decision: earlier }) => {
          return earlier.kind === 'verify' ? [earlier.good.images.app?.digest] : []
        })
        const digest = decision.images.app?.digest ?? ''
        expect(verified).toContain(digest)
        expect(decision.hold.images).toEqual({ app: digest })
        expect(Object.keys(decision.quarantine)).not.toContain(digest)
      }
    }),
    RUNS,
  )
})

test('every deployment of a history is in the ledger, and every entry says why', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const { told, world } = play(steps)
      for (const { decision } of told) {
        expect(explain(decision)).toMatch(/^[A-Z].*\.$/s)
        expect(explain(decision)).not.toMatch(/undefined|null|an unknown/)
      }
      const begun = told.filter(({ decision: { kind } }) => kind === 'deploy' || kind === 'roll-back').length
      const registered = Object.values(world.definitions).filter(
        ({ registeredBy }) => registeredBy !== undefined,
      )
      expect(registered.length).toBeLessThanOrEqual(begun)
    }),
    RUNS,
  )
})
