/** What holds for every delivery decision, whatever was pushed, remembered and changed by hand. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  AMD64,
  ARM64,
  container,
  deployment,
  digest,
  inFlight,
  known,
  pinned,
  REGISTRY,
  record,
  service,
  track,
} from './builders.ts'
import { keyOf, runningImage } from './current.ts'
import type { DeliveryDecision } from './decision.ts'
import { decideDelivery } from './delivery.ts'
import { isDeployable } from './deployable.ts'
import { explain, fingerprint } from './explain.ts'
import { DEFAULT_GUARD } from './guard-settings.ts'
import { compareKeys } from './order.ts'
import type { Policy } from './policy.ts'
import { runsOn } from './select.ts'
import { complete, readManifests, turn } from './testing.ts'
import { parseVersion } from './version.ts'
import type { DeliveryView, ObservedContainer, ObservedImage, ServiceRecord } from './view.ts'

const RUNS = { numRuns: 200 }
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f']
const SIGNATURE = `${digest('a').replace(':', '-')}.sig`
const TAGS = [
  '1.0.0',
  '1.1.0',
  'v1.1.0',
  '1.2.0-rc.1',
  '2.0.0',
  '1.2',
  '1234567',
  'a1b2c3d',
  '20250131',
  'main',
  'main-9',
  'main-10',
  SIGNATURE,
]

const policies = fc.constantFrom<Policy>(
  { kind: 'semver', range: '1.x', prerelease: false },
  { kind: 'semver', range: '*', prerelease: true },
  { kind: 'newest', prefix: '' },
  { kind: 'newest', prefix: 'main-' },
  { kind: 'tag', tag: 'main' },
  { kind: 'glob', pattern: 'main-*', order: 'numeric' },
  { kind: 'regex', pattern: '^main-(\\d+)$', extract: '1', order: 'numeric' },
  { kind: 'off' },
)

/** A repository, where a tag is on one image at a time. */
const repositories = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...LETTERS), { maxLength: 6 }),
    fc.dictionary(fc.constantFrom(...TAGS), fc.constantFrom(...LETTERS)),
    fc.array(
      fc.record({
        at: fc.nat(9000),
        arm: fc.boolean(),
        both: fc.boolean(),
        artifact: fc.boolean(),
        read: fc.boolean(),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  )
  .map(([letters, tags, kinds]) =>
    letters.map((letter, index): ObservedImage => {
      const { at = 0, arm, both, artifact, read } = kinds[index] ?? {}
      const platforms = both ? [ARM64, AMD64] : [arm ? ARM64 : AMD64]
      return {
        digest: digest(letter),
        tags: Object.keys(tags).filter((tag) => tags[tag] === letter),
        pushedAt: at,
        mediaType: undefined,
        artifactMediaType: artifact ? 'application/vnd.in-toto+json' : undefined,
        ...(read && { platforms }),
      }
    }),
  )

const references = (name: string): fc.Arbitrary<ObservedContainer> =>
  fc.oneof(
    fc.constantFrom(...LETTERS).map((letter) => pinned(letter, name)),
    fc.constantFrom(...TAGS, 'latest').map((tag) => container(`${REGISTRY}/web:${tag}`, name)),
  )

const letters = fc.constantFrom(...LETTERS)
const deployed = fc.record({ repository: fc.constant('web'), digest: letters.map(digest) })
const primaries = fc
  .record({
    id: fc.constantFrom('ecs-svc/1', 'ecs-svc/2', 'ecs-svc/3'),
    definition: fc.constantFrom('web:1', 'web:2'),
    rolloutState: fc.constantFrom('IN_PROGRESS', 'COMPLETED', 'FAILED', undefined),
    createdAt: fc.nat(9000),
  })
  .map(({ definition, ...rest }) =>
    deployment({
      ...rest,
      taskDefinitionArn: `arn:aws:ecs:us-east-1:123456789012:task-definition/${definition}`,
    }),
  )

const records: fc.Arbitrary<ServiceRecord | undefined> = fc.option(
  fc
    .record(
      {
        known: deployed.map((app) => known({ images: { app } })),
        inFlight: fc
          .tuple(letters, fc.boolean(), fc.nat(9000))
          .map(([letter, started, intendedAt]) =>
            inFlight(letter, { intendedAt, ...(started && { state: 'started', primaryId: 'ecs-svc/2' }) }),
          ),
        hold: fc.tuple(letters, fc.nat(9000)).map(([letter, since]) => ({
          reason: 'foreign-change' as const,
          since,
          images: { app: digest(letter) },
          note: 'by hand',
        })),
      },
      { requiredKeys: [] },
    )
    .chain((parts) =>
      fc.uniqueArray(letters, { maxLength: 2 }).map((failed) => {
        const quarantine = Object.fromEntries(failed.map((letter) => [digest(letter), 'failed']))
        const { known: _, ...base } = record()
        // What is in flight under a hold was asked for after all pushes.
        const hold = parts.inFlight && parts.hold && { hold: { ...parts.hold, since: 9001 } }
        return { ...base, ...parts, ...hold, quarantine }
      }),
    ),
  { nil: undefined },
)

const views: fc.Arbitrary<DeliveryView> = fc
  .record({
    images: fc.option(repositories, { nil: undefined }),
    containers: fc.tuple(references('app'), references('side')),
    policies: fc.tuple(policies, fc.option(policies, { nil: undefined })),
    downgrade: fc.constantFrom<'never' | 'allow'>('never', 'allow'),
    primary: primaries,
    registeredBy: fc.constantFrom(undefined, 'd-1', 'd-0'),
    record: records,
  })
  .map(
    ({
      images,
      containers,
      policies: [app, side],
      downgrade,
      primary,
      registeredBy,
      record: remembered,
    }) => ({
      service: service({
        primary,
        registeredBy,
        containers: carriedOut(containers, isOurs(primary.id, registeredBy, remembered), remembered),
      }),
      settings: {
        enrolled: true,
        source: 'tags' as const,
        tracks: [
          track(app, { downgrade }),
          ...(side === undefined ? [] : [track(side, { downgrade, container: 'side' })]),
        ],
        guard: DEFAULT_GUARD,
        problems: [],
      },
      record: remembered,
      repositories: images === undefined ? {} : { web: images },
    }),
  )

function isOurs(
  primaryId: string,
  registeredBy: string | undefined,
  remembered: ServiceRecord | undefined,
): boolean {
  const flight = remembered?.inFlight
  return flight !== undefined && (flight.id === registeredBy || flight.primaryId === primaryId)
}

/** A task definition that Capstan registered for the deployment in flight names its images. */
function carriedOut([app, side]: ObservedContainer[], ours: boolean, remembered: ServiceRecord | undefined) {
  const image = ours ? remembered?.inFlight?.images.app : undefined
  const carried = image === undefined ? app : container(`${REGISTRY}/web@${image.digest}`)
  return [carried, side].filter((each) => each !== undefined)
}

const NOW = 100_000

function kinds(decisions: readonly DeliveryDecision[]): string[] {
  return decisions.map(({ kind }) => kind)
}

test('deciding twice changes nothing', () => {
  fc.assert(
    fc.property(views, (view) => {
      const first = turn(view, NOW)
      expect(['skip', 'wait']).toEqual(expect.arrayContaining(kinds(turn(first.view, NOW).decisions)))
      const later = turn(complete(first.view), NOW + 60_000)
      expect(['skip', 'wait']).toEqual(
        expect.arrayContaining(kinds(turn(later.view, NOW + 60_000).decisions)),
      )
    }),
    RUNS,
  )
})

test('the ledger learns first, then one thing is done or left', () => {
  fc.assert(
    fc.property(views, (view) => {
      const decided = kinds(decideDelivery(view, NOW))
      expect(decided.filter((kind) => !['record', 'adopt', 'bake'].includes(kind))).toHaveLength(1)
      expect(['deploy', 'hold', 'wait', 'skip']).toContain(decided.at(-1))
    }),
    RUNS,
  )
})

test('every decision is explained, and has a fingerprint', () => {
  fc.assert(
    fc.property(views, (view) => {
      for (const decision of decideDelivery(view, NOW)) {
        expect(explain(decision)).toMatch(/^[A-Z].*\.$/s)
        expect(explain(decision)).not.toMatch(/undefined|null|an unknown (?!image)/)
        expect(fingerprint(decision)).toBe(fingerprint(structuredClone(decision)))
      }
    }),
    RUNS,
  )
})

/** The changes that are decided anew: neither the carrying on of an intent nor the pinning of a tag. */
function chosenChanges(view: DeliveryView) {
  return decideDelivery(readManifests(view), NOW).flatMap((decision) => {
    if (decision.kind !== 'deploy' || decision.reason === 'unfinished-intent') return []
    const { changes, supersedes } = decision
    return changes
      .filter(({ fromDigest, to }) => fromDigest !== to.digest)
      .filter(({ container: name, to }) => view.record?.inFlight?.images[name]?.digest !== to.digest)
      .map((change) => ({ ...change, supersedes }))
  })
}

/** Whether the ledger learns in the same pass that the image is good after all, or that the service is another one. */
function isFreed(view: DeliveryView, digest: string): boolean {
  return decideDelivery(view, NOW).some((decision) => {
    if (decision.kind === 'adopt') return decision.reason === 'created-anew'
    if (decision.kind !== 'record' || decision.reason !== 'completed') return false
    return Object.values(decision.known.images).some((image) => image.digest === digest)
  })
}

test('nothing is deployed but images for the platform that may be deployed', () => {
  fc.assert(
    fc.property(views, (input) => {
      const view = readManifests(input)
      for (const { to } of chosenChanges(view)) {
        const image = view.repositories.web?.find((each) => each.digest === to.digest)
        if (image === undefined) throw new Error(`${to.digest} is not in the repository`)
        expect(isDeployable(image)).toBe(true)
        expect(image.tags).toContain(to.tag)
        expect(runsOn(image.platforms ?? [], AMD64)).toBe(true)
        if (!isFreed(view, to.digest)) expect(view.record?.quarantine[to.digest]).toBeUndefined()
      }
    }),
    RUNS,
  )
})

test('nothing is replaced by something older', () => {
  fc.assert(
    fc.property(views, (view) => {
      for (const { container: name, fromDigest, to, supersedes } of chosenChanges(view)) {
        const { web = [] } = view.repositories
        const follows = view.settings.tracks.find((each) => each.container === name)
        if (follows === undefined) throw new Error(`${name} is not tracked`)
        if (follows.downgrade === 'allow' || follows.policy.kind === 'tag' || fromDigest === undefined)
          continue
        const intended = supersedes === undefined ? undefined : view.record?.inFlight?.images[name]
        const before = keyOf(follows, intended ?? runningImage(view, follows) ?? {}, web)
        const after = keyOf(follows, to, web)
        if (before !== undefined && after !== undefined)
          expect(compareKeys(after, before)).toBeGreaterThanOrEqual(0)
      }
    }),
    RUNS,
  )
})

test('semver never chooses a short commit hash, a date or a part of a version', () => {
  const tags = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{7,12}$/),
    fc.stringMatching(/^[0-9]{1,4}(\.[0-9]{1,3})?$/),
    fc.constantFrom('1.0.0', '1.3.0'),
  )
  fc.assert(
    fc.property(fc.uniqueArray(tags, { maxLength: 6 }), (pushed) => {
      const web = pushed.map((tag, index) => ({ ...pushedImage(LETTERS[index] ?? 'a', tag, 5000 + index) }))
      const view = { ...emptyView({ kind: 'semver', range: '*', prerelease: true }), repositories: { web } }
      for (const { to } of chosenChanges(view)) expect(parseVersion(to.tag ?? '')).toBeDefined()
    }),
    RUNS,
  )
})

