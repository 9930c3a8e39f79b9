import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowsAt } from './place-ledger.ts'

const eu = rowsAt('eu')

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'a row',
    { pk: 'SERVICE', sk: 'prod/web', version: 1 },
    { pk: 'AT#eu#SERVICE', sk: 'prod/web', version: 1 },
  ],
  ['the values of a query', { ':pk': 'OUTBOX' }, { ':pk': 'AT#eu#OUTBOX' }],
  ['a key to go on from', { pk: 'AT#eu#SERVICE', sk: 'a/b' }, { pk: 'AT#eu#SERVICE', sk: 'a/b' }],
  ['the values of a condition', { ':expected': 3 }, { ':expected': 3 }],
  ['what is in a row', { pk: 'NAME', in: { pk: 'x' } }, { pk: 'AT#eu#NAME', in: { pk: 'x' } }],
])('%s of a place says the place where it is a key', (_, row, there) => {
  expect(eu(row)).toEqual(there)
})

test('no two places share a row, nor one with home', () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
  const pk = fc.stringMatching(/^[A-Z]+(#[a-z/#*-]{0,10})?$/)
  fc.assert(
    fc.property(name, pk, name, pk, (one, own, other, theirs) => {
      const there = rowsAt(one)({ pk: own })
      expect(there).not.toEqual({ pk: theirs })
      if (one !== other) expect(there).not.toEqual(rowsAt(other)({ pk: theirs }))
      if (own !== theirs) expect(there).not.toEqual(rowsAt(one)({ pk: theirs }))
    }),
  )
})
