import { expect, test } from 'vitest'
import { placeColumn } from './place.ts'

test('a list says the place where there is more than one', () => {
  expect(placeColumn({}, [])).toEqual({ head: [], row: [], field: {} })
  expect(placeColumn({}, ['home', 'eu'])).toEqual({
    head: ['PLACE'],
    row: ['home'],
    field: { place: 'home' },
  })
  expect(placeColumn({ place: 'eu' }, ['home', 'eu']).row).toEqual(['eu'])
})
