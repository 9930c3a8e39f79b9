import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digest } from './builders.ts'
import { type KeptImage, lifecycleThreats } from './lifecycle.ts'

const DAY = 86_400_000
const NOW = 100 * DAY

/** An image so many days old, with these tags. */
function kept(letters: string, age: number, tags: string[] = [`1.0.${age}`], pulledAgo?: number): KeptImage {
  return {
    digest: digest(letters),
    tags,
    pushedAt: NOW - age * DAY,
    ...(pulledAgo !== undefined && { pulledAt: NOW - pulledAgo * DAY }),
  }
}

function rule(rulePriority: number, selection: object, type = 'expire') {
  return { rulePriority, selection: { tagStatus: 'any', ...selection }, action: { type } }
}

const COUNT = (countNumber: number) => ({ countType: 'imageCountMoreThan', countNumber })
const PUSHED = (countNumber: number) => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber })
const PULLED = (countNumber: number) => ({ countType: 'sinceImagePulled', countUnit: 'days', countNumber })

const THREE = [kept('a', 30), kept('b', 20), kept('c', 10)]

/** The threatened images by their letter, with * where it is only foreseen. */
function threatened(rules: object[], images = THREE, outlook = { pushes: 0, days: 0 }): string {
  const found = lifecycleThreats({
    policy: JSON.stringify({ rules }),
    repository: 'web',
    images,
    digests: images.map((image) => image.digest),
    outlook: { now: NOW, ...outlook },
  })
  return found.map((threat) => `${threat.digest.slice(7, 8)}${threat.isNow ? '' : '*'}`).join(' ')
}

const RELEASES = [
  kept('a', 30, ['prod-1']),
  kept('b', 20, ['dev-1']),
  kept('c', 10, ['prod-2', 'v2']),
  kept('d', 5, []),
]

test.each<[string, string, string]>([
  ['no rule', threatened([]), ''],
  ['more than two', threatened([rule(1, COUNT(2))]), 'a'],
  ['more than there are', threatened([rule(1, COUNT(3))]), ''],
  ['more than there will be', threatened([rule(1, COUNT(3))], THREE, { pushes: 2, days: 0 }), 'a* b*'],
  ['an age', threatened([rule(1, PUSHED(15))]), 'a b'],
  ['an age that will be', threatened([rule(1, PUSHED(15))], THREE, { pushes: 0, days: 7 }), 'a b c*'],
  ['untagged', threatened([rule(1, { tagStatus: 'untagged', ...COUNT(0) })], RELEASES), 'd'],
  [
    'a prefix',
    threatened([rule(1, { tagStatus: 'tagged', tagPrefixList: ['prod'], ...COUNT(1) })], RELEASES),
    'a',
  ],
  [
    'a pattern',
    threatened([rule(1, { tagStatus: 'tagged', tagPatternList: ['*-1'], ...COUNT(0) })], RELEASES),
    'a b',
  ],
  [
    'a pattern without a wildcard',
    threatened([rule(1, { tagStatus: 'tagged', tagPatternList: ['v2'], ...COUNT(0) })], RELEASES),
    'c',
  ],
  [
    'a pattern with several',
    threatened([rule(1, { tagStatus: 'tagged', tagPatternList: ['p*d*2'], ...COUNT(0) })], RELEASES),
    'c',
  ],
  [
    'all of several patterns',
    threatened([rule(1, { tagStatus: 'tagged', tagPatternList: ['prod*', 'v*'], ...COUNT(0) })], RELEASES),
    'c',
  ],
  [
    'what an earlier rule selects and keeps is kept',
    threatened(
      [rule(2, PUSHED(1)), rule(1, { tagStatus: 'tagged', tagPrefixList: ['prod'], ...COUNT(5) })],
      RELEASES,
    ),
    'b d',
  ],
  [
    'what an earlier rule marks is counted by a later one, and marked once',
    threatened(
      [rule(1, { tagStatus: 'tagged', tagPrefixList: ['prod'], ...COUNT(1) }), rule(2, COUNT(3))],
      RELEASES,
    ),
    'a',
  ],
  [
    'not pulled for long',
    threatened([rule(1, PULLED(15))], [kept('a', 30, ['x'], 1), kept('b', 30, ['x'], 20)]),
    'b',
  ],
  ['never pulled, so since its push', threatened([rule(1, PULLED(15))], [kept('a', 30), kept('b', 10)]), 'a'],
  ['archiving', threatened([rule(1, PUSHED(15), 'transition')]), 'a b'],
  [
    'what is archived already',
    threatened([rule(1, { countType: 'sinceImageTransitioned', countNumber: 1 })]),
    '',
  ],
])('a lifecycle policy: %s', (_, found, expected) => {
  expect(found).toBe(expected)
})

test.each<[object, { pushes: number; days: number }, string]>([
  [
    rule(1, COUNT(2)),
    { pushes: 5, days: 7 },
    `Rule 1 of the lifecycle policy of web deletes the image sha256:${'a'.repeat(12)} with its next run;`,
  ],
  [
    rule(3, COUNT(3)),
    { pushes: 5, days: 7 },
    'after at most 5 more pushes; keep it by a tag that no rule selects',
  ],
  [rule(1, PUSHED(31)), { pushes: 5, days: 7 }, 'within 7 days'],
  [rule(1, PUSHED(1), 'transition'), { pushes: 5, days: 7 }, 'archives the image'],
])('a threat is told in a sentence: %j', (given, outlook, sentence) => {
  const [threat] = lifecycleThreats({
    policy: JSON.stringify({ rules: [given] }),
    repository: 'web',
    images: THREE,
    digests: [digest('a')],
    outlook: { now: NOW, ...outlook },
  })
  expect(threat?.sentence).toContain(sentence)
})

test.each(['', '{', '[]', '{"rules":[{}]}', '{"rules":7}'])('the policy %s threatens nothing', (policy) => {
  const digests = THREE.map((image) => image.digest)
  const outlook = { now: NOW, pushes: 5, days: 5 }
  expect(lifecycleThreats({ policy, repository: 'web', images: THREE, digests, outlook })).toEqual([])
})

test('a longer outlook never saves an image', () => {
  const given = fc.record({ count: fc.nat(5), age: fc.nat(40), pushes: fc.nat(4), days: fc.nat(20) })
  fc.assert(
    fc.property(given, ({ count, age, pushes, days }) => {
      const rules = [
        rule(1, { tagStatus: 'tagged', tagPrefixList: ['1.'], ...COUNT(count) }),
        rule(2, PUSHED(age)),
      ]
      const soon = threatened(rules, THREE, { pushes, days }).replaceAll('*', '').split(' ')
      const late = threatened(rules, THREE, { pushes: pushes + 1, days: days + 1 })
        .replaceAll('*', '')
        .split(' ')
      expect(soon.every((letter) => late.includes(letter) || letter === '')).toBe(true)
    }),
  )
})
