import { expect, test } from 'vitest'
import {
  deployment,
  digest,
  good,
  health,
  image,
  inFlight,
  known,
  pinned,
  record,
  replaced,
  service,
  settings,
  THREE,
  TWO,
  view,
} from './builders.ts'
import { decideDelivery, manifestsToRead } from './delivery.ts'
import { explain } from './explain.ts'
import { NOW, told, turn } from './testing.ts'
import type { DeliveryView, InFlight, RollbackRequest, ServiceRecord, Usable } from './view.ts'

const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'
const ACTIVE: Usable = { definition: 'active', hasSnapshot: true, missingImages: [] }
const USABLE = { usable: { [`${TD}/web:1`]: ACTIVE } }
const ROLLBACK = { of: 'd-0', cause: 'alarm@1', how: 'update', taskDefinitionArn: `${TD}/web:1` } as const
const HOLD = {
  reason: 'rolled-back',
  since: 3000,
  images: { app: digest('a') },
  note: 'rolled back',
} as const
const STARTED = { state: 'started', primaryId: 'ecs-svc/3' } as const
/** On `web:1` again, in a deployment of its own; another one's registered it. */
const BACK = (rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED') => ({
  service: service({ primary: deployment({ id: 'ecs-svc/3', rolloutState, createdAt: 4000 }) }),
})

/** On `web:2` again, which is gone back from. */
const PUT_BACK = { service: replaced('b', { id: 'ecs-svc/4' }) }
const rollout = (status: string, target: number) => ({
  health: health({
    serviceDeployment: { arn: 'sd', status, targetTaskDefinitionArn: `${TD}/web:${target}` },
  }),
})

/** Image `b` was completed, and is gone back from, to image `a`. */
function goingBack(flight: Partial<InFlight>, overrides: Partial<DeliveryView> = {}): DeliveryView {
  return view({
    service: replaced('b'),
    repositories: { web: TWO },
    record: record({
      known: known({
        primaryId: 'ecs-svc/2',
        taskDefinitionArn: `${TD}/web:2`,
        images: { app: { repository: 'web', digest: digest('b') } },
      }),
      bake: { primaryId: 'ecs-svc/2', since: 1, verifiedAt: 2 },
      good: [good('a')],
      quarantine: { [digest('b')]: 'rolled back' },
      hold: HOLD,
      trouble: { reason: 'recovering', cause: 'alarm@1', since: 3000, note: 'web-5xx rang' },
      rolledBack: { taskDefinitionArn: `${TD}/web:1`, at: 3000, cause: 'alarm@1' },
      inFlight: inFlight('a', { basePrimaryId: 'ecs-svc/2', rollback: ROLLBACK, ...flight }),
    }),
    ...overrides,
  })
}

test.each<[string, DeliveryView, string[]]>([
  ['intended just now', goingBack({ intendedAt: NOW - 500 }), ['wait deployment-in-progress']],
  ['intended and not done', goingBack({}, USABLE), ['roll-back unfinished-intent']],
  ['not done, and not known whether it can be', goingBack({}), ['wait deployment-in-progress']],
  [
    'not done, and its image is gone',
    goingBack({}, { usable: { [`${TD}/web:1`]: { ...ACTIVE, missingImages: [digest('a')] } } }),
    ['record failed', 'skip already-running'],
  ],
  [
    'asked for, and not seen yet',
    goingBack(
      {},
      { ...USABLE, health: health({ serviceDeployment: { arn: 'sd', status: 'ROLLBACK_IN_PROGRESS' } }) },
    ),
    ['wait deployment-in-progress'],
  ],
  ['seen', goingBack({}, BACK('IN_PROGRESS')), ['record started', 'wait deployment-in-progress']],
  ['in progress', goingBack(STARTED, BACK('IN_PROGRESS')), ['wait deployment-in-progress']],
  [
    'completed',
    goingBack(STARTED, BACK('COMPLETED')),
    ['record completed', 'bake completed', 'skip quarantined'],
  ],
  [
    'completed before it was seen',
    goingBack({}, BACK('COMPLETED')),
    ['record completed', 'bake completed', 'skip quarantined'],
  ],
  ['failed', goingBack(STARTED, BACK('FAILED')), ['record failed', 'skip quarantined']],
  [
    'registered anew',
    goingBack(
      {},
      {
        service: {
          ...replaced('a', { id: 'ecs-svc/3', taskDefinitionArn: `${TD}/web:3` }),
          registeredBy: 'd-1',
        },
      },
    ),
    ['record completed', 'bake completed', 'skip quarantined'],
  ],
  [
    'overtaken by someone else',
    goingBack(STARTED, {
      service: replaced('c', { id: 'ecs-svc/9', taskDefinitionArn: `${TD}/web:9` }),
      repositories: { web: THREE },
    }),
    ['record overtaken', 'adopt rolled-back', 'bake completed', 'skip already-running'],
  ],
  ['undone, and not known by whom', goingBack(STARTED, PUT_BACK), ['wait deployment-in-progress']],
  [
    'undone by ECS, where it failed',
    goingBack(STARTED, { ...PUT_BACK, ...rollout('ROLLBACK_SUCCESSFUL', 1) }),
    ['record failed', 'bake completed', 'clear recovered', 'skip already-running'],
  ],
  [
    'undone by someone else',
    goingBack(STARTED, { ...PUT_BACK, ...rollout('SUCCESSFUL', 2) }),
    ['record overtaken', 'adopt same-images', 'bake completed', 'clear recovered', 'skip already-running'],
  ],
  [
    'something newer is pushed meanwhile',
    goingBack(STARTED, { ...BACK('IN_PROGRESS'), repositories: { web: THREE } }),
    ['wait recovering'],
  ],
])('a rollback: %s', (_, seen, expected) => {
  expect(told(seen)).toEqual(expected)
})

