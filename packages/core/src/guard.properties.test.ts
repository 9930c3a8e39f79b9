/** What holds for every decision of the guard, whatever is remembered and seen, also where it does not fit together. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  alarm,
  crash,
  deployment,
  digest,
  good,
  health,
  inFlight,
  known,
  pinned,
  record,
  service,
  settings,
  THREE,
} from './builders.ts'
import { decideDelivery } from './delivery.ts'
import { explain, fingerprint } from './explain.ts'
import type { ObservedHealth } from './health.ts'
import { NOW, turn } from './testing.ts'
import { type DeliveryView, HOLD_REASONS, type ServiceRecord } from './view.ts'
import { goodToCheck, healthWanted } from './wanted.ts'

const RUNS = { numRuns: 1000 }
const letters = fc.constantFrom('a', 'b', 'c')
const times = fc.constantFrom(0, 1000, 9000, NOW - 700_000, NOW - 70_000, NOW - 1000, NOW, NOW + 5000)
const primaryIds = fc.constantFrom('ecs-svc/1', 'ecs-svc/2', 'ecs-svc/3')
const definitions = fc
  .constantFrom(1, 2, 3)
  .map((revision) => `arn:aws:ecs:us-east-1:123456789012:task-definition/web:${revision}`)
const rollouts = fc.constantFrom('IN_PROGRESS', 'COMPLETED', 'FAILED', undefined)
const counts = fc.nat(4)

const alarms = fc
  .record({
    name: fc.constantFrom('web-5xx', 'web-slow'),
    state: fc.constantFrom('OK', 'ALARM', 'INSUFFICIENT_DATA'),
    transitionedAt: times,
    ties: fc.subarray(['target-group', 'load-balancer', 'tag', 'child'] as const),
    missingData: fc.boolean(),
    sharedWith: counts,
    requests: counts,
  })
  .map((each) => alarm({ ...each, arn: `arn:…:${each.name}` }))

const seen: fc.Arbitrary<ObservedHealth> = fc
  .record(
    {
      alarms: fc.uniqueArray(alarms, { maxLength: 2, selector: ({ name }) => name }),
      targets: fc.array(
        fc.record({
          targetGroup: fc.constant('web'),
          healthy: counts,
          unhealthy: counts,
          initial: counts,
          reasons: fc.constant([]),
        }),
        { maxLength: 2 },
      ),
      stops: fc.array(
        fc
          .tuple(
            times,
            primaryIds,
            fc.constantFrom('EssentialContainerExited', 'SpotInterruption', 'Strange'),
          )
          .map(([at, deploymentId, stopCode]) => crash(at, { deploymentId, stopCode })),
        { maxLength: 4 },
      ),
      running: counts,
      serviceDeployment: fc.record({
        arn: fc.constant('sd/1'),
        status: fc.constantFrom('IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'SUCCESSFUL', 'STRANGE'),
      }),
      fleet: fc.record({ watched: counts, alarming: counts, rolledBackLately: counts }),
    },
    { requiredKeys: [] },
  )
  .map(health)

const goods = fc
  .tuple(letters, fc.constantFrom(1, 2, 3), fc.constantFrom(500, 400))
  .map(([letter, revision, serviceCreatedAt]) => good(letter, revision, { serviceCreatedAt }))
const flights = fc
  .record(
    {
      state: fc.constantFrom('intended', 'started'),
      primaryId: primaryIds,
      basePrimaryId: primaryIds,
      intendedAt: times,
      rollback: fc.record({
        of: fc.constant('d-0'),
        cause: fc.constant('cause'),
        how: fc.constantFrom('stop', 'update'),
        taskDefinitionArn: definitions,
      }),
    },
    { requiredKeys: [] },
  )
  .chain((flight) => letters.map((letter) => inFlight(letter, flight)))

const records: fc.Arbitrary<ServiceRecord> = fc
  .record(
    {
      known: fc.record({ primaryId: primaryIds, taskDefinitionArn: definitions }).map(known),
      bake: fc.record({ primaryId: primaryIds, since: times }),
      good: fc.array(goods, { maxLength: 3 }),
      trouble: fc.record({
        reason: fc.constantFrom(...HOLD_REASONS),
        cause: fc.constantFrom('targets:ecs-svc/1', 'cause'),
        since: times,
        note: fc.constant('seen'),
      }),
      rolledBack: fc.record({ taskDefinitionArn: definitions, at: times, cause: fc.constant('cause') }),
      unverifiedSince: times,
      inFlight: flights,
      hold: letters.map((letter) => ({
        reason: 'rolled-back' as const,
        since: 5500,
        images: { app: digest(letter) },
        note: 'rolled back',
      })),
      pause: fc.constant({ by: 'ann', reason: 'audit', at: 1 }),
      quarantine: fc
        .uniqueArray(letters, { maxLength: 2 })
        .map((all) => Object.fromEntries(all.map((letter) => [digest(letter), 'failed']))),
    },
    { requiredKeys: [] },
  )
  .map(record)

const views: fc.Arbitrary<DeliveryView> = fc
  .record({
    primary: fc.record({
      id: primaryIds,
      taskDefinitionArn: definitions,
      rolloutState: rollouts,
      createdAt: times,
    }),
    letter: letters,
    registeredBy: fc.constantFrom(undefined, 'd-1'),
    remembered: records,
    seen: fc.option(seen, { nil: undefined }),
    missing: fc.boolean(),
    definition: fc.constantFrom('active', 'inactive', 'missing'),
    mode: fc.constantFrom('watch', 'off'),
    frozen: fc.boolean(),
  })
  .map(({ primary, letter, registeredBy, remembered, seen: looked, missing, definition, mode, frozen }) => {
    const base = settings('semver:1.x')
    const usable = { definition, hasSnapshot: !missing, missingImages: missing ? [digest('a')] : [] }
    const arns = [1, 2, 3].map((revision) => good('a', revision).taskDefinitionArn)
    return {
      service: service({ primary: deployment(primary), registeredBy, containers: [pinned(letter)] }),
      settings: { ...base, guard: { ...base.guard, mode } },
      record: remembered,
      repositories: { web: THREE },
      freezes: frozen ? [{ id: 'f', scope: 'all', reason: 'sale', by: 'ann' }] : [],
      ...(looked && { health: looked, usable: Object.fromEntries(arns.map((arn) => [arn, usable])) }),
    }
  })

test('nothing that is seen or remembered breaks a decision, and each is explained', () => {
  fc.assert(
    fc.property(views, (view) => {
      for (const decision of decideDelivery(view, NOW)) {
        expect(explain(decision)).toMatch(/^[A-Z].*\.$/s)
        expect(explain(decision)).not.toMatch(/undefined|NaN/)
        expect(fingerprint(decision)).toBe(fingerprint(structuredClone(decision)))
      }
      expect(typeof healthWanted(view, NOW)).toBe('boolean')
      if (view.usable !== undefined) expect(goodToCheck(view, NOW)).toEqual([])
    }),
    RUNS,
  )
})

test('deciding twice changes nothing', () => {
  fc.assert(
    fc.property(views, (view) => {
      const { health: _, ...after } = turn(view, NOW).view
      const again = decideDelivery({ ...after, ...(view.health && { health: view.health }) }, NOW)
      const isRollout = decideDelivery(view, NOW).some(
        ({ kind }) => kind === 'deploy' || kind === 'roll-back',
      )
      // What was seen of its health was of what has been replaced since.
      if (isRollout) expect(again.some(({ kind }) => kind === 'deploy' || kind === 'roll-back')).toBe(false)
      else expect(['skip', 'wait']).toEqual(expect.arrayContaining(again.map(({ kind }) => kind)))
    }),
    RUNS,
  )
})

test('nothing is deployed or gone back to by itself that is quarantined, held, paused or frozen', () => {
  fc.assert(
    fc.property(views, (view) => {
      const { hold, pause, quarantine = {} } = view.record ?? {}
      for (const decision of decideDelivery(view, NOW)) {
        if (decision.kind !== 'deploy' && decision.kind !== 'roll-back') continue
        expect(pause).toBeUndefined()
        if (decision.kind === 'deploy') expect(view.freezes).toEqual([])
        if (decision.reason === 'unfinished-intent') continue
        for (const { fromDigest, to } of decision.changes) {
          if (fromDigest === to.digest || isFreed(view, to.digest)) continue
          expect(quarantine[to.digest]).toBeUndefined()
          const pushedAt = THREE.find((image) => image.digest === to.digest)?.pushedAt ?? 0
          if (decision.kind === 'deploy' && hold !== undefined) expect(pushedAt).toBeGreaterThan(hold.since)
        }
      }
    }),
    RUNS,
  )
})

/** Whether the ledger learns in the same pass that the image is good after all. */
function isFreed(view: DeliveryView, freed: string): boolean {
  return decideDelivery(view, NOW).some((decision) => {
    if (decision.kind === 'record' && decision.reason === 'completed')
      return Object.values(decision.known.images).some((image) => image.digest === freed)
    return decision.kind === 'adopt' && decision.reason === 'created-anew'
  })
}
