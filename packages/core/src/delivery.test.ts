import { expect, test } from 'vitest'
import {
  ARM64,
  container,
  deployment,
  digest,
  image,
  inFlight,
  known,
  pinned,
  REGISTRY,
  record,
  service,
  settings,
  track,
  view,
} from './builders.ts'
import type { DeliveryDecision } from './decision.ts'
import { decideDelivery, manifestsToRead } from './delivery.ts'
import { explain, fingerprint } from './explain.ts'
import type { DeliveryView, ServiceRecord } from './view.ts'

const NOW = 100_000
const TWO = [image('a', ['1.0.0']), image('b', ['1.1.0'], { pushedAt: 5000 })]
const THREE = [...TWO, image('c', ['1.2.0'], { pushedAt: 6000 })]
const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'

function told(input: DeliveryView, now = NOW): string[] {
  const decisions = decideDelivery(input, now)
  for (const decision of decisions) expect(explain(decision)).not.toMatch(/undefined|unknown/)
  return decisions.map(({ kind, reason }) => `${kind} ${reason}`)
}

/** The service with another primary deployment. */
function primary(letters: string, overrides: Parameters<typeof deployment>[0] = {}, registeredBy?: string) {
  const next = deployment({
    id: 'ecs-svc/2',
    taskDefinitionArn: `${TD}/web:2`,
    createdAt: 4000,
    ...overrides,
  })
  return service({ primary: next, containers: [pinned(letters)], registeredBy })
}

function main(input: DeliveryView): DeliveryDecision {
  const last = decideDelivery(input, NOW).at(-1)
  if (last === undefined) throw new Error('there is always a main decision')
  return last
}

test.each<[string, Partial<DeliveryView>, string[]]>([
  [
    'a service that is not enrolled',
    { settings: { enrolled: false, source: 'none', tracks: [], problems: [] } },
    ['skip not-enrolled'],
  ],
  [
    'a service with problems',
    { settings: { ...settings('semver:1.x'), problems: ['No.'] }, repositories: { web: TWO } },
    ['skip invalid-settings'],
  ],
  ['a paused service', { settings: settings('off'), repositories: { web: TWO } }, ['skip paused']],
  ['what runs is what is chosen', {}, ['skip already-running']],
  ['a newer image', { repositories: { web: TWO } }, ['deploy newer-image']],
  ['nothing that matches', { repositories: { web: [image('a', ['main'])] } }, ['skip no-matching-image']],
  ['no repository', { repositories: {} }, ['skip repository-missing']],
  [
    'an older image',
    { settings: settings('semver:<1'), repositories: { web: [...TWO, image('c', ['0.9.0'])] } },
    ['skip would-downgrade'],
  ],
  [
    'an older image, allowed',
    {
      settings: settings(track('semver:<1', { downgrade: 'allow' })),
      repositories: { web: [...TWO, image('c', ['0.9.0'])] },
    },
    ['deploy newer-image'],
  ],
  [
    'an image that failed here',
    { record: record({ quarantine: { [digest('b')]: 'd-0 failed' } }), repositories: { web: TWO } },
    ['skip quarantined'],
  ],
  [
    'another platform only',
    { repositories: { web: [image('b', ['1.1.0'], { platforms: [ARM64] })] } },
    ['skip wrong-platform'],
  ],
  [
    'another platform before the running one',
    { repositories: { web: [image('a', ['1.0.0']), image('b', ['1.1.0'], { platforms: [ARM64] })] } },
    ['skip already-running'],
  ],
  [
    'a moved tag',
    { settings: settings('tag:main'), repositories: { web: [image('a', []), image('b', ['main'])] } },
    ['deploy tag-moved'],
  ],
  [
    'a version pushed again',
    {
      record: record({
        known: known({ images: { app: { repository: 'web', digest: digest('a'), tag: '1.0.0' } } }),
      }),
      repositories: { web: [image('a', []), image('b', ['1.0.0'])] },
    },
    ['deploy tag-moved'],
  ],
  ['the newest push', { settings: settings('newest:'), repositories: { web: TWO } }, ['deploy newer-image']],
  [
    'the running image gone from the repository',
    { repositories: { web: [image('b', ['1.1.0'])] } },
    ['deploy newer-image'],
  ],
  [
    'a placeholder',
    {
      service: service({ containers: [container(`${REGISTRY}/web:latest`)] }),
      record: undefined,
      repositories: { web: [image('b', ['1.1.0'])] },
    },
    ['adopt first-seen', 'deploy newer-image'],
  ],
  [
    'a placeholder that cannot start',
    {
      service: service({
        primary: deployment({ rolloutState: 'IN_PROGRESS' }),
        containers: [container(`${REGISTRY}/web:latest`)],
      }),
      record: undefined,
      repositories: { web: [image('b', ['1.1.0'])] },
    },
    ['adopt first-seen', 'deploy newer-image'],
  ],
  ['the first sight of a service', { record: undefined }, ['adopt first-seen', 'skip already-running']],
])('%s', (_, overrides, expected) => {
  expect(told(view(overrides))).toEqual(expected)
})

