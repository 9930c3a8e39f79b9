import { expect, test } from 'vitest'
import {
  alarm,
  container,
  crash,
  digest,
  good,
  health,
  image,
  inFlight,
  known,
  REGISTRY,
  record,
  replaced,
  settings,
  TWO,
  view,
} from './builders.ts'
import { decideDelivery } from './delivery.ts'
import { explain } from './explain.ts'
import type { ObservedHealth } from './health.ts'
import type { Guard } from './settings.ts'
import { NOW, told, turn } from './testing.ts'
import type { DeliveryView, ServiceRecord, Usable } from './view.ts'
import { goodToCheck, healthWanted } from './wanted.ts'

const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'
const ACTIVE: Usable = { definition: 'active', hasSnapshot: true, missingImages: [] }
const B = { serviceCreatedAt: 500, primaryId: 'ecs-svc/2', taskDefinitionArn: `${TD}/web:2` }
const IMAGE_B = { app: { repository: 'web', digest: digest('b') } }
const BAKING = { primaryId: 'ecs-svc/2', since: NOW - 30_000 }

/** Runs image `b` since 9000, completed and watched; image `a` was good before. */
function bad(
  seen: Partial<ObservedHealth> = {},
  remembered: Partial<ServiceRecord> = {},
  overrides: Partial<DeliveryView> = {},
): DeliveryView {
  return view({
    service: replaced('b'),
    repositories: { web: TWO },
    record: record({
      known: { ...B, images: IMAGE_B, completedAt: 9500 },
      bake: BAKING,
      good: [good('a')],
      ...remembered,
    }),
    health: health(seen),
    usable: { [`${TD}/web:1`]: ACTIVE },
    ...overrides,
  })
}

function unseen({ health: _health, usable: _usable, ...rest }: DeliveryView): DeliveryView {
  return rest
}

const guard = (wish: Partial<Guard>) => {
  const base = settings('semver:1.x')
  return { settings: { ...base, guard: { ...base.guard, ...wish } } }
}
const RINGS = { alarms: [alarm()] }
const UNHEALTHY = {
  targets: [{ targetGroup: 'web', healthy: 0, unhealthy: 2, initial: 0, reasons: ['Target.Timeout'] }],
}
const trouble = (
  reason: 'targets-unhealthy' | 'correlated-outage' | 'after-outage' | 'paused',
  since: number,
) => ({
  trouble: { reason, cause: 'targets:ecs-svc/2', since, note: 'seen' },
})
const IS_BACK = { rolledBack: { taskDefinitionArn: `${TD}/web:2`, at: 1, cause: 'c' } }

