import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeAt, placeOf, readPlaces, strangePlace } from './places.ts'
import { sentencesOf } from './problem.ts'

const eu = { account: '222222222222', region: 'eu-west-1' }
const tools = { account: '333333333333', region: 'us-east-1' }

const ALL = [
  { name: 'home', account: '111111111111', region: 'us-east-1' },
  ...readPlaces({ eu, tools }).places,
]

test('places are read by their names', () => {
  expect(readPlaces({ eu, tools })).toEqual({
    places: [
      { name: 'eu', ...eu },
      { name: 'tools', ...tools },
    ],
    problems: [],
  })
  expect(readPlaces(undefined)).toEqual({ places: [], problems: [] })
})

test.each<[string, unknown, string]>([
  ['a list', [eu], 'places is an object'],
  ['the name of home', { home: eu }, 'place "home" cannot be called so'],
  ['a name with capitals', { EU: eu }, 'place "EU" cannot be called so'],
  ['a name that is too long', { ['x'.repeat(33)]: eu }, 'cannot be called so'],
  ['a number for an account', { eu: { ...eu, account: 22222222222 } }, 'place "eu" needs the twelve digits'],
  ['no account', { eu: { region: 'eu-west-1' } }, 'place "eu" needs the twelve digits'],
  ['a zone for a region', { eu: { ...eu, region: 'eu-west-1a' } }, 'place "eu" needs a region'],
  ['text for a place', { eu: 'eu-west-1' }, 'place "eu" needs a region'],
  ['an unknown key', { eu: { ...eu, role: 'x' } }, 'place "eu" has an unknown key "role"'],
  ['the same twice', { eu, europe: eu }, 'place "europe" is the same as place "eu"'],
])('%s is no place, and a sentence says why', (_, input, problem) => {
  const read = readPlaces(input)
  expect(sentencesOf(read.problems).join(' ')).toContain(problem)
  for (const { sentence } of read.problems) expect(sentence).toMatch(/^The config file: .*\.$/)
})

test('a mistake in one place takes no other away', () => {
  expect(readPlaces({ home: eu, tools }).places).toEqual([{ name: 'tools', ...tools }])
})

test('what is read never throws, and each place is there once', () => {
  const region = fc.constantFrom('eu-west-1', 'us-gov-west-1', 'eu')
  const account = fc.constantFrom<unknown>('222222222222', '333333333333', 1, undefined)
  const input = fc.dictionary(fc.constantFrom('a', 'b', 'home', 'X'), fc.record({ account, region }))
  fc.assert(
    fc.property(fc.oneof(input, fc.anything()), (value) => {
      const { places, problems } = readPlaces(value)
      for (const place of places) expect(placeAt(places, place)).toBe(place)
      if (value && Object.keys(value).length > places.length) expect(problems).not.toEqual([])
    }),
  )
})

test.each<[string, object, string | undefined]>([
  ['an envelope', { ...eu, id: 'e' }, 'eu'],
  ['the envelope of home', { account: '111111111111', region: 'us-east-1' }, 'home'],
  ['a name', { place: 'tools' }, 'tools'],
  ['nothing', {}, 'home'],
  ['the account of one in the region of another', { ...eu, account: tools.account }, undefined],
  ['a name that there is none of', { place: 'us' }, undefined],
])('what %s is about', (_, where, name) => {
  expect(placeOf(ALL, where)?.name).toBe(name)
})

test('what is about no place says what to write', () => {
  expect(strangePlace(ALL, { place: 'us' })).toContain('no place "us"; it has home, eu, tools.')
  expect(strangePlace(ALL, { ...eu, account: tools.account })).toContain(
    "add it to places: { account: '333333333333', region: 'eu-west-1' }.",
  )
})