test('a deployment says what changes, from what, and on which base', () => {
  expect(main(view({ repositories: { web: TWO } }))).toEqual({
    kind: 'deploy',
    reason: 'newer-image',
    service: { cluster: 'prod', service: 'web' },
    changes: [
      {
        container: 'app',
        from: `${REGISTRY}/web@${digest('a')}`,
        fromDigest: digest('a'),
        to: { repository: 'web', digest: digest('b'), tag: '1.1.0' },
      },
    ],
    baseTaskDefinitionArn: `${TD}/web:1`,
    basePrimaryId: 'ecs-svc/1',
    facts: {
      container: 'app',
      repository: 'web',
      policy: 'semver:1.x',
      running: 'sha256:aaaaaaaaaaaa',
      chosen: '1.1.0 (sha256:bbbbbbbbbbbb)',
    },
  })
})

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
    { service: primary('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    {},
    ['record started', 'wait deployment-in-progress'],
  ],
  [
    'in progress',
    { service: primary('b', { rolloutState: 'IN_PROGRESS' }, 'd-1') },
    STARTED,
    ['wait deployment-in-progress'],
  ],
  ['completed', { service: primary('b', {}, 'd-1') }, STARTED, ['record completed', 'skip already-running']],
  [
    'completed before it was seen',
    { service: primary('b', {}, 'd-1') },
    {},
    ['record completed', 'skip already-running'],
  ],
  [
    'completed without a rollout state',
    { service: primary('b', { rolloutState: undefined }, 'd-1') },
    STARTED,
    ['record completed', 'skip already-running'],
  ],
  [
    'failed and left there',
    { service: primary('b', { rolloutState: 'FAILED' }, 'd-1') },
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
    { service: primary('d', { createdAt: 6000 }) },
    STARTED,
    ['record overtaken', 'hold foreign-change'],
  ],
  [
    'overtaken before it was done',
    { service: primary('d', { createdAt: 6000 }) },
    {},
    ['record overtaken', 'hold foreign-change'],
  ],
  [
    'overtaken by something newer',
    { service: primary('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'), repositories: { web: THREE } },
    STARTED,
    ['deploy newer-image'],
  ],
  ['intended, and something newer came', { repositories: { web: THREE } }, {}, ['deploy newer-image']],
  [
    'an older image comes meanwhile',
    {
      service: primary('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'),
      repositories: { web: [...TWO, image('e', ['1.0.5'], { pushedAt: 9000 })] },
    },
    STARTED,
    ['wait deployment-in-progress'],
  ],
  [
    'no longer enrolled',
    {
      service: primary('b', {}, 'd-1'),
      settings: { enrolled: false, source: 'none', tracks: [], problems: [] },
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
  expect(main(unfinished)).toMatchObject({ reason: 'unfinished-intent', resumes: 'd-1', changes, hold })
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
    service: primary('b', { rolloutState: 'IN_PROGRESS' }, 'd-1'),
    repositories: { web: THREE },
    record: record({ inFlight: inFlight('b', STARTED) }),
  })
  expect(main(busy)).toMatchObject({
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
    view({ service: primary('b', {}, 'd-1'), record: record({ inFlight: inFlight('b', STARTED) }) }),
    NOW,
  )
  expect(completed).toMatchObject({
    known: { primaryId: 'ecs-svc/2', images: { app: { digest: digest('b') } }, completedAt: 2500 },
  })
})

