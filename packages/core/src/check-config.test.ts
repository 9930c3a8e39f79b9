import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkConfig } from './check-config.ts'
import { defineConfig } from './config.ts'

const TRACKED = { track: 'semver:1.x' }
/** Paths as people would write them, with the sentences. */
const told = (input: unknown) =>
  checkConfig(input).map(({ path, sentence }) => [path.map(String).join(' › '), sentence])

test('nothing is wrong with a config that uses everything', () => {
  const config = defineConfig({
    services: {
      web: 'semver:1.x',
      'prod/api': { track: { kind: 'regex', pattern: '^v(\\d+)$', extract: 1 }, guard: { bake: '5m' } },
      'prod/shop': { containers: { web: 'tag:stable', log: { track: 'newest:', ignore: ['*-debug'] } } },
      'prod/found': { discovery: { dns: 'found.example.com' } },
      'prod/both': { ...TRACKED, discovery: [{ dns: 'a.example.com' }, { service: 'shop/both' }] },
    },
    families: { 'prod/worker': { discovery: { dns: 'worker.example.com', types: ['A'] } } },
    guard: 'auto',
    freezes: [
      {
        scope: 'prod',
        reason: 'weekend',
        rule: 'FREQ=WEEKLY;BYDAY=FR',
        start: '2026-01-02T16:00',
        duration: '64h',
      },
    ],
    places: { eu: { account: '111122223333', region: 'eu-west-1' } },
  })
  expect(checkConfig(config)).toEqual([])
})