test('what is newer waits until a rollback has calmed the service, at most five minutes', () => {
  const busy = goingBack(STARTED, { ...BACK('IN_PROGRESS'), repositories: { web: THREE } })
  const recent = { taskDefinitionArn: `${TD}/web:1`, at: NOW - 299_999, cause: 'alarm@1' }
  const waiting = { ...busy, record: { ...(busy.record ?? record()), rolledBack: recent } }
  expect(told(waiting)).toEqual(['wait recovering'])
  const longAgo = { ...waiting.record, rolledBack: { ...recent, at: NOW - 300_000 } }
  expect(told({ ...waiting, record: longAgo })).toEqual(['deploy newer-image'])
  const { trouble: _, ...calm } = waiting.record
  expect(told({ ...waiting, record: calm })).toEqual(['deploy newer-image'])
})

test('a rollback that is completed is known by what carried it out, and watched again', () => {
  const { record: after } = turn(goingBack(STARTED, BACK('COMPLETED')), NOW).view
  expect(after).toMatchObject({
    known: { primaryId: 'ecs-svc/3', images: { app: { digest: digest('a') } } },
    rolledBack: { primaryId: 'ecs-svc/3', taskDefinitionArn: `${TD}/web:1`, cause: 'alarm@1' },
    bake: { primaryId: 'ecs-svc/3', since: NOW },
    hold: HOLD,
    quarantine: { [digest('b')]: 'rolled back' },
  })
  expect(after).not.toHaveProperty('inFlight')
})

test('a rollback that fails sets nothing good aside', () => {
  const { record: after } = turn(goingBack(STARTED, BACK('FAILED')), NOW).view
  expect(Object.keys(after?.quarantine ?? {})).toEqual([digest('b')])
})

test("ECS's own rollback is held like one of Capstan's, and not gone back from", () => {
  const failing = view({
    service: service({ primary: deployment({ id: 'ecs-svc/3', createdAt: 7000 }) }),
    repositories: { web: TWO },
    record: record({
      good: [good('a')],
      inFlight: inFlight('b', { state: 'started', primaryId: 'ecs-svc/2' }),
    }),
  })
  expect(told(failing)).toEqual(['record failed', 'bake completed', 'skip quarantined'])
  expect(turn(failing, NOW).view.record).toMatchObject({
    hold: { reason: 'rolled-back', since: NOW, images: { app: digest('a') } },
    rolledBack: { primaryId: 'ecs-svc/3', cause: 'ecs:d-1' },
  })
})

