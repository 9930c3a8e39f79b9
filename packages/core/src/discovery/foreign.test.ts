/** What Capstan does beside what others have written, within quotas and policies. */
import { expect, test } from 'vitest'
import { addressOf, NAME, nameRecord, nameView, source, task, WEB } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import { explainDiscovery } from './explain.ts'
import { isHinderedBy } from './outcome.ts'
import { settleOwned } from './owned.ts'
import { after, told, writesOf } from './testing.ts'
import type { ActualRecord, NameView, OwnedRecord, WritePolicy } from './view.ts'

const linesOf = (view: NameView) => told(decideDiscovery(view))
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)

function foreign(overrides: Partial<ActualRecord> = {}): ActualRecord {
  return { name: NAME, type: 'A', ttl: 300, values: ['192.0.2.7'], isPlain: true, ...overrides }
}

function owned(number: number, overrides: Partial<OwnedRecord> = {}): OwnedRecord {
  const { id } = task(number)
  return {
    name: NAME,
    type: 'A',
    setIdentifier: `capstan-${id}`,
    ttl: 10,
    values: [addressOf(number)],
    task: id,
    state: 'written',
    ...overrides,
  }
}

const there = ({ task: _, state: __, ...record }: OwnedRecord): ActualRecord => ({ ...record, isPlain: true })
const alone = (actual: ActualRecord[], wish = {}) => nameView({ sources: [source([task(1)], wish)], actual })

test.each<[string, ActualRecord, string]>([
  ['a simple record', foreign(), `A ${NAME} 192.0.2.7`],
  ['a CNAME', foreign({ type: 'CNAME', values: ['lb.example.com'] }), `CNAME ${NAME} lb.example.com`],
  ['an alias', foreign({ isPlain: false, values: [] }), `A ${NAME} `],
  ['a weighted record', foreign({ isPlain: false, setIdentifier: 'blue' }), `A ${NAME} 192.0.2.7`],
  ['a record by our name', there(owned(1, { values: ['192.0.2.7'] })), `A ${NAME} 192.0.2.7`],
])('%s of someone else is in the way, and left alone', (_, actual, records) => {
  expect(decideDiscovery(alone([actual]))).toMatchObject([{ reason: 'foreign-record', facts: { records } }])
})

test.each<[string, ActualRecord]>([
  ['a multivalue record', foreign({ setIdentifier: 'theirs' })],
  ['a record of another type', foreign({ type: 'MX', values: ['10 mail.example.com'] })],
  ['a record of another name', foreign({ name: `other.${NAME}` })],
])('%s of someone else is none of our business', (_, actual) => {
  expect(linesOf(alone([actual]))).toEqual(['register serving', `create A ${NAME} 10.0.0.1`])
})

test('what is in the way of one type hinders no other', () => {
  const view = nameView({
    sources: [
      source([task(1, { addresses: { private: '10.0.0.1', ipv6: '2001:db8::1' } })], {
        types: ['A', 'AAAA'],
      }),
    ],
    actual: [foreign({ type: 'AAAA', values: ['2001:db8::7'] })],
  })
  expect(linesOf(view)).toEqual(['register serving', `create A ${NAME} 10.0.0.1`, 'skip foreign-record'])
})

