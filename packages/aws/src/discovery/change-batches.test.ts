import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, loadOf, MOST, packBatches } from './change-batches.ts'
import type { NameWrites } from './registrar.ts'

const write = (
  action: RecordWrite['action'],
  name: string,
  setIdentifier: string | undefined,
  { type = 'A', value = '10.0.0.1' } = {},
): RecordWrite => ({
  action,
  record: { name, type, ...(setIdentifier && { setIdentifier }), ttl: 10, values: [value] },
})
const some = (count: number, action: RecordWrite['action'], name = 'web.example.com', kind = {}) =>
  Array.from({ length: count }, (_, index) => write(action, name, `capstan-${action}-${index}`, kind))
const target = (name: string, writes: readonly RecordWrite[]): NameWrites => ({
  target: { kind: 'dns', name },
  writes,
})
const named = (count: number, writes: readonly RecordWrite[]) =>
  Array.from({ length: count }, (_, index) => target(`n${index}.example.com`, writes))
const sizes = (batches: readonly Batch[]) =>
  batches.map((batch) => batch.reduce((sum, { writes }) => sum + loadOf(writes).records, 0))
const long = { type: 'TXT', value: 'x'.repeat(1_000) }

test.each<[string, NameWrites[], number[]]>([
  ['nothing is no request', [], []],
  ['a name without writes is no request', named(3, []), []],
  ['all names go into one', named(100, some(10, 'create')), [1000]],
  ['no more than a thousand records', named(101, some(10, 'create')), [1000, 10]],
  ['an upsert counts twice', named(100, some(10, 'upsert')), [1000, 1000]],
  ['2,500 writes are three requests', named(50, some(50, 'create')), [1000, 1000, 500]],
  ['32,000 characters are enough', named(65, [write('create', 'a.example.com', 'a', long)]), [32, 32, 1]],
  [
    'little ones fill the gaps',
    [...named(4, some(10, 'delete')), ...named(2, some(700, 'create'))],
    [740, 700],
  ],
  ['a name of too many is split', named(1, some(2_300, 'create')), [1000, 1000, 300]],
  [
    'others go with its rest',
    [...named(1, some(1_500, 'create')), ...named(2, some(200, 'create'))],
    [1000, 900],
  ],
])('%s', (_, names, expected) => {
  expect(sizes(packBatches(names))).toEqual(expected)
})

test('of a name that is split, what is only added comes first and what is only removed last', () => {
  const writes = [
    ...some(400, 'delete', 'old.web.example.com'),
    ...some(300, 'delete'),
    ...some(300, 'create'),
    ...some(400, 'create', 'new.web.example.com'),
  ]
  const order = packBatches([target('web.example.com', writes)]).map((batch) =>
    Object.entries(
      Object.groupBy(
        batch.flatMap((piece) => piece.writes),
        ({ action, record }) => `${action} ${record.name}`,
      ),
    ).map(([what, each]) => `${each?.length} ${what}`),
  )
  expect(order).toEqual([
    ['400 create new.web.example.com', '300 delete web.example.com', '300 create web.example.com'],
    ['400 delete old.web.example.com'],
  ])
})

test('however a name is cut, it has never more record sets than before and after, nor fewer than it keeps', () => {
  const srv = { type: 'SRV', value: 'x'.repeat(400) }
  const batches = packBatches([
    target('web.example.com', [
      ...some(100, 'create', undefined, srv),
      ...some(100, 'delete', undefined, srv),
    ]),
  ])
  let count = 100
  const counts = batches.map((batch) => {
    for (const { action } of batch.flatMap(({ writes }) => writes)) count += action === 'delete' ? -1 : 1
    return count
  })
  expect(counts).toHaveLength(3)
  expect(counts.every((each) => each === 100 || each === 99)).toBe(true)
})

test.each(['A', 'CNAME'])(
  'a simple %s goes in the request of what takes its place, and before it',
  (type) => {
    const writes = [
      ...some(900, 'create', 'x.web.example.com'),
      ...some(100, 'create', 'web.example.com', { type: 'AAAA' }),
      ...some(100, 'create'),
      write('delete', 'web.example.com', undefined, { type }),
    ]
    const batches = packBatches([target('web.example.com', writes)])
    const where = batches.findIndex((batch) =>
      batch.some((piece) => piece.writes.some(({ action }) => action === 'delete')),
    )
    const there = batches[where]?.flatMap((piece) => piece.writes) ?? []
    expect(there.findIndex(({ action }) => action === 'delete')).toBeLessThan(
      there.findIndex(
        ({ record }) => record.name === 'web.example.com' && record.setIdentifier !== undefined,
      ),
    )
  },
)

const anyWrite = fc.record({
  action: fc.constantFrom('create' as const, 'upsert' as const, 'delete' as const),
  record: fc.record({
    name: fc.constantFrom('web.example.com', 'a.web.example.com', 'b.web.example.com'),
    type: fc.constantFrom('A', 'AAAA', 'SRV'),
    setIdentifier: fc.uuid(),
    values: fc.array(fc.string({ minLength: 1, maxLength: 600 }), { minLength: 1, maxLength: 3 }),
  }),
})
const anyNames = fc.array(
  fc.array(anyWrite, { maxLength: 400 }).map((writes) => target('web.example.com', writes)),
  { maxLength: 6 },
)

test('every write is in one batch, and each batch within the limits', () => {
  fc.assert(
    fc.property(anyNames, (names) => {
      const batches = packBatches(names)
      for (const [index, { writes }] of names.entries()) {
        const packed = batches.flat().filter((piece) => piece.index === index)
        expect(new Set(packed.flatMap((piece) => piece.writes))).toEqual(new Set(writes))
        expect(packed.flatMap((piece) => piece.writes)).toHaveLength(writes.length)
      }
      for (const batch of batches) {
        const { records, characters } = loadOf(batch.flatMap(({ writes }) => writes))
        expect(records).toBeLessThanOrEqual(MOST.records)
        expect(characters).toBeLessThanOrEqual(MOST.characters)
        expect(new Set(batch.map(({ index }) => index)).size).toBe(batch.length)
      }
    }),
  )
})

test('a name that fits is in one batch; of others, what is only added is never after what is only removed', () => {
  fc.assert(
    fc.property(anyNames, (names) => {
      const batches = packBatches(names)
      for (const [index, { writes }] of names.entries()) {
        const packed = batches.map((batch) => batch.find((piece) => piece.index === index)?.writes ?? [])
        const { records, characters } = loadOf(writes)
        if (records <= MOST.records && characters <= MOST.characters)
          expect(packed.filter((each) => each.length > 0).length).toBeLessThanOrEqual(1)
        const groups = Map.groupBy(writes, ({ record }) => `${record.name} ${record.type}`)
        const kindOf = ({ record }: RecordWrite) =>
          new Set(groups.get(`${record.name} ${record.type}`)?.map(({ action }) => action === 'delete'))
        const isOnly = (each: RecordWrite, isDeletion: boolean) => {
          const kinds = kindOf(each)
          return kinds.size === 1 && kinds.has(isDeletion)
        }
        const lastAdded = packed.findLastIndex((each) => each.some((one) => isOnly(one, false)))
        const firstRemoved = packed.findIndex((each) => each.some((one) => isOnly(one, true)))
        if (firstRemoved >= 0) expect(lastAdded).toBeLessThanOrEqual(firstRemoved)
      }
    }),
  )
})
