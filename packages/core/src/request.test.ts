import { expect, test } from 'vitest'
import {
  ARM64,
  deployment,
  digest,
  image,
  inFlight,
  pinned,
  record,
  service,
  settings,
  track,
  view,
} from './builders.ts'
import { decideDelivery, manifestsToRead } from './delivery.ts'
import { explain } from './explain.ts'
import { Failure } from './failure.ts'
import { DEFAULT_GUARD } from './guard-settings.ts'
import type { DeliveryView, DeployRequest } from './view.ts'

const NOW = 100_000
const IMAGES = [
  image('a', ['1.0.0']),
  image('b', ['1.1.0']),
  image('c', ['0.9.0'], { pushedAt: 1 }),
  image('d', []),
  image('e', ['arm'], { platforms: [ARM64] }),
  image('f', ['signed'], { artifactMediaType: 'application/vnd.cncf.notary.signature' }),
]

const FAILED = { quarantine: { [digest('b')]: 'd-1 failed' } }
const ROLLBACK = { how: 'update', of: 'd-1', cause: 'alarm', taskDefinitionArn: 'td' } as const
const goingBack = inFlight('a', {
  state: 'started',
  rollback: ROLLBACK,
})

function asked(request: Partial<DeployRequest>, overrides: Partial<DeliveryView> = {}): DeliveryView {
  return view({ repositories: { web: IMAGES }, request: { by: 'ann', ...request }, ...overrides })
}

test.each<[string, Partial<DeployRequest>, Partial<DeliveryView>, string, boolean]>([
  ['an older version', { reference: '0.9.0' }, {}, 'c', true],
  ['an untagged image by digest', { reference: digest('d') }, {}, 'd', true],
  ['an image by the digest as it is shown', { reference: `sha256:${'d'.repeat(12)}` }, {}, 'd', true],
  ['what the policy chooses, by name', { reference: '1.1.0' }, {}, 'b', false],
  ['what the policy chooses', {}, {}, 'b', false],
  [
    'a quarantined image that is named',
    { reference: '1.1.0' },
    { record: record({ quarantine: { [digest('b')]: 'failed' } }) },
    'b',
    false,
  ],
  [
    'a held service',
    {},
    {
      record: record({
        hold: { reason: 'foreign-change', since: 9999, images: { app: digest('a') }, note: 'x' },
      }),
    },
    'b',
    false,
  ],
  ['a paused service', { reference: '1.1.0' }, { settings: settings('off') }, 'b', true],
  ['a container by name', { container: 'app', reference: '0.9.0' }, {}, 'c', true],
  [
    'a service in the middle of a deployment',
    { reference: '0.9.0' },
    { record: record({ inFlight: inFlight('b') }) },
    'c',
    true,
  ],
])('%s is deployed at request', (_, request, overrides, letters, isHeld) => {
  const decision = decideDelivery(asked(request, overrides), NOW).at(-1)
  expect(decision).toMatchObject({
    kind: 'deploy',
    reason: 'requested',
    changes: [{ to: { digest: digest(letters) } }],
  })
  if (decision?.kind !== 'deploy') return
  expect(decision.hold?.images).toEqual(isHeld ? { app: digest(letters) } : undefined)
  expect(explain(decision)).toContain('ann asked for it')
})

test.each<[string, Partial<DeliveryView>]>([
  ['is in quarantine', {}],
  ['is what a rollback goes back from', { record: record({ ...FAILED, inFlight: goingBack }) }],
])(
  'what the policy chooses is not deployed at a request that does not name it, where it %s',
  (_, overrides) => {
    const decision = decideDelivery(asked({}, { record: record(FAILED), ...overrides }), NOW).at(-1)
    expect(decision).toMatchObject({ kind: 'skip', reason: 'quarantined', facts: { note: 'd-1 failed' } })
  },
)

test('a request that names no image takes the newer one that has not failed', () => {
  const newer = image('9', ['1.0.5'], { pushedAt: NOW })
  const repositories = { web: [...IMAGES, newer] }
  expect(decideDelivery(asked({}, { record: record(FAILED), repositories }), NOW).at(-1)).toMatchObject({
    kind: 'deploy',
    reason: 'requested',
    changes: [{ to: { digest: digest('9') } }],
  })
  expect(decideDelivery(asked({}, { record: record(FAILED), repositories }), NOW).at(-1)).not.toHaveProperty(
    'hold',
  )
})