test.each<[string, Partial<ServiceRecord>, typeof THREE, string]>([
  [
    'a newer one pushed since is deployed',
    {},
    [...TWO, image('c', ['1.2.0'], { pushedAt: 4000 })],
    'deploy newer-image',
  ],
  [
    'a lower one pushed since is deployed',
    {},
    [...TWO, image('c', ['1.0.5'], { pushedAt: 4000 })],
    'deploy newer-image',
  ],
  [
    'one pushed before stays away',
    {},
    [...TWO, image('c', ['1.0.5'], { pushedAt: 3000 })],
    'skip quarantined',
  ],
  [
    'one that is older than what runs stays away',
    {},
    [...TWO, image('c', ['0.9.0'], { pushedAt: 4000 })],
    'skip quarantined',
  ],
  [
    'the same one tagged again stays away',
    {},
    [image('a', ['1.0.0']), image('b', ['1.1.0', '1.3.0'], { pushedAt: 2000 })],
    'skip quarantined',
  ],
  [
    'a second one that failed stays away',
    { quarantine: { [digest('b')]: 'x', [digest('c')]: 'x' } },
    [...TWO, image('c', ['1.2.0'], { pushedAt: 4000 })],
    'skip quarantined',
  ],
])('after a rollback: %s', (_, remembered, web, expected) => {
  const held = record({ hold: HOLD, quarantine: { [digest('b')]: 'rolled back' }, ...remembered })
  expect(told(view({ record: held, repositories: { web } })).at(-1)).toBe(expected)
})

test('the manifest is read of what is next, once the highest is set aside', () => {
  const { platforms: _, ...unread } = image('c', ['1.0.5'], { pushedAt: 4000 })
  const held = record({ hold: HOLD, quarantine: { [digest('b')]: 'rolled back' } })
  const seen = view({ record: held, repositories: { web: [...TWO, unread] } })
  expect(manifestsToRead(seen)).toEqual([{ repository: 'web', digest: digest('c') }])
})

const PAUSE = { pause: { by: 'ann', reason: 'audit', at: 1 } }
const FREEZE = { freezes: [{ id: 'f-1', scope: 'prod', reason: 'sale', by: 'bo', until: 1_700_000_000_000 }] }
const ASKED = { request: { by: 'ann', reference: '1.1.0' } }
const URGENT = { request: { by: 'ann', reference: '1.1.0', breakGlass: 'the page is down' } }

test.each<[string, Partial<ServiceRecord>, Partial<DeliveryView>, string, RegExp]>([
  ['paused', PAUSE, {}, 'wait paused', /ann paused it \(audit\); 1\.1\.0 .* waits\.$/],
  [
    'frozen',
    {},
    FREEZE,
    'wait frozen',
    /prod is frozen until 2023-11-14T22:13:20\.000Z by bo \(sale\); 1\.1\.0/,
  ],
  [
    'paused, and asked for',
    PAUSE,
    ASKED,
    'wait paused',
    /ann paused it \(audit\); 1\.1\.0 .* is not deployed\.$/,
  ],
  ['frozen, and asked for', {}, { ...FREEZE, ...ASKED }, 'wait frozen', /frozen .* is not deployed\.$/],
  [
    'paused, and urgent',
    PAUSE,
    URGENT,
    'deploy requested',
    /through pause and freeze \(the page is down\)\.$/,
  ],
  ['frozen, and urgent', {}, { ...FREEZE, ...URGENT }, 'deploy requested', /through pause and freeze/],
  ['begun before the pause', { ...PAUSE, inFlight: inFlight('b') }, {}, 'wait paused', /waits/],
  [
    'urgent, and not finished',
    { ...PAUSE, inFlight: inFlight('b', { breakGlass: 'down' }) },
    {},
    'deploy unfinished-intent',
    /not finished/,
  ],
  [
    'paused with nothing new',
    PAUSE,
    { repositories: { web: [image('a', ['1.0.0'])] } },
    'skip already-running',
    /runs/,
  ],
])('a delivery: %s', (_, remembered, overrides, expected, sentence) => {
  const seen = view({ repositories: { web: TWO }, record: record(remembered), ...overrides })
  const last = decideDelivery(seen, NOW).at(-1)
  if (last === undefined) throw new Error('There is always a decision')
  expect(`${last.kind} ${last.reason}`).toBe(expected)
  expect(explain(last)).toMatch(sentence)
})

test('what went out through a pause remembers why', () => {
  const seen = view({ repositories: { web: TWO }, record: record(PAUSE), ...URGENT })
  expect(decideDelivery(seen, NOW).at(-1)).toMatchObject({
    facts: { by: 'ann', breakGlass: 'the page is down' },
  })
  expect(turn(seen, NOW).view.record?.inFlight).toMatchObject({ breakGlass: 'the page is down' })
})