test("someone else's TXT record is left, and the name is served", () => {
  const txt = foreign({ name: `_capstan.${NAME}`, type: 'TXT', values: ['"mine"'] })
  expect(linesOf(alone([txt], { txt: true }))).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.1`,
    'skip foreign-record',
  ])
})

test('what was removed or changed by hand is put right', () => {
  const view = nameView({
    sources: [source([task(1), task(2)])],
    record: nameRecord({ owned: [owned(1), owned(2)] }),
    actual: [{ ...there(owned(2)), ttl: 60 }],
  })
  expect(linesOf(view)).toEqual([
    'register missing',
    `create A ${NAME} 10.0.0.1`,
    'register changed',
    `upsert A ${NAME} 10.0.0.2`,
  ])
  const [decision] = decideDiscovery({ ...view, sources: [source([task(1)])] }).slice(1)
  expect(decision).toMatchObject({ reason: 'gone', writes: [{ action: 'delete', record: { ttl: 60 } }] })
})

// The rows of the table at `settleOwned`.
test.each<[string, OwnedRecord[], ActualRecord[], number | undefined]>([
  ['written, the same', [owned(1)], [there(owned(1))], 10],
  ['written, another', [owned(1)], [there(owned(1, { ttl: 60 }))], 60],
  ['written, nothing', [owned(1)], [], undefined],
  ['written, an alias', [owned(1)], [{ ...there(owned(1)), isPlain: false }], undefined],
  ['intended, the same', [owned(1, { state: 'intended' })], [there(owned(1))], 10],
  ['intended, another', [owned(1, { state: 'intended' })], [there(owned(1, { ttl: 60 }))], undefined],
  ['intended, nothing', [owned(1, { state: 'intended' })], [], undefined],
  ['leaving, the same', [owned(1, { state: 'leaving' })], [there(owned(1))], 10],
  ['leaving, another of our mark', [owned(1, { state: 'leaving' })], [there(owned(1, { ttl: 60 }))], 60],
  ['leaving, another', [{ ...foreign(), state: 'leaving' }], [foreign({ ttl: 60 })], undefined],
  ['leaving, nothing', [owned(1, { state: 'leaving' })], [], undefined],
  [
    'a change, another',
    [owned(1), owned(1, { ttl: 20, state: 'intended' })],
    [there(owned(1, { ttl: 60 }))],
    60,
  ],
])('what the ledger says is held against what is there: %s', (_, before, actual, ttl) => {
  const settled = settleOwned({ record: nameRecord({ owned: before }), actual })
  expect(settled.map((each) => [each.ttl, each.state])).toEqual(ttl === undefined ? [] : [[ttl, 'written']])
})

test('a name with more tasks than record sets are allowed is served by those that run longest', () => {
  const view = nameView({
    sources: [source(numbers(0, 120).map((each) => task(each)))],
    actual: [foreign({ setIdentifier: 'theirs' })],
  })
  const decisions = decideDiscovery(view)
  expect(writesOf(decisions).map(({ task: id }) => id)).toEqual(numbers(0, 99).map((each) => task(each).id))
  expect(decisions.at(-1)).toMatchObject({
    reason: 'over-quota',
    facts: { found: '99 of 120 A', quota: 100, others: 1 },
  })
  expect(told(decideDiscovery(after(view)))).toEqual(['skip over-quota'])
})

test('the tasks of a full name stay when older ones come, and one that leaves is replaced', () => {
  const young = numbers(20, 120).map((each) => task(each))
  const full = after(nameView({ sources: [source(young)] }))
  const more = { ...full, sources: [source([...numbers(0, 20).map((each) => task(each)), ...young])] }
  expect(linesOf(more)).toEqual(['skip over-quota'])
  const stopped = young.map((each) => (each.id === task(50).id ? task(50, { desired: 'STOPPED' }) : each))
  expect(
    linesOf({ ...more, sources: [source([...numbers(0, 20).map((each) => task(each)), ...stopped])] }),
  ).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.0`,
    'deregister stopping',
    `delete A ${NAME} 10.0.0.50`,
    'skip over-quota',
  ])
})

test.each<[WritePolicy, string[]]>([
  [
    'sync',
    [
      'register serving',
      `create A ${NAME} 10.0.0.3`,
      'register changed',
      `upsert A ${NAME} 10.0.0.2`,
      'deregister gone',
      `delete A ${NAME} 10.0.0.1`,
    ],
  ],
  [
    'upsert-only',
    [
      'register serving',
      `create A ${NAME} 10.0.0.3`,
      'register changed',
      `upsert A ${NAME} 10.0.0.2`,
      'skip policy',
    ],
  ],
  ['create-only', ['register serving', `create A ${NAME} 10.0.0.3`, 'skip policy']],
])('the policy %s allows what it says', (policy, lines) => {
  const record = nameRecord({ owned: [owned(1), owned(2, { ttl: 60 })] })
  const view = nameView({ sources: [source([task(2), task(3)], { policy })], record })
  expect(linesOf(view)).toEqual(lines)
})

test('of several sources the most cautious policy holds', () => {
  const api = { cluster: 'prod', group: 'service:api' }
  const sources = [source([task(2)]), source([], { policy: 'upsert-only' }, api)]
  const view = nameView({ sources, record: nameRecord({ owned: [owned(1), owned(2)] }) })
  expect(decideDiscovery(view)).toMatchObject([{ reason: 'policy', facts: { policy: 'upsert-only' } }])
})

test('what others have written is taken over on request, and replaced in the same pass', () => {
  const view = {
    ...alone([foreign(), foreign({ type: 'MX' }), foreign({ isPlain: false, type: 'AAAA' })]),
    adopts: true,
  }
  expect(linesOf(view)).toEqual([
    'adopt requested',
    'register serving',
    `create A ${NAME} 10.0.0.1`,
    'deregister replaced',
    `delete A ${NAME} 192.0.2.7`,
  ])
  expect(linesOf(after(view))).toEqual(['skip up-to-date'])
})