test.each<[string, Partial<DeliveryView>, Partial<ServiceRecord>, string[]]>([
  [
    'in progress',
    { service: primary('b', { rolloutState: 'IN_PROGRESS' }) },
    {},
    ['wait foreign-deployment-in-progress'],
  ],
  ['the same images', { service: primary('a') }, {}, ['adopt same-images', 'skip already-running']],
  [
    'the same images, and something newer',
    { service: primary('a'), repositories: { web: TWO } },
    {},
    ['adopt same-images', 'deploy newer-image'],
  ],
  [
    'the same definition deployed anew',
    { service: primary('a', { taskDefinitionArn: `${TD}/web:1` }) },
    {},
    ['adopt same-images', 'skip already-running'],
  ],
  [
    'the image that is chosen',
    { service: primary('b'), repositories: { web: TWO } },
    {},
    ['adopt chosen-images', 'skip already-running'],
  ],
  [
    'an older image',
    { service: primary('a'), repositories: { web: TWO } },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['hold foreign-change'],
  ],
  ['an image of no repository', { service: primary('d') }, {}, ['hold foreign-change']],
  [
    'an older image, and a newer push since',
    { service: primary('a'), repositories: { web: THREE } },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['adopt foreign-change', 'deploy newer-image'].slice(0, 2),
  ],
  [
    'an old definition of ours',
    {
      service: primary('a', {}, 'd-0'),
      repositories: { web: TWO.map((each) => ({ ...each, pushedAt: 1 })) },
    },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['hold foreign-change'],
  ],
  [
    'back from what failed',
    { service: primary('a', { rolloutState: 'IN_PROGRESS' }), repositories: { web: TWO } },
    {
      known: known({ images: { app: { repository: 'web', digest: digest('b') } } }),
      quarantine: { [digest('b')]: 'd-1 failed' },
    },
    ['adopt rolled-back', 'skip quarantined'],
  ],
  ['while paused', { service: primary('d'), settings: settings('off') }, {}, ['skip paused']],
])('a foreign change: %s', (_, overrides, remembered, expected) => {
  const pushedBefore = overrides.service?.primary.id === 'ecs-svc/2' && expected[0] === 'hold foreign-change'
  const made = view({ ...overrides, record: record(remembered) })
  const old = pushedBefore
    ? { web: (made.repositories.web ?? []).map((each) => ({ ...each, pushedAt: 1 })) }
    : made.repositories
  expect(told({ ...made, repositories: old })).toEqual(expected)
})

const HOLD = { reason: 'foreign-change', since: 4000, images: { app: digest('a') }, note: 'by hand' } as const

test.each<[string, Partial<DeliveryView>, string]>([
  [
    'an image pushed before stays away',
    { repositories: { web: [image('a', ['1.0.0']), image('b', ['1.1.0'], { pushedAt: 3999 })] } },
    'skip held',
  ],
  ['a newer image pushed since is deployed', { repositories: { web: TWO } }, 'deploy newer-image'],
  [
    'an older image pushed since stays away',
    { repositories: { web: [image('b', ['0.9.0'], { pushedAt: 5000 })] }, settings: settings('semver:0.x') },
    'deploy newer-image',
  ],
  [
    'an equal version pushed since stays away',
    { repositories: { web: [image('a', ['v1.0.0']), image('b', ['1.0.0'], { pushedAt: 5000 })] } },
    'skip held',
  ],
  [
    'a tag moved since is followed',
    { settings: settings('tag:main'), repositories: { web: [image('b', ['main'], { pushedAt: 5000 })] } },
    'deploy tag-moved',
  ],
  [
    'a tag moved back stays away',
    { settings: settings('tag:main'), repositories: { web: [image('b', ['main'], { pushedAt: 3000 })] } },
    'skip held',
  ],
  ['what runs is chosen', {}, 'skip already-running'],
])('held: %s', (_, overrides, expected) => {
  expect(told(view({ record: record({ hold: HOLD }), ...overrides }))).toEqual([expected])
})

