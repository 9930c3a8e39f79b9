import { expect, test } from 'vitest'
import {
  digest,
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
  track,
  view,
} from './builders.ts'
import { mainDecision, NOW, told, turn } from './testing.ts'
import type { DeliveryView, ServiceRecord } from './view.ts'

const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'

test.each<[string, Partial<DeliveryView>, Partial<ServiceRecord>, string[]]>([
  [
    'in progress',
    { service: replaced('b', { rolloutState: 'IN_PROGRESS' }) },
    {},
    ['wait foreign-deployment-in-progress'],
  ],
  [
    'the same images',
    { service: replaced('a') },
    {},
    ['adopt same-images', 'bake completed', 'skip already-running'],
  ],
  [
    'the same images, and something newer',
    { service: replaced('a'), repositories: { web: TWO } },
    {},
    ['adopt same-images', 'deploy newer-image'],
  ],
  [
    'the same definition deployed anew',
    { service: replaced('a', { taskDefinitionArn: `${TD}/web:1` }) },
    {},
    ['adopt same-images', 'bake completed', 'skip already-running'],
  ],
  [
    'the image that is chosen',
    { service: replaced('b'), repositories: { web: TWO } },
    {},
    ['adopt chosen-images', 'bake completed', 'skip already-running'],
  ],
  [
    'an older image',
    { service: replaced('a'), repositories: { web: TWO } },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['bake completed', 'hold foreign-change'],
  ],
  ['an image of no repository', { service: replaced('d') }, {}, ['bake completed', 'hold foreign-change']],
  [
    'an older image, and a newer push since',
    { service: replaced('a', { createdAt: 5500 }), repositories: { web: THREE } },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['adopt foreign-change', 'deploy newer-image'],
  ],
  [
    'an old definition of ours',
    {
      service: replaced('a', {}, 'd-0'),
      repositories: { web: TWO },
    },
    { known: known({ images: { app: { repository: 'web', digest: digest('b') } } }) },
    ['bake completed', 'hold foreign-change'],
  ],
  [
    'back from what failed',
    { service: replaced('a', { rolloutState: 'IN_PROGRESS' }), repositories: { web: TWO } },
    {
      known: known({ images: { app: { repository: 'web', digest: digest('b') } } }),
      quarantine: { [digest('b')]: 'd-1 failed' },
    },
    ['adopt rolled-back', 'skip quarantined'],
  ],
  ['while paused', { service: replaced('d'), settings: settings('off') }, {}, ['skip paused']],
])('a foreign change: %s', (_, overrides, remembered, expected) => {
  expect(told(view({ ...overrides, record: record(remembered) }))).toEqual(expected)
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
    {
      repositories: { web: [image('a', ['1.0.0']), image('b', ['0.9.0'], { pushedAt: 5000 })] },
      settings: settings(track('semver:0.x', { downgrade: 'allow' })),
    },
    'skip held',
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
  expect(mainDecision(both)).toMatchObject({
    kind: 'deploy',
    changes: [{ container: 'app' }],
    hold: { images: { side: digest('a') } },
  })
})

test('a service created anew under the same name is begun with afresh, whatever the deleted one had', () => {
  const old = record({
    hold: { reason: 'requested', since: 9000, images: { app: digest('a') }, note: 'someone asked for it' },
    quarantine: { [digest('b')]: 'deployment d-0 failed' },
    inFlight: inFlight('b', { state: 'started', primaryId: 'ecs-svc/0' }),
  })
  const anew = view({
    service: { ...replaced('a', { rolloutState: 'IN_PROGRESS' }), createdAt: 8000 },
    repositories: { web: TWO },
    record: old,
  })
  expect(told(anew)).toEqual(['record overtaken', 'adopt created-anew', 'deploy newer-image'])
  const { record: after } = turn(anew, NOW).view
  expect(after).toMatchObject({ quarantine: {}, known: { serviceCreatedAt: 8000 } })
  expect(after).not.toHaveProperty('hold')
})