test.each<[string, unknown, string, string]>([
  ['no config at all', 7, '', 'the config is an object'],
  ['a wish for metrics that there is not', { metrics: 'none' }, 'metrics', "metrics is 'each' or 'together'"],
  ['services of another form', { services: [] }, 'services', 'services is an object'],
  ['an unknown key', { servics: {}, services: {} }, 'servics', 'write services'],
  ['a name that is none', { services: { 'a/b/c': 'off' } }, 'services › a/b/c', 'names no service'],
  ['an entry of no form', { services: { web: 7 } }, 'services › web', 'neither a policy nor an object'],
  ['a short form', { services: { web: 'semver:one' } }, 'services › web', 'is not a range of versions'],
  ['a policy', { services: { web: { track: 'semver:one' } } }, 'services › web › track', 'is not a range'],
  [
    'a policy of one container',
    { services: { web: { containers: { a: { track: 'glob:[' } } } } },
    'services › web › containers › a › track',
    'does not parse',
  ],
  [
    'the short form of one container',
    { services: { web: { containers: { a: 'semvr:1.x' } } } },
    'services › web › containers › a',
    'write semver:1.x',
  ],
  [
    'the policy that containers have from their service',
    { services: { web: { track: 'latest', containers: { a: {} } } } },
    'services › web › track',
    'names no kind',
  ],
  [
    'a container without a policy',
    { services: { web: { containers: { a: {} } } } },
    'services › web › containers › a',
    'says nothing to track',
  ],
  [
    'an unknown key of a container',
    { services: { web: { containers: { a: { ...TRACKED, repo: 'x' } } } } },
    'services › web › containers › a › repo',
    'unknown key "repo"',
  ],
  ['nothing to track', { services: { web: { guard: 'auto' } } }, 'services › web', 'says nothing to track'],
  [
    'a glob',
    { services: { web: { ...TRACKED, ignore: ['x', '['] } } },
    'services › web › ignore › 1',
    'the glob [ of ignore',
  ],
  [
    'a glob that is none',
    { services: { web: { ...TRACKED, ignore: ['x', 7] } } },
    'services › web › ignore › 1',
    'is not text',
  ],
  [
    'a guard',
    { services: { web: { ...TRACKED, guard: { bake: '10' } } } },
    'services › web › guard › bake',
    'guard.bake cannot be read',
  ],
  [
    'a guard by its mode',
    { services: { web: { ...TRACKED, guard: 'on' } } },
    'services › web › guard',
    "write 'auto'",
  ],
  [
    'a guard that ends too early',
    { services: { web: { ...TRACKED, guard: { bake: '2d', watch: '1d' } } } },
    'services › web › guard › watch',
    'shorter than its bake',
  ],
  [
    'a guard for all that ends too early',
    { guard: { watch: '1m' }, services: { a: 'off', b: 'off' } },
    'guard › watch',
    'The guard of every service',
  ],
  ['a guard for all', { guard: { gake: '1m' } }, 'guard › gake', 'write bake'],
  [
    'a name to be found by',
    { services: { web: { discovery: { dns: 'a..b' } } } },
    'services › web › discovery › dns',
    'empty label',
  ],
  [
    'one of several names',
    { services: { web: { discovery: [{ dns: 'a.b' }, { dns: 'c.d', ttl: -1 }] } } },
    'services › web › discovery › 1 › ttl',
    'whole seconds',
  ],
  [
    'a key beside the name',
    { services: { web: { discovery: { dns: 'a.b' }, trak: 'x' } } },
    'services › web › trak',
    'write track',
  ],
  [
    'a family that is not found',
    { families: { worker: {} } },
    'families › worker',
    'discovery cannot be undefined',
  ],
  [
    'a key of a family',
    { families: { worker: { discovery: { dns: 'a.b' }, track: 'x' } } },
    'families › worker › track',
    'write discovery',
  ],
  [
    'a freeze by its zone',
    { freezes: [{ scope: 'all', reason: 'x', rule: 'FREQ=DAILY', duration: '1h', timeZone: 'Berlin' }] },
    'freezes › 0 › timeZone',
    'Europe/Berlin',
  ],
  [
    'a freeze by its rule',
    { freezes: [{ scope: 'all', reason: 'x', rule: 'FREQ=DAILY;COUNT=3', duration: '1h' }] },
    'freezes › 0 › rule',
    'write UNTIL',
  ],
  [
    'a freeze by its start',
    { freezes: [{ scope: 'all', reason: 'x', start: 'noon', duration: '1h' }] },
    'freezes › 0 › start',
    'is no local time',
  ],
  [
    'a freeze that lasts for ever',
    { freezes: [{ scope: 'all', reason: 'x', rule: 'FREQ=DAILY;BYHOUR=1' }] },
    'freezes › 0',
    'says no duration',
  ],
  [
    'a place',
    { places: { eu: { account: '1', region: 'eu-west-1' } } },
    'places › eu › account',
    'twelve digits',
  ],
])('%s is told once, where it is', (_, input, path, sentence) => {
  expect(told(input)).toEqual([[path, expect.stringContaining(sentence)]])
})

test('an entry that cannot be read is told of whole, and so are its parts', () => {
  const web = {
    ...TRACKED,
    include: 'x',
    guard: { bake: 7 },
    containers: { a: { track: 'latest' } },
    discovry: {},
  }
  expect(told({ services: { web } }).map(([path]) => path)).toEqual([
    'services › web › include',
    'services › web › discovry',
    'services › web › containers › a › track',
    'services › web › guard › bake',
  ])
})

test('what two entries name is told at both', () => {
  expect(
    told({ services: { web: 'semver:1.x', 'default/web': 'semver:2.x' } }).map(([path]) => path),
  ).toEqual(['services › web', 'services › default/web'])
})

test('what the outline refuses hides nothing else', () => {
  expect(told({ services: 7, families: [], guard: 'on' }).map(([path]) => path)).toEqual([
    'services',
    'families',
    'guard',
  ])
})

test('anything can be checked', () => {
  const key = fc.constantFrom(
    'services',
    'families',
    'guard',
    'freezes',
    'places',
    'web',
    'a/b',
    'track',
    'discovery',
    'dns',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.anything(), fc.dictionary(key, tie('value'))),
  }))
  fc.assert(fc.property(value, (input) => Array.isArray(checkConfig(input))))
})