/** An operator goes back from image `b`, where `a` and then `c` were good. */
function asked(request: Partial<RollbackRequest>, remembered: Partial<ServiceRecord> = {}): DeliveryView {
  const {
    inFlight: _,
    trouble: __,
    rolledBack: ___,
    hold: ____,
    ...settled
  } = goingBack({}).record ?? record()
  return goingBack(
    {},
    {
      record: { ...settled, quarantine: {}, good: [good('b', 2), good('a'), good('c', 0)], ...remembered },
      rollbackRequest: { by: 'ann', reason: 'slow pages', ...request },
      usable: { [`${TD}/web:1`]: ACTIVE, [`${TD}/web:0`]: { ...ACTIVE, definition: 'inactive' } },
    },
  )
}

test.each<[string, DeliveryView, string, string | undefined]>([
  ['to the last that was good', asked({}), 'roll-back requested', 'a'],
  ['to a digest', asked({ to: digest('c') }), 'roll-back requested', 'c'],
  ['through a freeze', { ...asked({}), ...FREEZE }, 'roll-back requested', 'a'],
  ['not through a pause', asked({}, PAUSE), 'wait paused', undefined],
  ['through a pause, if it is urgent', asked({ breakGlass: 'down' }, PAUSE), 'roll-back requested', 'a'],
  [
    'once',
    { ...goingBack({}, BACK('IN_PROGRESS')), rollbackRequest: { by: 'ann', reason: 'slow' } },
    'wait deployment-in-progress',
    undefined,
  ],
])('an operator goes back: %s', (_, seen, expected, letter) => {
  const last = decideDelivery(seen, NOW).at(-1)
  if (last === undefined) throw new Error('There is always a decision')
  expect(`${last.kind} ${last.reason}`).toBe(expected)
  if (last.kind === 'roll-back') {
    expect(last.images.app?.digest).toBe(digest(letter ?? ''))
    expect(explain(last)).toMatch(
      /^Rolls prod\/web back to web .* in container app: ann asked for it \(slow pages\);/,
    )
    expect(Object.keys(last.quarantine)).toEqual([digest('b')])
  }
})

test.each<[string, DeliveryView, RegExp]>([
  ['nothing was good', asked({}, { good: [] }), /no other verified state that can be run; name an image/],
  [
    'another image was good',
    asked({ to: '9.9.9' }),
    /with image 9\.9\.9 that can be run; what was good before: web sha256:aaaaaaaaaaaa/,
  ],
  [
    'the image that was good is deleted',
    {
      ...asked({}, { good: [good('a')] }),
      usable: { [`${TD}/web:1`]: { ...ACTIVE, missingImages: [digest('a')] } },
    },
    /what was good before: web sha256:aaaaaaaaaaaa \(deleted; push it again\)\.$/,
  ],
  ['what runs is asked for', asked({ to: digest('b') }), /no other verified state with image sha256:b/],
  [
    'it is not enrolled',
    { ...asked({}), settings: { ...settings(), enrolled: false } },
    /cannot be rolled back, because it is not enrolled/,
  ],
])('an operator cannot go back: %s', (_, seen, message) => {
  expect(() => decideDelivery(seen, NOW)).toThrow(message)
})

test('a good task definition that names its image by a tag is registered anew, by digest, once the tag has moved', () => {
  const seen = asked({}, { good: [good('a', 1, { byTag: { app: '1.0.0' } })] })
  expect(decideDelivery(seen, NOW).at(-1)).toMatchObject({ register: false })
  const moved = { ...seen, repositories: { web: [image('a', []), image('b', ['1.0.0', '1.1.0'])] } }
  expect(decideDelivery(moved, NOW).at(-1)).toMatchObject({
    register: true,
    images: { app: { digest: digest('a') } },
  })
  const bare = { ...moved, usable: { [`${TD}/web:1`]: { ...ACTIVE, hasSnapshot: false } } }
  expect(() => decideDelivery(bare, NOW)).toThrow(/no other verified state/)
})

test('containers that are not of the good state keep what they run', () => {
  const both = asked({})
  const seen = { ...both, service: { ...both.service, containers: [pinned('b'), pinned('d', 'side')] } }
  expect(decideDelivery(seen, NOW).at(-1)).toMatchObject({ changes: [{ container: 'app' }] })
})
