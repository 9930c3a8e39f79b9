/** How sources say by which names they are found, and what is told of what cannot be read. */
import { expect, test } from 'vitest'
import { defineConfig, parseConfig } from '../config.ts'
import { sentencesOf } from '../problem.ts'
import { publication, WEB } from './builders.ts'
import { configuredSources, resolveDiscovery } from './settings.ts'

const byTags = (tags: Record<string, string>) => resolveDiscovery({ source: WEB, tags, config: undefined })
const byConfig = (discovery: unknown, tags: Record<string, string> = {}) =>
  resolveDiscovery({ source: WEB, tags, config: parseConfig({ services: { 'prod/web': { discovery } } }) })

const DNS = { 'capstan:dns': 'Web.example.com.' }
const SHOP = { kind: 'cloud-map', namespace: 'shop', service: 'web' } as const

test.each<[string, Record<string, string>, object[]]>([
  ['a name', DNS, [publication()]],
  [
    'several names',
    { 'capstan:dns': 'web.example.com  www.example.com' },
    [publication(), publication({ target: { kind: 'dns', name: 'www.example.com' } })],
  ],
  ['a service of Cloud Map', { 'capstan:discovery': 'shop/web' }, [publication({ target: SHOP })]],
  ['both', { ...DNS, 'capstan:discovery': 'shop/web' }, [publication(), publication({ target: SHOP })]],
  ['public addresses', { ...DNS, 'capstan:dns-address': 'public' }, [publication({ address: 'public' })]],
  ['IPv6 addresses', { ...DNS, 'capstan:dns-address': 'ipv6' }, [publication({ types: ['AAAA'] })]],
  ['a TTL', { ...DNS, 'capstan:dns-ttl': '0' }, [publication({ ttl: 0 })]],
  [
    'types in any order',
    { ...DNS, 'capstan:dns-types': 'SRV A', 'capstan:dns-port': 'app:8080' },
    [publication({ types: ['A', 'SRV'], port: { container: 'app', port: 8080 } })],
  ],
  [
    'all the rest',
    {
      ...DNS,
      'capstan:dns-per-task': 'true',
      'capstan:dns-policy': 'upsert-only',
      'capstan:dns-txt': 'true',
      'capstan:dns-zone': '/hostedzone/Z123',
    },
    [publication({ perTask: true, policy: 'upsert-only', txt: true, zone: 'Z123' })],
  ],
])('tags ask for %s', (_, tags, publications) => {
  expect(byTags(tags)).toEqual({ source: WEB, from: 'tags', publications, problems: [] })
})

test.each<[Record<string, string>, string]>([
  [
    { 'capstan:dns': '*.example.com' },
    'The tag capstan:dns cannot be "*.example.com": it is a wildcard; write the name itself.',
  ],
  [
    { 'capstan:discovery': 'web' },
    'The tag capstan:discovery cannot be "web"; write the namespace and the service, such as shop/web.',
  ],
  [
    { ...DNS, 'capstan:dns-address': 'publc' },
    "The tag capstan:dns-address cannot be \"publc\"; write 'private', 'public' or 'ipv6'.",
  ],
  [
    { ...DNS, 'capstan:dns-ttl': '86401' },
    'The tag capstan:dns-ttl cannot be 86401; write whole seconds from 0 to 86400.',
  ],
  [
    { ...DNS, 'capstan:dns-ttl': '-1' },
    'The tag capstan:dns-ttl cannot be "-1"; write whole seconds from 0 to 86400',
  ],
  [
    { ...DNS, 'capstan:dns-types': 'A MX' },
    'The tag capstan:dns-types cannot be "A MX"; write some of A, AAAA, SRV.',
  ],
  [
    { ...DNS, 'capstan:dns-types': 'SRV' },
    'By its tags it asks for SRV records without a port; write one, such as 8080.',
  ],
  [{ ...DNS, 'capstan:dns-port': '0' }, 'The tag capstan:dns-port cannot be "0"; write a port such as 8080'],
  [{ ...DNS, 'capstan:dns-txt': 'yes' }, 'The tag capstan:dns-txt cannot be "yes"; write true or false.'],
  [{ 'capstan:dns-ttl': '5' }, 'There are capstan:dns-* tags, but none that says a name'],
  [
    { 'capstan:dns': 'web.example.com web.example.com' },
    'The tags: web.example.com is asked for more than once; keep one of them.',
  ],
  [
    { ...DNS, 'capstan:dns-address': 'ipv6', 'capstan:dns-types': 'A' },
    'asks for A records of IPv6 addresses',
  ],
])('tags %j are told of, and nothing is asked for', (tags, problem) => {
  const settings = byTags(tags)
  expect(settings.publications).toEqual([])
  expect(settings.problems).toHaveLength(1)
  expect(settings.problems[0]).toContain(problem)
})

