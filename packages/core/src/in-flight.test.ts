import { expect, test } from 'vitest'
import {
  deployment,
  digest,
  image,
  inFlight,
  known,
  record,
  replaced,
  service,
  settings,
  THREE,
  TWO,
  track,
  view,
} from './builders.ts'
import { decideDelivery } from './delivery.ts'
import { explain } from './explain.ts'
import { DEFAULT_GUARD } from './guard-settings.ts'
import { mainDecision, NOW, told, turn } from './testing.ts'
import type { DeliveryView } from './view.ts'

const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'

const STARTED = { state: 'started', primaryId: 'ecs-svc/2' } as const
const DRAINING = deployment({
  id: 'ecs-svc/2',
  status: 'ACTIVE',
  rolloutState: 'FAILED',
  createdAt: 4000,
  taskDefinitionArn: `${TD}/web:2`,
})
const ROLLED_BACK = service({
  primary: deployment({ id: 'ecs-svc/3', rolloutState: 'IN_PROGRESS', createdAt: 7000 }),
})

/** Image `b` is in flight. */
test.each<[string, Partial<DeliveryView>, Partial<ReturnType<typeof inFlight>>, string[]]>([
  [
    'seen, in progress',
    { service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    {},
    ['record started', 'wait deployment-in-progress'],
  ],
  [
    'in progress',
    { service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    STARTED,
    ['wait deployment-in-progress'],
  ],
  [
    'completed',
    { service: replaced('b', {}, 'd-1') },
    STARTED,
    ['record completed', 'bake completed', 'skip already-running'],
  ],
  [
    'completed before it was seen',
    { service: replaced('b', {}, 'd-1') },
    {},
    ['record completed', 'bake completed', 'skip already-running'],
  ],
  [
    'completed without a rollout state',
    { service: replaced('b', { rolloutState: undefined }, 'd-1') },
    STARTED,
    ['record completed', 'bake completed', 'skip already-running'],
  ],
  [
    'failed and left there',
    { service: replaced('b', { rolloutState: 'FAILED' }, 'd-1') },
    STARTED,
    ['record failed', 'skip already-running'],
  ],
  [
    'failed and rolled back',
    { service: { ...ROLLED_BACK, deployments: [ROLLED_BACK.primary, DRAINING] } },
    STARTED,
    ['record failed', 'skip quarantined'],
  ],
  ['rolled back and drained', { service: ROLLED_BACK }, STARTED, ['record failed', 'skip quarantined']],
  [
    'rolled back before it was seen',
    { service: { ...ROLLED_BACK, deployments: [ROLLED_BACK.primary, DRAINING] } },
    {},
    ['record failed', 'skip quarantined'],
  ],
  ['back on its base', {}, STARTED, ['record failed', 'skip quarantined']],
  ['not visible yet', {}, { ...STARTED, intendedAt: NOW - 5000 }, ['wait deployment-in-progress']],
  ['intended and not done', {}, {}, ['deploy unfinished-intent']],
  ['intended just now by someone else', {}, { intendedAt: NOW - 500 }, ['wait deployment-in-progress']],
  [
    'overtaken by someone else',
    { service: replaced('d', { id: 'ecs-svc/9', createdAt: 6000 }) },
    STARTED,
    ['record overtaken', 'bake completed', 'hold foreign-change'],
  ],
  [
    'overtaken before it was done',
    { service: replaced('d', { id: 'ecs-svc/9', createdAt: 6000 }) },
    {},
    ['record overtaken', 'bake completed', 'hold foreign-change'],
  ],
  [
    'overtaken by something newer',
    { service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'), repositories: { web: THREE } },
    STARTED,
    ['deploy newer-image'],
  ],
  ['intended, and something newer came', { repositories: { web: THREE } }, {}, ['deploy newer-image']],
  [
    'an older image comes meanwhile',
    {
      service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'),
      repositories: { web: [...TWO, image('e', ['1.0.5'], { pushedAt: 9000 })] },
    },
    STARTED,
    ['wait deployment-in-progress'],
  ],
  [
    'no longer enrolled',
    {
      service: replaced('b', {}, 'd-1'),
      settings: { enrolled: false, source: 'none', tracks: [], guard: DEFAULT_GUARD, problems: [] },
    },
    STARTED,
    ['record completed', 'skip not-enrolled'],
  ],
  ['paused before it was done', { settings: settings('off') }, {}, ['skip paused']],
  [
    'its container no longer tracked',
    { settings: settings(track('semver:1.x', { container: 'gone' })) },
    {},
    ['record overtaken', 'skip no-matching-image'],
  ],
])('in flight: %s', (_, overrides, flight, expected) => {
  const base = view({ repositories: { web: TWO }, record: record({ inFlight: inFlight('b', flight) }) })
  expect(told({ ...base, ...overrides })).toEqual(expected)
})

test('an unfinished intent is resumed under its id and with its hold', () => {
  const hold = {
    reason: 'requested',
    since: 8000,
    images: { app: digest('b') },
    note: 'ann asked for 1.1.0',
  } as const
  const flight = inFlight('b', { intendedAt: 8000 })
  const unfinished = view({ repositories: { web: THREE }, record: record({ inFlight: flight, hold }) })
  const changes = [{ to: { digest: digest('b') } }]
  expect(mainDecision(unfinished)).toMatchObject({
    reason: 'unfinished-intent',
    resumes: 'd-1',
    changes,
    hold,
  })
})

test('a request that was not finished is carried out although the policy is off', () => {
  const hold = {
    reason: 'requested',
    since: 3000,
    images: { app: digest('b') },
    note: 'ann asked for 1.1.0',
  } as const
  const paused = view({
    settings: settings('off'),
    repositories: { web: TWO },
    record: record({ inFlight: inFlight('b'), hold }),
  })
  expect(told(paused)).toEqual(['deploy unfinished-intent'])
})

test('what is newer takes the place of the deployment in flight', () => {
  const busy = view({
    service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'),
    repositories: { web: THREE },
    record: record({ inFlight: inFlight('b', STARTED) }),
  })
  expect(mainDecision(busy)).toMatchObject({
    supersedes: 'd-1',
    basePrimaryId: 'ecs-svc/2',
    changes: [{ to: { tag: '1.2.0' } }],
  })
})

test('a failed deployment quarantines what it brought in, and only that', () => {
  const images = {
    app: { repository: 'web', digest: digest('b') },
    side: { repository: 'web', digest: digest('a') },
  }
  const before = known({
    images: {
      app: { repository: 'web', digest: digest('a') },
      side: { repository: 'web', digest: digest('a') },
    },
  })
  const [failed] = decideDelivery(
    view({ record: record({ known: before, inFlight: inFlight('b', { ...STARTED, images }) }) }),
    NOW,
  )
  expect(failed).toMatchObject({
    reason: 'failed',
    failedDigests: [digest('b')],
    known: { images: before.images },
  })
})

test('a completed deployment is known with its images and its time', () => {
  const [completed] = decideDelivery(
    view({ service: replaced('b', {}, 'd-1'), record: record({ inFlight: inFlight('b', STARTED) }) }),
    NOW,
  )
  expect(completed).toMatchObject({
    known: { primaryId: 'ecs-svc/2', images: { app: { digest: digest('b') } }, completedAt: 2500 },
  })
})

test('an image that failed before and completes at last is in quarantine no more', () => {
  const quarantine = { [digest('b')]: 'deployment d-0 failed', [digest('c')]: 'deployment d-0 failed' }
  const completed = view({
    service: replaced('b', {}, 'd-1'),
    record: record({ inFlight: inFlight('b'), quarantine }),
    repositories: { web: THREE },
  })
  expect(turn(completed, NOW).view.record?.quarantine).toEqual({ [digest('c')]: 'deployment d-0 failed' })
})

test('a failed deployment is told with the reason that ECS gives', () => {
  const rolloutStateReason = 'ECS deployment circuit breaker: tasks failed to start.'
  const deployments = [ROLLED_BACK.primary, { ...DRAINING, rolloutStateReason }]
  const [failed] = decideDelivery(
    view({ service: { ...ROLLED_BACK, deployments }, record: record({ inFlight: inFlight('b', STARTED) }) }),
    NOW,
  )
  if (failed === undefined) throw new Error('There is always a decision')
  const why = String.raw`\(ECS deployment circuit breaker: tasks failed to start\)\.$`
  expect(explain(failed)).toMatch(new RegExp(`failed; its new images .* ${why}`))
  // Such as a rollback, which goes back to what was good.
  const withoutImages = failed.kind === 'record' ? { ...failed, failedDigests: [] } : failed
  expect(explain(withoutImages)).toMatch(new RegExp(`failed ${why}`))
})

test('a dropped intent leaves what it was to replace known, so that it is not taken for a stranger', () => {
  const dropped = decideDelivery(
    view({
      service: replaced('b', { rolloutState: 'IN_PROGRESS' }, 'd-0'),
      record: record({ inFlight: inFlight('c', { basePrimaryId: 'ecs-svc/2' }) }),
      repositories: { web: TWO },
    }),
    NOW,
  )
  expect(dropped).toMatchObject([
    {
      kind: 'record',
      reason: 'overtaken',
      known: { primaryId: 'ecs-svc/2', images: { app: { digest: digest('b') } } },
    },
    { kind: 'skip', reason: 'already-running' },
  ])
})
