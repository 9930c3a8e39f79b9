import { expect, test } from 'vitest'
import { container, REGISTRY, service, track } from './builders.ts'
import { defineConfig, parseConfig } from './config.ts'
import { resolveSettings } from './enrolment.ts'
import { Failure } from './failure.ts'
import { DEFAULT_GUARD } from './guard-settings.ts'
import { parseImageReference } from './image.ts'
import { sentencesOf } from './problem.ts'
import { imageSeenFrom } from './repository.ts'
import type { ObservedContainer } from './view.ts'

const APP = container(`${REGISTRY}/web:1.0.0`)
const SIDECAR = container('public.ecr.aws/envoy:1', 'proxy')
const WORKER = container(`${REGISTRY}/worker:1.0.0`, 'worker')

function byTags(tags: Record<string, string>, containers: ObservedContainer[] = [APP, SIDECAR]) {
  return resolveSettings({ service: service({ tags, containers }), config: undefined })
}

function byConfig(entry: unknown, containers: ObservedContainer[] = [APP, SIDECAR]) {
  return resolveSettings({
    service: service({ containers }),
    config: parseConfig({ services: { 'prod/web': entry } }),
  })
}

const RANGE = track('semver:1.x')

test('a service that nothing names is not enrolled', () => {
  expect(byTags({ Name: 'web' })).toEqual({
    enrolled: false,
    source: 'none',
    tracks: [],
    guard: DEFAULT_GUARD,
    problems: [],
  })
})

test('tags that are about other things do not enrol', () => {
  const tags = {
    'capstan:bake': '5m',
    'capstan:dns': 'a.b',
    'capstan:dns-address': 'x',
    'capstan:dns-tll': '5',
    'capstan:discovery': 'on',
  }
  expect(byTags(tags).enrolled).toBe(false)
})

test('an entry that only says how tasks are found does not enrol', () => {
  const discovery = { dns: 'web.example.com' }
  expect(byConfig({ discovery })).toMatchObject({ enrolled: false, problems: [] })
  expect(byConfig({ discovery, track: 'semver:1.x' })).toMatchObject({ enrolled: true, problems: [] })
})

test.each<[string, Record<string, string>, object]>([
  ['the only container that can be tracked', { 'capstan:track': 'semver:1.x' }, RANGE],
  ['a container by name', { 'capstan:track/app': 'semver:1.x' }, RANGE],
  [
    'pre-releases',
    { 'capstan:track': 'semver:1.x', 'capstan:prerelease': 'true' },
    { ...RANGE, policy: { kind: 'semver', range: '1.x', prerelease: true } },
  ],
  [
    'pre-releases, which a tag policy has no need of',
    { 'capstan:track': 'tag:main', 'capstan:prerelease': 'true' },
    track('tag:main'),
  ],
  [
    'downgrades',
    { 'capstan:track': 'semver:1.x', 'capstan:downgrade': 'allow' },
    { ...RANGE, downgrade: 'allow' },
  ],
  ['off', { 'capstan:track': 'off' }, track('off')],
  ['off over single containers', { 'capstan:track': 'off', 'capstan:track/app': 'semver:1.x' }, track('off')],
])('tags: %s', (_, tags, expected) => {
  expect(byTags(tags)).toEqual({
    enrolled: true,
    source: 'tags',
    tracks: [expected],
    guard: DEFAULT_GUARD,
    problems: [],
  })
})

test.each<[string, unknown, object]>([
  ['a short form', 'semver:1.x', RANGE],
  [
    'an object',
    { track: 'semver:1.x', ignore: ['*-debug'], downgrade: 'allow' },
    { ...RANGE, ignore: ['*-debug'], downgrade: 'allow' },
  ],
  [
    'a policy object',
    { track: { kind: 'glob', pattern: 'b-*', order: 'numeric' } },
    track({ kind: 'glob', pattern: 'b-*', order: 'numeric' }),
  ],
  ['a container', { containers: { app: 'semver:1.x' } }, RANGE],
  [
    'a container with the defaults of its service',
    { track: 'semver:1.x', include: ['1.*'], containers: { app: { ignore: ['x'] } } },
    { ...RANGE, include: ['1.*'], ignore: ['x'] },
  ],
  [
    'a container that follows another repository',
    { containers: { app: { track: 'semver:1.x', repository: 'web-next' } } },
    { ...RANGE, repository: 'web-next' },
  ],
])('config: %s', (_, entry, expected) => {
  expect(byConfig(entry)).toEqual({
    enrolled: true,
    source: 'config',
    tracks: [expected],
    guard: DEFAULT_GUARD,
    problems: [],
  })
})