test.each<[string, DeliveryView, string[]]>([
  ['an alarm that went off after the deployment', bad(RINGS), ['roll-back alarm']],
  ['an alarm that is quiet', bad({ alarms: [alarm({ state: 'OK' })] }), ['skip already-running']],
  ['a muted alarm', bad({ alarms: [alarm({ muted: 'deploy-window' })] }), ['hold muted']],
  [
    'an alarm older than the deployment',
    bad({ alarms: [alarm({ transitionedAt: 8000 })] }),
    ['hold already-alarming'],
  ],
  [
    'an alarm of an earlier deployment, which nobody verified',
    bad(
      { alarms: [alarm({ transitionedAt: 8000 })] },
      { unverifiedSince: 7000, bake: { ...BAKING, since: NOW - 600_000 } },
    ),
    ['roll-back alarm'],
  ],
  [
    'the same, while this one may mend it',
    bad({ alarms: [alarm({ transitionedAt: 8000 })] }, { unverifiedSince: 7000 }),
    ['hold already-alarming'],
  ],
  ['an alarm without data', bad({ alarms: [alarm({ missingData: true })] }), ['hold missing-data']],
  ['an alarm without traffic', bad({ alarms: [alarm({ requests: 0 })] }), ['hold no-traffic']],
  [
    'an alarm of a load balancer that others share',
    bad({ alarms: [alarm({ ties: ['load-balancer'], sharedWith: 2 })] }),
    ['hold shared-alarm'],
  ],
  [
    'an alarm that others share and a tag gives to this one',
    bad({ alarms: [alarm({ ties: ['load-balancer', 'tag'], sharedWith: 2 })] }),
    ['roll-back alarm'],
  ],
  [
    'many services in alarm at once',
    bad({ ...RINGS, fleet: { watched: 10, alarming: 2, rolledBackLately: 1 } }),
    ['hold correlated-outage'],
  ],
  [
    'two services in alarm at once',
    bad({ ...RINGS, fleet: { watched: 2, alarming: 2, rolledBackLately: 0 } }),
    ['roll-back alarm'],
  ],
  [
    'a fifth of many',
    bad({ ...RINGS, fleet: { watched: 20, alarming: 4, rolledBackLately: 0 } }),
    ['roll-back alarm'],
  ],
  ['the last to recover from an outage', bad(RINGS, trouble('correlated-outage', 1)), ['hold after-outage']],
  ['not for long yet', bad(RINGS, trouble('after-outage', NOW - 1000)), []],
  [
    'for a bake time after an outage',
    bad(RINGS, trouble('after-outage', NOW - 600_000)),
    ['roll-back alarm'],
  ],
  ['a deployment of long ago', bad(RINGS, {}, guard({ watchMs: 1000 })), ['hold nothing-recent']],
  [
    'three crashes',
    bad({ stops: [crash(NOW - 1), crash(NOW - 2), crash(NOW - 3)] }),
    ['roll-back crash-loop'],
  ],
  ['two crashes', bad({ stops: [crash(NOW - 1), crash(NOW - 2)] }), []],
  ['three crashes, one long ago', bad({ stops: [crash(NOW - 1), crash(NOW - 2), crash(NOW - 600_001)] }), []],
  [
    'three crashes of another deployment',
    bad({ stops: [1, 2, 3].map((ago) => crash(NOW - ago, { deploymentId: 'ecs-svc/1' })) }),
    [],
  ],
  [
    'Spot takes tasks',
    bad({ running: 1, stops: [1, 2, 3].map((ago) => crash(NOW - ago, { stopCode: 'SpotInterruption' })) }),
    ['hold infrastructure'],
  ],
  ['unhealthy targets, seen first', bad(UNHEALTHY), ['hold targets-unhealthy']],
  ['unhealthy targets, not for long', bad(UNHEALTHY, trouble('targets-unhealthy', NOW - 59_999)), []],
  [
    'unhealthy targets that stay so',
    bad(UNHEALTHY, trouble('targets-unhealthy', NOW - 60_000)),
    ['roll-back targets-unhealthy'],
  ],
  [
    'half of the targets unhealthy',
    bad({ targets: [{ targetGroup: 'web', healthy: 1, unhealthy: 1, initial: 0, reasons: [] }] }),
    [],
  ],
  [
    'failed, and left there by ECS',
    bad({}, {}, { service: replaced('b', { rolloutState: 'FAILED' }) }),
    ['roll-back deployment-failed'],
  ],
  ['the guard is off', bad(RINGS, {}, guard({ mode: 'off' })), ['hold guard-off']],
  ['a paused service', bad(RINGS, { pause: { by: 'ann', reason: 'audit', at: 1 } }), ['hold paused']],
  ['after the pause', bad(RINGS, trouble('paused', 1)), ['roll-back alarm']],
  ['what runs was gone back to', bad(RINGS, IS_BACK), ['hold rollback-unhealthy']],
  [
    'what was gone back to rings on',
    bad(
      { alarms: [alarm({ transitionedAt: 8000 })] },
      {
        ...IS_BACK,
        trouble: { reason: 'recovering', cause: 'c', since: 1, note: 'seen' },
        rolledBack: { ...IS_BACK.rolledBack, at: NOW - 1000 },
      },
    ),
    [],
  ],
  [
    'it rings on for too long',
    bad(
      { alarms: [alarm({ transitionedAt: 8000 })] },
      {
        ...IS_BACK,
        trouble: { reason: 'recovering', cause: 'c', since: 1, note: 'seen' },
        rolledBack: { ...IS_BACK.rolledBack, at: NOW - 300_000 },
      },
    ),
    ['hold rollback-unhealthy'],
  ],
  [
    'a cause that was rolled back for',
    bad(RINGS, { rolledBack: { taskDefinitionArn: `${TD}/web:1`, at: 1, cause: `${alarm().arn}@10000` } }),
    ['hold already-rolled-back'],
  ],
  ['nothing was good before', bad(RINGS, { good: [] }), ['hold nothing-to-roll-back-to']],
  ['only what runs was good', bad(RINGS, { good: [good('b', 2)] }), ['hold nothing-to-roll-back-to']],
  [
    'what was good is quarantined',
    bad(RINGS, { quarantine: { [digest('a')]: 'failed' } }),
    ['hold nothing-to-roll-back-to'],
  ],
  [
    'what was good was of a deleted service',
    bad(RINGS, { good: [good('a', 1, { serviceCreatedAt: 400 })] }),
    ['hold nothing-to-roll-back-to'],
  ],
  [
    'an image of what was good is gone',
    bad(RINGS, {}, { usable: { [`${TD}/web:1`]: { ...ACTIVE, missingImages: [digest('a')] } } }),
    ['hold nothing-to-roll-back-to'],
  ],
  ['what was good has not been looked at', bad(RINGS, {}, { usable: {} }), []],
  [
    'frozen',
    bad(RINGS, {}, { freezes: [{ id: 'f', scope: 'all', reason: 'sale', by: 'ann' }] }),
    ['roll-back alarm'],
  ],
  [
    'a newer image to deploy',
    bad(RINGS, {}, { repositories: { web: [...TWO, image('c', ['1.2.0'])] } }),
    ['roll-back alarm'],
  ],
  ['recovered', bad({}, trouble('paused', 1)), ['clear recovered']],
  ['baked', bad({}, { bake: { ...BAKING, since: NOW - 600_000 } }), ['verify baked']],
  ['not baked for long enough', bad({}, { bake: { ...BAKING, since: NOW - 599_999 } }), []],
  [
    'an alarm recovered in the bake',
    bad(
      { alarms: [alarm({ state: 'OK', transitionedAt: NOW - 599_999 })] },
      { bake: { ...BAKING, since: NOW - 600_000 } },
    ),
    [],
  ],
  [
    'a crash in the bake',
    bad({ stops: [crash(NOW - 599_999)] }, { bake: { ...BAKING, since: NOW - 600_000 } }),
    [],
  ],
  ['a task short', bad({ running: 1 }, { bake: { ...BAKING, since: NOW - 600_000 } }), []],
  [
    'without tasks',
    bad(
      { running: 0 },
      { bake: { ...BAKING, since: NOW - 600_000 } },
      { service: { ...replaced('b'), desiredCount: 0 } },
    ),
    [],
  ],
  ['verified already', bad({}, { bake: { ...BAKING, since: NOW - 600_000, verifiedAt: 1 } }), []],
  ['nobody looked at its health', unseen(bad({}, { bake: { ...BAKING, since: NOW - 600_000 } })), []],
])('guarded: %s', (_, seen, expected) => {
  const decided = told(seen)
  expect(decided.filter((each) => !each.startsWith('skip'))).toEqual(
    expected.filter((each) => !each.startsWith('skip')),
  )
  for (const decision of decideDelivery(seen, NOW)) expect(explain(decision)).not.toMatch(/undefined/)
})

