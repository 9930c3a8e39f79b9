/**
 * What holds over whole histories: images good and bad are pushed and tagged again, alarms flap, the fleet is in trouble,
 * people pause, freeze, go back and deploy by hand, looks come twice, late or not at all, and end between any two effects.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explain } from './explain.ts'
import { type Beginning, type Effects, History, type Rollout, type Step } from './history.ts'
import { measuresOf } from './measures.ts'
import type { DeliveryView, DeployedImage } from './view.ts'
import { type Behaviour, type Digests, digestsOf, primaryOf, type Repository, type World } from './world.ts'

const effects = fc.constantFrom<Effects>(0, 1, 2, 3, 3, 3)
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      repository: fc.constantFrom<Repository>('web', 'log'),
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
        'release' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('request' as const), which: fc.nat(9), breakGlass: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete-image' as const), which: fc.nat(9) }) },
)

const RUNS = { numRuns: 1000 }
const beginnings: fc.Arbitrary<Beginning> = fc.record({
  breaker: fc.constantFrom('rollback', 'fail', 'off'),
  isVerified: fc.constantFrom(true, true, true, false),
  hasLog: fc.boolean(),
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
      history.look(history.see(), 3)
      expect(history.told).toHaveLength(count)
      const runs = digestsOf(history.world, primaryOf(history.world).taskDefinitionArn)
      const good = (record?.good ?? []).map(({ images }) => digestsIn(images))
      if (!isBeyondHelp(history.world)) {
        expect(record).not.toHaveProperty('inFlight')
        expect(good).toContainEqual(runs)
        for (const digest of Object.values(runs)) expect(history.world.behaviours[digest]).toBe('good')
      }
    }),
    RUNS,
  )
})

function digestsIn(images: Readonly<Record<string, DeployedImage>>): Digests {
  return Object.fromEntries(Object.entries(images).map(([container, { digest }]) => [container, digest]))
}

/** Nothing was ever good; or the alarm has rung since before anything was deployed, so that it tells on nothing. */
function isBeyondHelp({ alarm, record }: World): boolean {
  const reason = record?.trouble?.reason
  if (reason === 'already-alarming') return alarm.transitionedAt < (record?.unverifiedSince ?? 0)
  return reason === 'nothing-to-roll-back-to'
}

function rollbacksOf({ told }: History) {
  return told.flatMap(({ decision, deployment, view }, index) => {
    return decision.kind === 'roll-back' ? [{ decision, deployment, view, index }] : []
  })
}

/** The deployments that did not come about: something took their place, or nothing was left to do. */
function droppedOf({ told }: History): Set<string> {
  const dropped = told.flatMap(({ decision }) => {
    if (decision.kind === 'deploy') return decision.supersedes ?? []
    const isDropped = decision.reason === 'overtaken' || decision.reason === 'failed'
    return decision.kind === 'record' && isDropped ? decision.deployment : []
  })
  return new Set(dropped)
}

test('nothing is deployed while it is quarantined, held, paused or frozen, unless a person named it', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const asked = new Set<string>()
      for (const { decision, deployment, view } of play(steps).told) {
        if (decision.kind !== 'deploy') continue
        if (decision.reason === 'requested') asked.add(deployment)
        const { pause } = view.record ?? {}
        if (decision.breakGlass === undefined)
          expect({ pause, freezes: view.freezes }).toEqual({ pause: undefined, freezes: [] })
        if (!asked.has(deployment)) expectAllowed(decision, view)
      }
    }),
    RUNS,
  )
})

function expectAllowed({ changes }: Rollout, { record, repositories }: DeliveryView): void {
  const { hold, quarantine = {} } = record ?? {}
  for (const { container, fromDigest, to } of changes) {
    if (fromDigest === to.digest) continue
    expect(quarantine[to.digest]).toBeUndefined()
    const pushedAt = repositories[to.repository]?.find(({ digest }) => digest === to.digest)?.pushedAt ?? 0
    if (hold?.images[container] !== undefined) expect(pushedAt).toBeGreaterThan(hold.since)
  }
}

test('nothing is rolled back without evidence against what runs, twice for one cause, or back from a rollback', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const history = play(steps)
      const rollbacks = rollbacksOf(history).filter(({ decision }) => decision.reason !== 'unfinished-intent')
      const dropped = droppedOf(history)
      const causes = rollbacks
        .filter(({ deployment }) => !dropped.has(deployment))
        .map(({ decision }) => decision.rollback.cause)
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
          return earlier.kind === 'verify' ? [digestsIn(earlier.good.images)] : []
        })
        const digests = digestsIn(decision.images)
        expect(verified).toContainEqual(digests)
        expect(decision.hold.images).toEqual(digests)
        for (const digest of Object.values(digests)) expect(decision.quarantine).not.toHaveProperty([digest])
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

test('no deployment is counted twice, and none that was not begun is counted as failed', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const { told } = play(steps)
      const counted = told.flatMap(({ decision, view }) => {
        const metrics = measuresOf(view, [decision]).flatMap((each) => each.metrics)
        const { inFlight } = view.record ?? {}
        const of = decision.kind === 'verify' ? decision.good.deployment : inFlight?.rollback?.of
        return metrics.map(({ name, value }) => `${name} ${value} ${of ?? inFlight?.id}`)
      })
      const once = counted.filter((each) => /^(Deployments|FailedDeployments) /.test(each))
      expect(once.toSorted()).toEqual([...new Set(once)].toSorted())
    }),
    { numRuns: 300 },
  )
})
