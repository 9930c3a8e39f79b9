/** What tasks are found by: SRV records, names of their own, instances of Cloud Map, the TXT record. */
import { expect, test } from 'vitest'
import { NAME, nameView, source, task } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import { after, told, writesOf } from './testing.ts'
import type { NameView, Publication, PublishedTask } from './view.ts'

const [ONE, TWO] = [task(1).id, task(2).id]

function viewOf(wish: Partial<Publication>, change: Partial<PublishedTask> = {}): NameView {
  return nameView({ sources: [source([task(1, change)], wish)] })
}

const linesOf = (view: NameView) => told(decideDiscovery(view))

test.each<[string, Partial<Publication>, Partial<PublishedTask>, string[]]>([
  [
    'both families, as far as it has them',
    { types: ['A', 'AAAA'] },
    { addresses: { private: '10.0.0.1', ipv6: '2001:db8::1' } },
    [`create A ${NAME} 10.0.0.1`, `create AAAA ${NAME} 2001:db8::1`],
  ],
  ['one family, where it lacks the other', { types: ['A', 'AAAA'] }, {}, [`create A ${NAME} 10.0.0.1`]],
  [
    'its public address',
    { address: 'public' },
    { addresses: { private: '10.0.0.1', public: '192.0.2.1' } },
    [`create A ${NAME} 192.0.2.1`],
  ],
  [
    'a name of its own',
    { perTask: true },
    {},
    [`create A ${NAME} 10.0.0.1`, `create A ${ONE}.${NAME} 10.0.0.1`],
  ],
  [
    'its port, and a name that the port is at',
    { types: ['SRV'], port: { port: 8080 } },
    {},
    [`create SRV ${NAME} 1 1 8080 ${ONE}.${NAME}`, `create A ${ONE}.${NAME} 10.0.0.1`],
  ],
  [
    "the host's port",
    { types: ['SRV'], port: { container: 'app', port: 8080 } },
    {
      ports: [
        { container: 'log', port: 8080, hostPort: 7 },
        { container: 'app', port: 8080, hostPort: 49_153 },
      ],
    },
    [`create SRV ${NAME} 1 1 49153 ${ONE}.${NAME}`, `create A ${ONE}.${NAME} 10.0.0.1`],
  ],
])('a task is found by %s', (_, wish, change, lines) => {
  expect(linesOf(viewOf(wish, change))).toEqual(['register serving', ...lines])
  expect(linesOf(after(viewOf(wish, change)))).toEqual(['skip up-to-date'])
})

test('a task on a container instance is not told by a port that its host does not give it', () => {
  const { interfaceId: _, ...bare } = task(1, { containerInstanceArn: 'arn:i' })
  const view = nameView({ sources: [source([bare], { types: ['SRV'], port: { port: 8080 } })] })
  expect(decideDiscovery(view)).toMatchObject([
    { kind: 'skip', reason: 'not-ready', facts: { tasks: 1, why: 'it has no such port' } },
  ])
})

test('a TXT record says whose the name is, as long as something is there', () => {
  const view = viewOf({ txt: true })
  expect(linesOf(view)).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.1`,
    'register marked',
    `create TXT _capstan.${NAME} "heritage=capstan,sources=prod/web"`,
  ])
  const found = after(view)
  expect(linesOf(found)).toEqual(['skip up-to-date'])
  expect(linesOf({ ...found, sources: [source([], { txt: true })] })).toEqual([
    'deregister gone',
    `delete A ${NAME} 10.0.0.1`,
    'deregister released',
    `delete TXT _capstan.${NAME} "heritage=capstan,sources=prod/web"`,
    'skip no-task',
  ])
})

test('a TXT record of many sources is written in strings of 255 characters', () => {
  const keys = Array.from({ length: 20 }, (_, index) => ({
    cluster: 'prod',
    group: `service:web-${index}-${'x'.repeat(20)}`,
  }))
  const sources = keys.map((key, index) => source([task(index)], { txt: true }, key))
  const txt = writesOf(decideDiscovery(nameView({ sources }))).find(({ record }) => record.type === 'TXT')
  const [value = ''] = txt?.record.values ?? []
  const strings = value.slice(1, -1).split('" "')
  expect(strings.map(({ length }) => length)).toEqual([255, 255, expect.any(Number)])
  expect(strings.join('')).toMatch(/^heritage=capstan,sources=prod\/web-0-x+;prod\/web-1-x+;/)
})

const CLOUD_MAP = {
  target: { kind: 'cloud-map', namespace: 'shop', service: 'web' },
} as const

function instanceView(types: string[], wish: Partial<Publication> = {}, change: Partial<PublishedTask> = {}) {
  return nameView({
    ...CLOUD_MAP,
    place: { kind: 'cloud-map', id: 'srv-1', types },
    sources: [source([task(1, change)], { ...CLOUD_MAP, ...wish })],
  })
}

const BOTH = { addresses: { private: '10.0.0.1', ipv6: '2001:db8::1' } }
const REST = 'CAPSTAN_SOURCE=prod/web ECS_TASK_DEFINITION_FAMILY=web'

test.each<[string, string[], Partial<Publication>, string]>([
  ['of an HTTP service has the addresses that are asked for', [], {}, 'AWS_INSTANCE_IPV4=10.0.0.1'],
  ['has the address that its DNS records need', ['AAAA'], {}, 'AWS_INSTANCE_IPV6=2001:db8::1'],
  [
    'has the port as well',
    ['SRV'],
    { port: { port: 80 } },
    'AWS_INSTANCE_IPV4=10.0.0.1 AWS_INSTANCE_IPV6=2001:db8::1 AWS_INSTANCE_PORT=80',
  ],
])('an instance %s', (_, types, wish, values) => {
  const view = instanceView(types, wish, BOTH)
  expect(linesOf(view)).toEqual(['register serving', `create INSTANCE capstan-${ONE} ${values} ${REST}`])
  const owned = after(view)
  expect(
    linesOf({
      ...owned,
      record: { version: 1, sources: [], owned: [], ...owned.record, ...CLOUD_MAP, placeId: 'srv-1' },
    }),
  ).toEqual(['skip up-to-date'])
})

test.each<[string, string[], string]>([
  ['an IPv6 address', ['A', 'AAAA'], 'it has no IPv6 address'],
  ['a port', ['SRV'], 'it has no such port'],
  ['a CNAME', ['CNAME'], 'tasks have no CNAME'],
])('a task without %s that its service needs is no instance', (_, types, why) => {
  expect(decideDiscovery(instanceView(types))).toMatchObject([{ reason: 'not-ready', facts: { why } }])
})

test('a task that is unhealthy stays, with its names, where no other can serve', () => {
  const wish = { perTask: true, txt: true }
  const found = after(nameView({ sources: [source([task(1), task(2)], wish)] }))
  const unhealthy = { health: 'UNHEALTHY' } as const
  const sources = [source([task(1, unhealthy), task(2, { desired: 'STOPPED' })], wish)]
  expect(linesOf({ ...found, sources })).toEqual([
    'deregister stopping',
    `delete A ${NAME} 10.0.0.2`,
    `delete A ${TWO}.${NAME} 10.0.0.2`,
    'skip all-unhealthy',
  ])
})
