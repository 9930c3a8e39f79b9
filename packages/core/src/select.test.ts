import { expect, test } from 'vitest'
import { AMD64, ARM64, digest, image, track } from './builders.ts'
import type { Policy } from './policy.ts'
import { type PassedOver, selectImage } from './select.ts'
import type { ObservedImage } from './view.ts'

const TAGS = [
  '1.0.0',
  'v1.1.0',
  '1.1.0',
  '1.2.0-rc.1',
  '2.0.0',
  '1.2',
  '1',
  'latest',
  '1234567',
  'abc1234',
  '20250131',
  'main',
  'main-9',
  'main-10',
  'main-20250131',
  'build-7',
  'build-12',
]
// Pushed in this order, each with a digest of its own.
const IMAGES = TAGS.map((tag, index) => image(String.fromCharCode(97 + index), [tag], { pushedAt: index }))

test.each<[Policy | string, string | undefined]>([
  ['semver:1.x', '1.1.0'],
  ['semver:*', '2.0.0'],
  ['semver:1.0.x', '1.0.0'],
  ['semver:3.x', undefined],
  ['semver:>=1.2.0-0 <2', '1.2.0-rc.1'],
  [{ kind: 'semver', range: '1.x', prerelease: true }, '1.2.0-rc.1'],
  ['tag:main', 'main'],
  ['tag:1.2', '1.2'],
  ['tag:none', undefined],
  ['newest:main-', 'main-20250131'],
  ['newest:', 'build-12'],
  ['newest:none', undefined],
  ['off', undefined],
  ['glob:main-*', 'main-9'],
  [{ kind: 'glob', pattern: 'build-*', order: 'numeric' }, 'build-12'],
  [{ kind: 'glob', pattern: 'main-*', order: 'timestamp' }, 'main-20250131'],
  [{ kind: 'glob', pattern: '*', order: 'semver' }, '2.0.0'],
  [{ kind: 'glob', pattern: 'main-{9,10}', order: 'alphabetical' }, 'main-9'],
  [{ kind: 'regex', pattern: '^build-(?<n>\\d+)$', extract: 'n', order: 'numeric' }, 'build-12'],
  [{ kind: 'regex', pattern: '^main-(\\d{1,3})$', extract: '1', order: 'numeric' }, 'main-10'],
  [{ kind: 'regex', pattern: '^main-', order: 'alphabetical' }, 'main-9'],
])('%j chooses %s', (policy, expected) => {
  expect(selectImage(track(policy), IMAGES, AMD64).chosen?.tag).toBe(expected)
})

test.each<[string, { include?: string[]; ignore?: string[] }, string | undefined]>([
  ['an ignored tag is passed over', { ignore: ['1.1.*', 'v1.1.*'] }, '1.0.0'],
  ['only included tags are considered', { include: ['*.0.0'] }, '1.0.0'],
  ['ignoring outweighs including', { include: ['1.0.0'], ignore: ['*'] }, undefined],
])('%s', (_, lists, expected) => {
  expect(selectImage(track('semver:1.x', lists), IMAGES, AMD64).chosen?.tag).toBe(expected)
})

test.each([
  ['1.2', 'not-a-version'],
  ['1234567', 'not-a-version'],
  ['abc1234', 'not-a-version'],
  ['20250131', 'not-a-version'],
  ['1.2.0-rc.1', 'pre-release'],
  ['2.0.0', 'outside-range'],
])('%s is rejected by semver:1.x: %s', (tag, reason) => {
  const { rejected } = selectImage(track('semver:1.x'), IMAGES, AMD64)
  expect(rejected.find((rejection) => rejection.tag === tag)?.reason).toBe(reason)
})