test('a rollback holds what was good, sets aside what was not, and is one intent', () => {
  const [decision] = decideDelivery(bad(RINGS), NOW)
  expect(decision).toMatchObject({
    kind: 'roll-back',
    rollback: { how: 'update', of: 'ecs-svc/2', taskDefinitionArn: `${TD}/web:1` },
    register: false,
    hold: { reason: 'rolled-back', since: NOW, images: { app: digest('a') } },
    basePrimaryId: 'ecs-svc/2',
  })
  const { record: after } = turn(bad(RINGS), NOW).view
  expect(Object.keys(after?.quarantine ?? {})).toEqual([digest('b')])
  expect(after).toMatchObject({
    inFlight: { images: { app: { digest: digest('a') } } },
    trouble: { reason: 'recovering' },
  })
})

test('a deployment under way is stopped, where ECS itself goes back to what was good', () => {
  const flight = inFlight('b', { state: 'started', primaryId: 'ecs-svc/2' })
  const stopping = { arn: 'arn:…/sd-1', status: 'IN_PROGRESS', targetTaskDefinitionArn: `${TD}/web:2` }
  const busy = (serviceDeployment?: ObservedHealth['serviceDeployment']) =>
    bad(
      { ...RINGS, ...(serviceDeployment && { serviceDeployment }) },
      { known: known(), inFlight: flight },
      { service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    )
  expect(decideDelivery(busy(stopping), NOW).at(-1)).toMatchObject({
    rollback: { how: 'stop', of: 'd-1' },
    serviceDeploymentArn: 'arn:…/sd-1',
    supersedes: 'd-1',
  })
  expect(decideDelivery(busy(), NOW).at(-1)).toMatchObject({ rollback: { how: 'update' } })
  expect(decideDelivery(busy({ ...stopping, status: 'SUCCESSFUL' }), NOW).at(-1)).toMatchObject({
    rollback: { how: 'update' },
  })
})

test('without anything to go back to, what runs is set aside all the same, and it is told once', () => {
  const first = turn(bad(RINGS, { good: [] }), NOW)
  expect(Object.keys(first.view.record?.quarantine ?? {})).toEqual([digest('b')])
  expect(turn(first.view, NOW + 60_000).decisions.map(({ kind }) => kind)).toEqual(['skip'])
})

test('what recovers is watched from then on, and what is verified is in quarantine no more', () => {
  const cleared = turn(bad({}, { ...trouble('paused', 1), quarantine: { [digest('b')]: 'unhealthy' } }), NOW)
  expect(cleared.view.record).toMatchObject({ bake: { since: NOW } })
  const verified = turn(cleared.view, NOW + 600_000).view.record
  expect(verified).toMatchObject({ quarantine: {}, bake: { verifiedAt: NOW + 600_000 } })
  expect(verified?.good?.map(({ images }) => images.app?.digest)).toEqual([digest('b'), digest('a')])
})

test('what is verified under a tag is remembered to be', () => {
  const byTag = { ...replaced('b'), containers: [container(`${REGISTRY}/web:1.1.0`)] }
  const seen = bad({}, { bake: { ...BAKING, since: NOW - 600_000 } }, { service: byTag })
  expect(turn(seen, NOW).view.record?.good?.[0]).toMatchObject({ byTag: { app: '1.1.0' }, images: IMAGE_B })
})

test.each<[string, DeliveryView, boolean]>([
  ['what is watched', bad(), true],
  ['what was verified lately', bad({}, { bake: { ...BAKING, verifiedAt: 1 } }), true],
  [
    'what was verified long ago',
    bad({}, { bake: { ...BAKING, verifiedAt: 1 } }, guard({ watchMs: 1000 })),
    false,
  ],
  ['what is in trouble, long ago', bad({}, trouble('paused', 1), guard({ watchMs: 1000 })), true],
  [
    'what is replaced at once',
    bad({}, {}, { repositories: { web: [...TWO, image('c', ['1.2.0'])] } }),
    false,
  ],
  ['what was never seen', bad({}, {}, { record: undefined }), false],
  [
    'an intent that was not done',
    view({ repositories: { web: TWO }, record: record({ inFlight: inFlight('b') }) }),
    false,
  ],
  [
    'what is deployed',
    bad(
      {},
      { known: known(), inFlight: inFlight('b') },
      { service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    ),
    true,
  ],
  [
    'an operator who goes back',
    bad({}, {}, { rollbackRequest: { by: 'ann', reason: 'slow' }, ...guard({ watchMs: 1 }) }),
    true,
  ],
  ['an operator who deploys', bad({}, {}, { request: { by: 'ann' } }), false],
  [
    'what someone else deploys',
    bad({}, {}, { service: replaced('a', { rolloutState: 'IN_PROGRESS', id: 'ecs-svc/9' }) }),
    false,
  ],
])('health is looked at: %s', (_, seen, expected) => {
  expect(healthWanted(unseen(seen), NOW)).toBe(expected)
})

test('good states are looked at only to go back to them', () => {
  const { usable: _usable, ...unchecked } = bad(RINGS)
  expect(goodToCheck(unchecked, NOW)).toEqual([good('a')])
  expect(goodToCheck(bad(RINGS), NOW)).toEqual([])
  expect(goodToCheck({ ...unchecked, health: health() }, NOW)).toEqual([])
  const inactive = {
    ...unchecked,
    usable: { [`${TD}/web:1`]: { ...ACTIVE, definition: 'inactive' as const } },
  }
  expect(decideDelivery(inactive, NOW).at(-1)).toMatchObject({ kind: 'roll-back', register: true })
})
