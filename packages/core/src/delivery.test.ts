import { expect, test } from 'vitest'
import {
  ARM64,
  container,
  deployment,
  digest,
  image,
  known,
  pinned,
  REGISTRY,
  record,
  service,
  settings,
  THREE,
  TWO,
  track,
  view,
} from './builders.ts'
import { decideDelivery, manifestsToRead } from './delivery.ts'
import { explain, fingerprint } from './explain.ts'
import { DEFAULT_GUARD } from './guard-settings.ts'
import { mainDecision, told } from './testing.ts'
import type { DeliveryView } from './view.ts'

const TD = 'arn:aws:ecs:us-east-1:123456789012:task-definition'

test.each<[string, Partial<DeliveryView>, string[]]>([
  [
    'a service that is not enrolled',
    { settings: { enrolled: false, source: 'none', tracks: [], guard: DEFAULT_GUARD, problems: [] } },
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
  [
    'the first sight of a service',
    { record: undefined },
    ['adopt first-seen', 'bake completed', 'skip already-running'],
  ],
])('%s', (_, overrides, expected) => {
  expect(told(view(overrides))).toEqual(expected)
})

test('a deployment says what changes, from what, and on which base', () => {
  expect(mainDecision(view({ repositories: { web: TWO } }))).toEqual({
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

test('several containers change at once, and others are left alone', () => {
  const three = view({
    service: service({ containers: [pinned('a'), container('envoy:1', 'proxy'), pinned('a', 'side')] }),
    settings: settings('semver:1.x', track('semver:1.x', { container: 'side' })),
    repositories: { web: TWO },
  })
  const decision = mainDecision(three)
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
  expect(mainDecision(both)).toMatchObject({
    changes: [
      { container: 'app' },
      { container: 'side', fromDigest: digest('d'), to: { digest: digest('d'), tag: 'side' } },
    ],
  })
  expect(explain(mainDecision(both))).not.toContain('side')
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
  expect(told(unmoved)).toEqual(['adopt first-seen', 'bake completed', 'skip already-running'])
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
  expect(fingerprint(mainDecision(view({ repositories: { web: THREE } })))).not.toBe(fingerprint(first))
})
