/** Which hosted zone a name belongs to. */
import { expect, test } from 'vitest'
import { zoneFor } from './zone.ts'

const ZONES = [
  { id: 'Z1', name: 'example.com', isPrivate: false },
  { id: 'Z2', name: 'example.com', isPrivate: true },
  { id: 'Z3', name: 'eu.example.com', isPrivate: false },
  { id: 'Z4', name: 'ample.com', isPrivate: true },
]

test.each([
  ['web.example.com', 'private', 'Z2'],
  ['web.example.com', 'public', 'Z1'],
  ['example.com', 'public', 'Z1'],
  ['web.eu.example.com', 'private', 'Z3'],
  ['sample.com', 'private', undefined],
  ['web.other.com', 'private', undefined],
] as const)('%s with its %s address is in zone %s', (name, address, id) => {
  const place = zoneFor(name, ZONES, { address })
  expect('id' in place ? place.id : undefined).toBe(id)
})

test('a zone that is named wins, as long as the name belongs there', () => {
  expect(zoneFor('web.eu.example.com', ZONES, { address: 'private', zone: 'Z1' })).toMatchObject({ id: 'Z1' })
  expect(zoneFor('web.example.com', ZONES, { address: 'private', zone: 'Z3' })).toMatchObject({
    kind: 'none',
    note: 'the hosted zone Z3 is of eu.example.com, which web.example.com does not end with; write another zone or name',
  })
  expect(zoneFor('web.example.com', ZONES, { address: 'private', zone: 'Z9' })).toMatchObject({
    kind: 'none',
    reason: 'no-zone',
  })
})