test('equal versions go to the image pushed last, then to the higher digest', () => {
  const images = [image('c', ['1.0.0'], { pushedAt: 5 }), image('a', ['v1.0.0'], { pushedAt: 9 })]
  expect(selectImage(track('semver:1.x'), images, AMD64).chosen?.digest).toBe(digest('a'))
  const level = images.map((each) => ({ ...each, pushedAt: 5 }))
  expect(selectImage(track('semver:1.x'), level, AMD64).chosen?.digest).toBe(digest('c'))
  expect(selectImage(track('semver:1.x'), level.toReversed(), AMD64).chosen?.digest).toBe(digest('c'))
})

test('the best of several tags names an image', () => {
  const images = [image('a', ['latest', 'v1.2.0', '1.2.0', '1.1.0'])]
  expect(selectImage(track('semver:1.x'), images, AMD64).chosen).toMatchObject({
    tag: '1.2.0',
    digest: digest('a'),
  })
})

test('an image of another platform is passed over for the next one', () => {
  const images = [
    image('a', ['1.0.0'], { platforms: [ARM64, AMD64] }),
    image('b', ['1.1.0'], { platforms: [ARM64] }),
  ]
  const { chosen, rejected } = selectImage(track('semver:1.x'), images, AMD64)
  expect(chosen?.tag).toBe('1.0.0')
  expect(rejected).toContainEqual({ tag: '1.1.0', digest: digest('b'), reason: 'wrong-platform' })
})

test('only the manifest in question is asked for', () => {
  const { platforms: _, ...unread } = image('b', ['1.1.0'])
  const { platforms: __, ...older } = image('a', ['1.0.0'])
  const newest = image('c', ['1.2.0'], { platforms: [ARM64] })
  const asked = selectImage(track('semver:1.x'), [older, unread, newest], AMD64)
  expect(asked).toMatchObject({ manifestsToRead: [digest('b')] })
  expect(asked.chosen).toBeUndefined()
  const again = selectImage(track('semver:1.x'), [older, { ...unread, platforms: [AMD64] }, newest], AMD64)
  expect(again).toMatchObject({ chosen: { digest: digest('b') }, manifestsToRead: [] })
})

test('signatures and untagged images are never candidates', () => {
  const signature = `${digest('a').replace(':', '-')}.sig`
  const { chosen, rejected } = selectImage(track('newest:'), [image('b', [signature]), image('c', [])], AMD64)
  expect(chosen).toBeUndefined()
  expect(rejected).toEqual([
    { tag: signature, digest: digest('b'), reason: 'not-an-image' },
    { digest: digest('c'), reason: 'untagged' },
  ])
})

test.each<[string, Partial<ObservedImage>, PassedOver['reason'] | undefined]>([
  ['1.0.5', {}, 'lower'],
  ['1.2.0-rc.1', {}, 'pre-release'],
  ['2.0.0', {}, 'outside-range'],
  ['1.2', {}, 'not-a-version'],
  ['1.2.0', { platforms: [ARM64] }, 'wrong-platform'],
  ['1.2.0', {}, undefined],
  ['9.9.9-debug', {}, undefined],
  [`${digest('a').replace(':', '-')}.sig`, {}, undefined],
])('%s %j, pushed last, is passed over: %s', (tag, overrides, reason) => {
  const images = [image('a', ['1.1.0']), image('z', [tag], { pushedAt: 9000, ...overrides })]
  const settings = track('semver:1.x', { ignore: ['*-debug'] })
  expect(selectImage(settings, images, AMD64).passedOver?.reason).toBe(reason)
  expect(selectImage(settings, images.toReversed(), AMD64).passedOver?.reason).toBe(reason)
})

test('no more than the twenty highest candidates are tried for the platform', () => {
  const others = Array.from({ length: 30 }, (_, index) => {
    return { ...image('b', [`1.1.${index}`]), digest: `sha256:${index}`, platforms: [ARM64] }
  })
  const { platforms: _, ...unread } = image('a', ['1.0.0'])
  const { chosen, rejected, manifestsToRead } = selectImage(track('semver:1.x'), [unread, ...others], AMD64)
  expect({ chosen, manifestsToRead }).toEqual({ chosen: undefined, manifestsToRead: [] })
  expect(rejected).toHaveLength(20)
})