function pushedImage(letter: string, tag: string, pushedAt: number): ObservedImage {
  return {
    digest: digest(letter),
    tags: [tag],
    pushedAt,
    mediaType: undefined,
    artifactMediaType: undefined,
    platforms: [AMD64],
  }
}

function emptyView(policy: Policy): DeliveryView {
  const placeholder = service({ containers: [container(`${REGISTRY}/web:latest`)] })
  const settings = {
    enrolled: true,
    source: 'tags' as const,
    tracks: [track(policy)],
    guard: DEFAULT_GUARD,
    problems: [],
  }
  return { service: placeholder, settings, record: undefined, repositories: { web: [] } }
}

const VERSIONS = ['1.0.0', '1.0.5', '1.1.0', '1.1.1', '2.0.0', SIGNATURE]

test('pushes in any order, seen any number of times, end on the same image', () => {
  const steps = fc.shuffledSubarray(VERSIONS, { minLength: VERSIONS.length }).chain((order) =>
    fc.tuple(
      fc.constant(order),
      fc.array(fc.record({ looks: fc.integer({ min: 0, max: 3 }), completes: fc.boolean() }), {
        minLength: 6,
        maxLength: 6,
      }),
    ),
  )
  fc.assert(
    fc.property(steps, ([order, looks]) => {
      let view = emptyView({ kind: 'semver', range: '1.x', prerelease: false })
      let now = NOW
      for (const [index, tag] of order.entries()) {
        const pushed = pushedImage(LETTERS[VERSIONS.indexOf(tag)] ?? 'a', tag, now)
        view = { ...view, repositories: { web: [...(view.repositories.web ?? []), pushed] } }
        const { looks: times = 0, completes = false } = looks[index] ?? {}
        for (let look = 0; look < times; look++) {
          now += 1
          view = turn(view, now).view
        }
        if (completes) view = complete(view)
      }
      const last = now + 60_000
      view = turn(complete(turn(view, last).view), last + 60_000).view
      expect(view.record?.known?.images.app).toMatchObject({ digest: digest('d'), tag: '1.1.1' })
      expect(kinds(turn(view, last + 60_000).decisions)).toEqual(['skip'])
    }),
    RUNS,
  )
})