test('an unknown tag is told of, and takes nothing away', () => {
  expect(byTags({ ...DNS, 'capstan:dns-tll': '30' })).toEqual({
    source: WEB,
    from: 'tags',
    publications: [publication()],
    problems: ['The tag capstan:dns-tll means nothing to Capstan; write capstan:dns-ttl, or remove it.'],
  })
})

test('a source that says nothing asks for nothing', () => {
  const settings = byTags({ 'capstan:track': 'semver:1.x', Name: 'web' })
  expect(settings).toEqual({ source: WEB, from: 'none', publications: [], problems: [] })
})

test('the config file may have one or several', () => {
  expect(byConfig({ dns: 'web.example.com', ttl: '30s', port: 8080 })).toEqual({
    source: WEB,
    from: 'config',
    publications: [publication({ ttl: 30, port: { port: 8080 } })],
    problems: [],
  })
  const settings = byConfig([{ dns: ['web.example.com'] }, { service: 'shop/web', address: 'public' }])
  expect(settings.publications).toEqual([publication(), publication({ target: SHOP, address: 'public' })])
})

test.each<[unknown, string]>([
  [
    'web.example.com',
    `The entry "prod/web": discovery cannot be "web.example.com"; write { dns: 'web.example.com' }.`,
  ],
  [[], 'The entry "prod/web": discovery is empty; write { dns: \'web.example.com\' }.'],
  [
    { ttl: 5 },
    `The entry "prod/web": discovery says no name; write dns: 'web.example.com' or service: 'namespace/service'.`,
  ],
  [
    [{ dns: 'a.b' }, { dns: 7 }],
    'The entry "prod/web": discovery[1].dns cannot be 7; write a name such as \'web.example.com\', or a list of them.',
  ],
  [{ dns: 'a.b', tll: 4 }, 'The entry "prod/web": discovery.tll is unknown; write ttl.'],
  [
    { service: 'shop/web', zone: 'Z1' },
    'The entry "prod/web": discovery names a hosted zone and no DNS name; write dns as well.',
  ],
  [
    { dns: `${'abc.'.repeat(60)}ab`, perTask: true },
    'has 242 characters; write at most 220, because its tasks have names below it.',
  ],
])('the config %j is told of', (discovery, problem) => {
  const { problems } = byConfig(discovery)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(problem)
})

test('config and tags may both say it only if they say the same', () => {
  expect(byConfig({ dns: 'web.example.com' }, DNS)).toMatchObject({
    from: 'config',
    publications: [publication()],
    problems: [],
  })
  const { publications, problems } = byConfig({ dns: 'web.example.com', ttl: 5 }, DNS)
  expect(publications).toEqual([])
  expect(problems).toEqual([
    'The config file and the tags both say how prod/web is found, and different things; remove the capstan:dns* and capstan:discovery tags, or discovery of the entry "prod/web".',
  ])
})

test('families have entries of their own', () => {
  const config = parseConfig(
    defineConfig({
      services: {
        'prod/api': { track: 'semver:1.x', discovery: { dns: 'api.example.com' } },
        'prod/web': 'semver:1.x',
      },
      families: { 'prod/worker': { discovery: { dns: 'worker.example.com' } } },
    }),
  )
  const worker = { cluster: 'prod', group: 'family:worker' }
  expect(config.problems).toEqual([])
  expect(configuredSources(config)).toEqual([{ cluster: 'prod', group: 'service:api' }, worker])
  expect(resolveDiscovery({ source: worker, tags: {}, config }).publications).toEqual([
    publication({ target: { kind: 'dns', name: 'worker.example.com' } }),
  ])
})

test('strange keys of entries are told of', () => {
  const families = { 'prod/worker': { discovery: { dns: 'a.b' }, track: 'x' } }
  const services = { 'prod/web': { discovery: { dns: 'a.b' }, trak: 'x' } }
  const config = parseConfig({ services, families: { ...families, 'a/b/c': {} } })
  expect(sentencesOf(config.problems)).toEqual([
    '"a/b/c" names no family; write cluster/family, or family for the cluster default.',
  ])
  const problemsOf = (source: typeof WEB) => resolveDiscovery({ source, tags: {}, config }).problems
  expect(problemsOf(WEB)).toEqual(['The entry "prod/web" has an unknown key "trak"; write track.'])
  expect(problemsOf({ cluster: 'prod', group: 'family:worker' })).toEqual([
    'The entry "prod/family:worker" has an unknown key "track"; write discovery.',
  ])
})