test('a request that is met already changes nothing', () => {
  const [decision, ...others] = decideDelivery(asked({ reference: '1.0.0' }), NOW)
  if (decision === undefined) throw new Error('There is always a decision')
  expect(decision).toMatchObject({ kind: 'skip', reason: 'already-running' })
  // The policy would choose 1.1.0.
  expect(explain(decision)).toMatch(/^Leaves prod\/web as it is: it runs .*, which ann asked for\.$/)
  expect(others).toEqual([])
})

test('a request overtakes a deployment of someone else, whose change to other containers stays held', () => {
  const next = deployment({
    id: 'ecs-svc/2',
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:2',
    rolloutState: 'IN_PROGRESS',
  })
  const images = {
    app: { repository: 'web', digest: digest('a') },
    side: { repository: 'web', digest: digest('a') },
  }
  const { known: before } = record()
  const changed = asked(
    { container: 'app', reference: '1.1.0' },
    {
      service: service({ primary: next, containers: [pinned('a'), pinned('c', 'side')] }),
      settings: settings('semver:1.x', track('semver:1.x', { container: 'side' })),
      record: record(before && { known: { ...before, images } }),
    },
  )
  expect(decideDelivery(changed, NOW)).toMatchObject([
    { kind: 'adopt', reason: 'foreign-change', hold: { images: { side: digest('c') } } },
    { kind: 'deploy', reason: 'requested', hold: { images: { side: digest('c') } } },
  ])
})

test('the manifest of a requested image is read', () => {
  const { platforms: _, ...unread } = image('c', ['0.9.0'])
  const view = asked({ reference: '0.9.0' }, { repositories: { web: [image('b', ['1.1.0']), unread] } })
  expect(manifestsToRead(view)).toEqual([{ repository: 'web', digest: digest('c') }])
  expect(() => decideDelivery(view, NOW)).toThrow('its manifest could not be read')
})

test.each<[string, Partial<DeployRequest>, Partial<DeliveryView>, string]>([
  ['an unknown tag', { reference: 'nope' }, {}, 'repository web has no such tag or digest'],
  ['an unknown digest', { reference: digest('9') }, {}, 'has no such tag or digest'],
  [
    'an image of another platform',
    { reference: 'arm' },
    {},
    'its tasks run on linux/amd64 and the image is for linux/arm64; build it for linux/amd64.',
  ],
  [
    'a signature',
    { reference: 'signed' },
    {},
    'it is not a container image but application/vnd.cncf.notary.signature',
  ],
  ['no repository', { reference: '1.1.0' }, { repositories: {} }, 'there is no repository web'],
  [
    'an unknown container',
    { container: 'x', reference: '1.1.0' },
    {},
    'has no tracked container x; name one of app.',
  ],
  [
    'an unclear container',
    { reference: '1.1.0' },
    { settings: settings('off', track('off', { container: 'side' })) },
    'it is not clear which to change; name one of app, side.',
  ],
  [
    'a service that is not enrolled',
    {},
    { settings: { enrolled: false, source: 'none', tracks: [], guard: DEFAULT_GUARD, problems: [] } },
    'it is not enrolled',
  ],
  [
    'a service with problems',
    {},
    { settings: { ...settings('off'), problems: ['X is wrong.'] } },
    'first mend this: X is wrong.',
  ],
  [
    'nothing named and nothing followed',
    {},
    { settings: settings('off') },
    'its policy is off; name a tag or a digest.',
  ],
  [
    'nothing named and nothing that matches',
    {},
    { settings: settings('semver:9.x') },
    'matches its policy; name a tag or a digest.',
  ],
])('%s cannot be deployed at request', (_, request, overrides, sentence) => {
  const decide = () => decideDelivery(asked(request, overrides), NOW)
  expect(decide).toThrow(sentence)
  expect(decide).toThrow(Failure)
})
