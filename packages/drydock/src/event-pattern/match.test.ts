/** Each file in cases/ is a pattern and an event; its name says what comes of them. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidPattern } from './invalid-pattern.ts'
import { flattenEvent, matchesPattern } from './match.ts'
import { compilePattern } from './pattern.ts'

interface Case {
  readonly pattern: unknown
  readonly event: object
  readonly place: string
}

const folder = new URL('cases/', import.meta.url)
const cases = readdirSync(folder).map((file): [string, string, Case] => {
  const [topic = '', outcome = ''] = file.split('.')
  return [topic, outcome, JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]
})

const matches = (pattern: unknown, event: object) =>
  matchesPattern(compilePattern(JSON.stringify(pattern)), flattenEvent(event))

function placeOf(pattern: unknown): string | undefined {
  try {
    compilePattern(JSON.stringify(pattern))
  } catch (error) {
    if (error instanceof InvalidPattern) return error.place
    throw error
  }
  return undefined
}

test.each(cases)('%s: %s', (_, outcome, { pattern, event, place }) => {
  if (outcome === 'invalid') expect(placeOf(pattern)).toBe(place)
  else expect(matches(pattern, event)).toBe(outcome === 'match')
})

test('text that is not JSON is no pattern', () => {
  expect(() => compilePattern('{"source":')).toThrow(/Reason: Not valid JSON/)
})

const name = fc.stringMatching(/^[a-z]{1,4}$/)
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
const { event: anyEvent } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(leaf, { minLength: 1 }), tie('event')),
  event: fc.dictionary(name, tie('value'), { minKeys: 1, maxKeys: 4 }),
}))
const events = anyEvent as fc.Arbitrary<Record<string, unknown>>

/** The pattern that names every value of the event. */
function patternOf(event: object): object {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value]
      return [key, typeof value === 'object' && value ? patternOf(value) : [value]]
    }),
  )
}

test('a pattern made from an event matches it', () => {
  fc.assert(fc.property(events, (event) => matches(patternOf(event), event)))
})

test('a pattern made from an event matches it still when the event has more', () => {
  fc.assert(
    fc.property(events, leaf, (event, more) => matches(patternOf(event), { ...event, another: more })),
  )
})

test('one more field that the event does not have makes it no match', () => {
  fc.assert(fc.property(events, (event) => !matches({ ...patternOf(event), another: ['x'] }, event)))
})

test('a value is either accepted by a list or by anything but that list', () => {
  const texts = fc.array(fc.string(), { minLength: 1 })
  fc.assert(
    fc.property(
      texts,
      fc.string(),
      (list, v) => matches({ v: list }, { v }) !== matches({ v: [{ 'anything-but': list }] }, { v }),
    ),
  )
})

test('a value is either accepted by a wildcard or by anything but that wildcard', () => {
  const wildcard = fc.stringMatching(/^(\*?[ab]){1,4}\*?$/)
  const text = fc.stringMatching(/^[ab]{0,8}$/)
  const byExpression = (pattern: string, v: string) =>
    new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(v)
  fc.assert(
    fc.property(wildcard, text, (pattern, v) => {
      expect(matches({ v: [{ wildcard: pattern }] }, { v })).toBe(byExpression(pattern, v))
      expect(matches({ v: [{ 'anything-but': { wildcard: pattern } }] }, { v })).toBe(
        !byExpression(pattern, v),
      )
    }),
  )
})

test('$or of two patterns matches what either of them matches', () => {
  const pattern = fc.dictionary(
    fc.constantFrom('a', 'b'),
    fc.array(fc.constantFrom('x', 'y'), { minLength: 1 }),
    { minKeys: 1 },
  )
  const event = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y'))
  fc.assert(
    fc.property(pattern, pattern, event, (one, other, e) => {
      expect(matches({ $or: [one, other] }, e)).toBe(matches(one, e) || matches(other, e))
    }),
  )
})

test('large arrays are matched without trying every combination', () => {
  const items = Array.from({ length: 2000 }, (_, index) => ({ a: index, b: index, c: 'x', d: 'y' }))
  expect(matches({ items: { c: ['x'], d: ['y'], a: [1999], b: [1999] } }, { items })).toBe(true)
  expect(matches({ items: { c: ['x'], d: ['y'], a: [1], b: [2] } }, { items })).toBe(false)
  const lists = Object.fromEntries(['p', 'q', 'r', 's', 't'].map((name) => [name, items]))
  const any = { c: ['x'] }
  expect(matches({ p: any, q: any, r: any, s: any, t: { c: ['y'] } }, lists)).toBe(false)
})