const instance = (name: string, ...values: string[]): ActualRecord => ({
  ...{ name, type: 'INSTANCE', isPlain: true },
  values: [...values, 'AWS_INSTANCE_IPV4=192.0.2.7'].toSorted(),
})
const ID = task(7).id
const UUID = '0000a0b1-1111-4222-8333-44445555666f'
const OF_WEB = 'ECS_SERVICE_NAME=web'

test.each([
  ['that ECS registered for a task', instance(ID, OF_WEB), false],
  ['that ECS registered for a task with an id of old', instance(UUID, OF_WEB), false],
  ['with the name of a service and an id of its own', instance('web-7', OF_WEB), true],
  ['with the id of a task and no name of a service', instance(ID), true],
  ['of someone else', instance('theirs'), true],
])('an instance %s is taken over or left, and left once it is decided again', (_, other, isTaken) => {
  const shop: Partial<NameView> = {
    target: { kind: 'cloud-map', namespace: 'shop', service: 'web' },
    place: { kind: 'cloud-map', id: 'Z1', types: ['A'] },
  }
  const view = nameView({ ...shop, sources: [source([task(1)])], actual: [other], adopts: true })
  const lines = linesOf(view)
  expect(lines.includes('adopt requested')).toBe(isTaken)
  expect(lines.some((line) => line.startsWith(`delete INSTANCE ${other.name}`))).toBe(isTaken)
  expect(lines).toContain('register serving')
  expect(lines.includes('skip foreign-record')).toBe(!isTaken)
  const left = decideDiscovery(view).filter(({ reason }) => reason === 'foreign-record')
  for (const decision of left) expect(explainDiscovery(decision)).toContain('serviceRegistries')
  expect(isHinderedBy(left)).toBe(false)
  expect(linesOf(after(view))).toEqual(['skip up-to-date'])
  expect(linesOf({ ...after(view), adopts: true })).toEqual([
    isTaken ? 'skip up-to-date' : 'skip foreign-record',
  ])
})

test('what is right already is taken over as it is', () => {
  const view = { ...alone([there(owned(1))]), adopts: true }
  expect(linesOf(view)).toEqual(['adopt requested'])
  expect(linesOf(after(view))).toEqual(['skip up-to-date'])
  expect(linesOf({ ...after(view), sources: [source([])] })).toContain('deregister gone')
})

test('what was taken over stays until a task can serve', () => {
  const view = { ...alone([foreign()]), sources: [source([])], adopts: true }
  expect(linesOf(view)).toEqual(['adopt requested', 'skip no-task'])
  const kept = after(view)
  expect(linesOf(kept)).toEqual(['skip no-task'])
  expect(linesOf({ ...kept, sources: [source([task(1)])] })).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.1`,
    'deregister replaced',
    `delete A ${NAME} 192.0.2.7`,
  ])
})

test('what was taken over and may not be deleted is left in its place', () => {
  const view = { ...alone([foreign()], { policy: 'upsert-only' }), adopts: true }
  expect(linesOf(view)).toEqual(['adopt requested', 'skip policy'])
  expect(linesOf(after(view))).toEqual(['skip policy'])
})

test('nothing is removed because settings cannot be read and never were', () => {
  const record = nameRecord({ owned: [owned(1)] })
  const view = nameView({ problems: ['The tag x is wrong.'], unclear: [WEB], record })
  expect(decideDiscovery(view)).toMatchObject([{ reason: 'invalid-settings', facts: { stay: 1 } }])
  expect(linesOf({ ...view, sources: [source([task(2)])] })).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.2`,
    'skip invalid-settings',
  ])
})

test('without a look at what is there, a write that was begun is begun again, and never over others', () => {
  const record = nameRecord({ owned: [owned(1, { state: 'intended' }), owned(2, { state: 'leaving' })] })
  expect(linesOf(nameView({ sources: [source([task(1)])], record }))).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.1`,
    'deregister gone',
    `delete A ${NAME} 10.0.0.2`,
  ])
})

test('what the ledger keeps of another place is not looked for here', () => {
  const record = nameRecord({ placeId: 'Z0', owned: [owned(1), owned(2)] })
  expect(linesOf(nameView({ sources: [source([task(1)])], record }))).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.1`,
  ])
})