test('a deployment lets go of what it changes and holds the rest', () => {
  const hold = { ...HOLD, images: { app: digest('a'), side: digest('a') } }
  const both = view({
    service: service({ containers: [pinned('a'), pinned('a', 'side')] }),
    settings: settings('semver:1.x', track('tag:side', { container: 'side' })),
    record: record({ hold }),
    repositories: { web: [...TWO, image('d', ['side'], { pushedAt: 10 })] },
  })
  expect(main(both)).toMatchObject({
    kind: 'deploy',
    changes: [{ container: 'app' }],
    hold: { images: { side: digest('a') } },
  })
})

test('several containers change at once, and others are left alone', () => {
  const three = view({
    service: service({ containers: [pinned('a'), container('envoy:1', 'proxy'), pinned('a', 'side')] }),
    settings: settings('semver:1.x', track('semver:1.x', { container: 'side' })),
    repositories: { web: TWO },
  })
  const decision = main(three)
  expect(decision.kind === 'deploy' && decision.changes.map((change) => change.container)).toEqual([
    'app',
    'side',
  ])
})

test('a deployment pins the other tracked containers to what they run', () => {
  const both = view({
    service: service({ containers: [pinned('a'), container(`${REGISTRY}/web:side`, 'side')] }),
    settings: settings('semver:1.x', track('tag:side', { container: 'side' })),
    repositories: { web: [...TWO, image('d', ['side'])] },
  })
  expect(main(both)).toMatchObject({
    changes: [
      { container: 'app' },
      { container: 'side', fromDigest: digest('d'), to: { digest: digest('d'), tag: 'side' } },
    ],
  })
  expect(explain(main(both))).not.toContain('side')
})

test('a tag that was pushed after the deployment began is not what runs', () => {
  const byTag = service({ containers: [container(`${REGISTRY}/web:main`)] })
  const moved = view({
    service: byTag,
    record: undefined,
    settings: settings('tag:main'),
    repositories: { web: [image('b', ['main'], { pushedAt: 2001 })] },
  })
  expect(told(moved)).toEqual(['adopt first-seen', 'deploy tag-moved'])
  const unmoved = { ...moved, repositories: { web: [image('b', ['main'], { pushedAt: 2000 })] } }
  expect(told(unmoved)).toEqual(['adopt first-seen', 'skip already-running'])
})

test('manifests are read only where the choice hangs on them', () => {
  const { platforms: _, ...unread } = image('b', ['1.1.0'])
  const { platforms: __, ...running } = image('a', ['1.0.0'])
  expect(manifestsToRead(view({ repositories: { web: [running] } }))).toEqual([])
  const asking = view({ repositories: { web: [running, unread] } })
  expect(manifestsToRead(asking)).toEqual([{ repository: 'web', digest: digest('b') }])
  expect(told(asking)).toEqual(['skip platform-unknown'])
  expect(manifestsToRead({ ...asking, settings: settings('off') })).toEqual([])
})

test('a fingerprint tells decisions apart, not the times they are made at', () => {
  const newer = view({ repositories: { web: TWO } })
  const [first, later] = [decideDelivery(newer, 1), decideDelivery(newer, 2)].map(([decision]) => decision)
  if (first === undefined || later === undefined) throw new Error('there is always a decision')
  expect(fingerprint(first)).toBe(fingerprint(later))
  expect(fingerprint(main(view({ repositories: { web: THREE } })))).not.toBe(fingerprint(first))
})