test.each<[string, Record<string, string>, string]>([
  [
    'no kind',
    { 'capstan:track': '1.x' },
    'The tag capstan:track: "1.x" is not a policy, because it names no kind; write semver:1.x.',
  ],
  [
    'a mis-spelled kind',
    { 'capstan:track/app': 'semvr:1.x' },
    'The tag capstan:track/app: there is no policy "semvr"; write semver:1.x.',
  ],
  [
    'a mis-spelled key',
    { 'capstan:trak': 'semver:1.x' },
    'The tag capstan:trak means nothing to Capstan; write capstan:track, or remove it.',
  ],
  [
    'an unknown key',
    { 'capstan:x': '1', 'capstan:track': 'off' },
    'write one of capstan:track, capstan:prerelease',
  ],
  [
    'a bad value',
    { 'capstan:track': 'off', 'capstan:prerelease': 'yes' },
    'The tag capstan:prerelease cannot be "yes"; write true or false.',
  ],
  ['another bad value', { 'capstan:track': 'off', 'capstan:downgrade': 'always' }, 'write never or allow'],
  [
    'nothing to track',
    { 'capstan:prerelease': 'true' },
    'none that says what to track; write capstan:track = semver:1.x.',
  ],
  [
    'an unknown container',
    { 'capstan:track/ap': 'semver:1.x' },
    'The service has no container "ap"; write app.',
  ],
  [
    'a container from elsewhere',
    { 'capstan:track/proxy': 'tag:1' },
    `The image public.ecr.aws/envoy:1 of container proxy is in no ECR registry; Capstan follows images of ${REGISTRY}, so push it there.`,
  ],
  [
    'a general tag beside single ones',
    { 'capstan:track': 'tag:a', 'capstan:track/app': 'tag:b' },
    'The tag capstan:track stands beside',
  ],
])('tags: %s is a problem that says what to write', (_, tags, sentence) => {
  const { enrolled, problems } = byTags(tags)
  expect(enrolled).toBe(true)
  expect(problems.join(' ')).toContain(sentence)
  expect(problems).toHaveLength(1)
})

test.each<[string, unknown, string]>([
  [
    'an unknown key',
    { trak: 'semver:1.x', track: 'off' },
    'The entry "prod/web" has an unknown key "trak"; write track.',
  ],
  [
    'an unknown key of a container',
    { containers: { app: { track: 'off', ignored: [] } } },
    'container app, has an unknown key "ignored"; write ignore.',
  ],
  ['a bad type', 7, 'is neither a policy nor an object'],
  ['a bad list', { track: 'semver:1.x', include: 'x' }, 'include is a list of globs'],
  ['a bad item of a list', { track: 'semver:1.x', include: [7] }, 'include.0 is not text; write a glob'],
  ['a bad glob', { track: 'semver:1.x', ignore: ['['] }, 'the glob [ of ignore does not parse'],
  ['a bad downgrade', { track: 'semver:1.x', downgrade: 'yes' }, "downgrade is 'never' or 'allow'"],
  ['bad containers', { containers: [] }, 'containers is an object'],
  ['nothing to track', {}, "says nothing to track; write track: 'semver:1.x'"],
  [
    'a container with nothing to track',
    { containers: { app: {} } },
    'The config of container app: says nothing to track',
  ],
  [
    'an unknown container',
    { containers: { api: 'semver:1.x' } },
    'The service has no container "api"; write app.',
  ],
  ['a bad policy', { containers: { app: { kind: 'semver' } } }, 'unknown key "kind"'],
])('config: %s is a problem that says what to write', (_, entry, sentence) => {
  expect(byConfig(entry).problems.join(' ')).toContain(sentence)
})

test('several containers that could be tracked need a tag each', () => {
  const { tracks, problems } = byTags({ 'capstan:track': 'semver:1.x' }, [APP, WORKER])
  expect(tracks).toEqual([])
  expect(problems).toEqual([
    'The service has 2 containers that could be tracked; say which: capstan:track/app = semver:1.x, capstan:track/worker = semver:1.x.',
  ])
  expect(byConfig('semver:1.x', [APP, WORKER]).problems.join()).toContain(
    "containers: { 'app': …, 'worker': … }",
  )
})

test('several containers are tracked by a tag each', () => {
  const { tracks, problems } = byTags(
    { 'capstan:track/app': 'semver:1.x', 'capstan:track/worker': 'tag:main' },
    [APP, WORKER],
  )
  expect(problems).toEqual([])
  expect(tracks).toEqual([RANGE, track('tag:main', { container: 'worker', repository: 'worker' })])
})

