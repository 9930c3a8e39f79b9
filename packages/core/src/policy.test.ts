import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Failure } from './failure.ts'
import { formatPolicy, type Policy, parsePolicy, parsePolicyInput } from './policy.ts'

test.each<[string, Policy]>([
  ['semver:1.x', { kind: 'semver', range: '1.x', prerelease: false }],
  ['semver:1.x.x', { kind: 'semver', range: '1.x.x', prerelease: false }],
  ['semver:*', { kind: 'semver', range: '*', prerelease: false }],
  ['semver:^1.2 || >=3', { kind: 'semver', range: '^1.2 || >=3', prerelease: false }],
  [' semver: 1.2 - 1.4 ', { kind: 'semver', range: '1.2 - 1.4', prerelease: false }],
  ['tag:main', { kind: 'tag', tag: 'main' }],
  ['newest:main-', { kind: 'newest', prefix: 'main-' }],
  ['newest:', { kind: 'newest', prefix: '' }],
  ['off', { kind: 'off' }],
  ['glob:main-*', { kind: 'glob', pattern: 'main-*', order: 'alphabetical' }],
  ['regex:^b(?:x:y)?$', { kind: 'regex', pattern: '^b(?:x:y)?$', order: 'alphabetical' }],
])('%s is a policy', (text, policy) => {
  expect(parsePolicy(text)).toEqual(policy)
})

test.each<[unknown, Policy]>([
  [
    { kind: 'semver', range: '1.x', prerelease: true },
    { kind: 'semver', range: '1.x', prerelease: true },
  ],
  [
    { kind: 'glob', pattern: 'b-*', order: 'numeric' },
    { kind: 'glob', pattern: 'b-*', order: 'numeric' },
  ],
  [
    { kind: 'regex', pattern: '^b-(\\d+)$', extract: 1, order: 'numeric' },
    { kind: 'regex', pattern: '^b-(\\d+)$', extract: '1', order: 'numeric' },
  ],
  [
    { kind: 'regex', pattern: '^b-(?<at>.+)$', extract: 'at', order: 'timestamp' },
    { kind: 'regex', pattern: '^b-(?<at>.+)$', extract: 'at', order: 'timestamp' },
  ],
  [{ kind: 'off' }, { kind: 'off' }],
])('the object %j is a policy', (input, policy) => {
  expect(parsePolicyInput(input)).toEqual(policy)
})

test.each<[unknown, string]>([
  ['1.x', 'names no kind; write semver:1.x'],
  ['main', 'names no kind; write tag:main to follow that tag'],
  ['newest', 'write newest: or newest:main-'],
  ['', 'write semver:1.x, tag:main, newest:main- or off'],
  ['semvr:1.x', 'there is no policy "semvr"; write semver:1.x'],
  ['Semver:1.x', 'write semver:1.x'],
  ['banana:1', 'write semver:1.x, tag:main'],
  ['off:1', 'write off'],
  ['semver:', 'write semver:1.x, or semver:*'],
  ['semver:main', 'or tag:main to follow that tag'],
  ['semver:>>1', 'write a range such as semver:1.x'],
  ['tag:a b', 'cannot be a tag'],
  ['tag:', 'cannot be a tag'],
  ['newest:main-*', 'write newest:main-'],
  ['glob:', 'write * to match every tag'],
  ['glob:a[', 'does not parse'],
  ['glob:*a*a*a*a*a*a*a', 'more than 6 wildcards'],
  [`glob:${'a'.repeat(300)}`, 'write at most 256'],
  ['regex:(', 'does not compile'],
  ['regex:(?P<x>a)', 'a named group is written (?<name>…)'],
  ['regex:(a+)+$', 'can take forever'],
  [{ kind: 'regex', pattern: 'a', extract: 1 }, 'has no group 1; write one of 0'],
  [{ kind: 'regex', pattern: '(?<n>a)', extract: 'm' }, 'write one of 0, 1, n'],
  [{ kind: 'regex', pattern: 'a', extract: {} }, 'extract is the number or the name'],
  [{ kind: 'glob', pattern: '*', order: 'numerical' }, 'write numeric'],
  [{ kind: 'semver', range: '1.x', prerelese: true }, 'has no prerelese; write prerelease'],
  [{ kind: 'semver', range: '1.x', prerelease: 'yes' }, 'prerelease is true or false'],
  [{ kind: 'semver' }, 'needs its range as text'],
  [{ kind: 'semvr', range: '1.x' }, "write kind: 'semver'"],
  [{ range: '1.x' }, 'write semver:1.x, tag:main'],
  [7, 'a policy is text or an object, not a number'],
  [null, 'not null'],
  [['a'], 'not a list'],
])('%j is refused with what to write instead', (input, sentence) => {
  expect(() => parsePolicyInput(input)).toThrow(sentence)
  expect(() => parsePolicyInput(input)).toThrow(Failure)
})

test.each(['(a|b)+', '(a*)*', '(a{2,})+', '((a)|b)*', '(a+){9}', '.*.*.*.*.*.*.*x'])(
  '%s could take forever',
  (pattern) => {
    expect(() => parsePolicy(`regex:${pattern}`)).toThrow(/forever|repeats more/)
  },
)

test.each([
  '(?:ab)+',
  '^v(\\d+)\\.(\\d+)\\.(\\d+)$',
  '(a+)?',
  '[+*|]+',
  '\\(a+\\)+',
  '(a|b){0}x'.slice(0, 5),
])('%s is quick', (pattern) => {
  expect(parsePolicy(`regex:${pattern}`).kind).toBe('regex')
})

test('any text is a policy or refused with a Failure, quickly', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constantFrom('regex:', 'glob:', 'semver:').chain((kind) => fc.string().map((rest) => kind + rest)),
      ),
      (text) => {
        try {
          expect(formatPolicy(parsePolicy(text))).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
        }
      },
    ),
  )
})