test('an image of another account or region cannot be followed', () => {
  const foreign = container('999999999999.dkr.ecr.us-east-1.amazonaws.com/web:1')
  expect(byTags({ 'capstan:track': 'semver:1.x' }, [foreign]).problems.join()).toContain(
    'is in another account or region',
  )
})

test('an image of a registry in another place of the config file is followed there', () => {
  const places = { tools: { account: '999999999999', region: 'us-east-1' } }
  const image = parseImageReference('999999999999.dkr.ecr.us-east-1.amazonaws.com/web:1')
  const seen = service({ tags: { 'capstan:track': 'semver:1.x' } })
  const containers = [{ ...APP, image: imageSeenFrom(seen.arn, image) }]
  const follow = (config: unknown) =>
    resolveSettings({ service: { ...seen, containers }, config: parseConfig(config) })
  const repository = 'arn:aws:ecr:us-east-1:999999999999:repository/web'
  expect(follow({ places })).toMatchObject({ tracks: [{ ...RANGE, repository }], problems: [] })
  expect(follow({}).problems.join()).toContain(
    'name 999999999999 in us-east-1 among the places of the config file.',
  )
})

test('an image of a local engine can be followed', () => {
  expect(byTags({ 'capstan:track': 'semver:1.x' }, [container('127.0.0.1:4566/web:1')]).tracks).toEqual([
    RANGE,
  ])
})

test('a service without a container that can be tracked says why', () => {
  expect(byTags({ 'capstan:track': 'semver:1.x' }, [SIDECAR]).problems.join()).toContain('in no ECR registry')
})

test.each<[string, unknown, boolean]>([
  ['agree', 'semver:1.x', true],
  ['disagree', 'semver:2.x', false],
])('config and tags that %s', (_, entry, agree) => {
  const tagged = service({ tags: { 'capstan:track': 'semver:1.x' }, containers: [APP] })
  const { tracks, problems } = resolveSettings({
    service: tagged,
    config: parseConfig({ services: { 'prod/web': entry } }),
  })
  expect(tracks).toEqual(agree ? [RANGE] : [])
  expect(problems.join().includes('remove the capstan:* tags, or the entry "prod/web"')).toBe(!agree)
})

test('any spelling of off pauses what cannot even be tracked', () => {
  for (const off of ['off', ' off ', { kind: 'off' }]) {
    expect(byConfig({ containers: { proxy: { track: off } } }).tracks).toMatchObject([
      { container: 'proxy', policy: { kind: 'off' } },
    ])
    expect(byConfig({ track: off })).toMatchObject({ tracks: [{ container: 'app' }], problems: [] })
  }
})

test('a bad entry is a problem of its service alone', () => {
  const config = parseConfig({ services: { 'prod/api': 7, 'prod/web': 'semver:1.x' } })
  expect(resolveSettings({ service: service({ containers: [APP] }), config }).tracks).toEqual([RANGE])
  expect([...config.services.keys()]).toEqual(['prod/api', 'prod/web'])
})

test('an entry without a cluster is about the cluster default', () => {
  const config = parseConfig(defineConfig({ services: { web: 'semver:1.x' } }))
  expect(
    resolveSettings({ service: service({ cluster: 'default', containers: [APP] }), config }).enrolled,
  ).toBe(true)
  expect(resolveSettings({ service: service({ containers: [APP] }), config }).enrolled).toBe(false)
})

test('a service that is named twice has a problem', () => {
  const config = parseConfig({ services: { web: 'semver:1.x', 'default/web': 'semver:1.x' } })
  const { problems } = resolveSettings({
    service: service({ cluster: 'default', containers: [APP] }),
    config,
  })
  expect(problems).toEqual([
    'The config file names default/web 2 times, once without its cluster; keep one entry.',
  ])
})

test('what belongs to no service is a problem of the config file', () => {
  const { problems } = parseConfig({ service: {}, services: { 'a/b/c': 'off', '': 'off' } })
  expect(sentencesOf(problems)).toEqual([
    'The config file has an unknown key "service"; write services.',
    '"a/b/c" names no service; write cluster/service, or service for the cluster default.',
    '"" names no service; write cluster/service, or service for the cluster default.',
  ])
})

test.each([undefined, null, 7, 'x', [], { services: [] }, { services: 7 }])(
  '%j is no config file',
  (input) => {
    expect(() => parseConfig(input)).toThrow(Failure)
  },
)
