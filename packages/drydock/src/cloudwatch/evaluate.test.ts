/** The tables of the CloudWatch User Guide, row by row, and what holds for every alarm. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate, isBreaching, type Rule } from './evaluate.ts'
import type { Datapoint } from './metric.ts'
import type { StateValue, TreatMissingData } from './state.ts'

const rule = (overrides: Partial<Rule> = {}): Rule => ({
  operator: 'GreaterThanThreshold',
  threshold: 0,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  ...overrides,
})

/** `0 - X`: oldest first; X breaches, - is missing. */
const range = (text: string): (Datapoint | undefined)[] =>
  text.split(' ').map((mark, index) => {
    return mark === '-' ? undefined : { at: index * 60_000, value: mark === 'X' ? 1 : 0, samples: 1 }
  })

type Outcome = StateValue | 'kept'
const outcomeOf = (r: Rule, text: string): Outcome => evaluate(r, range(text))?.state ?? 'kept'
const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const

test.each<[string, number, Outcome, Outcome, Outcome, Outcome]>([
  // points, M, MISSING, IGNORE, BREACHING, NOT BREACHING
  ['0 - X - X', 3, 'OK', 'OK', 'OK', 'OK'],
  ['0 - - - -', 3, 'OK', 'OK', 'OK', 'OK'],
  ['- - - - -', 3, 'INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK'],
  ['0 X X - X', 3, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['- - X - -', 3, 'ALARM', 'kept', 'ALARM', 'OK'],
  ['0 - X - X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 0 X 0 X', 2, 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  ['0 - X - -', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - - 0', 2, 'OK', 'OK', 'ALARM', 'OK'],
  ['- - - X -', 2, 'ALARM', 'kept', 'ALARM', 'OK'],
  // "the alarm does not go immediately into ALARM state when the data is either of these and M is 3"
  ['- - - - X', 3, 'INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK'],
  ['- - - X -', 3, 'INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK'],
  ['- - - X 0', 3, 'OK', 'OK', 'OK', 'OK'],
  ['- - X - 0', 3, 'OK', 'OK', 'OK', 'OK'],
])('%s with %i of 3 to alarm', (points, datapointsToAlarm, ...expected) => {
  const found = TREATMENTS.map((treatMissingData) =>
    outcomeOf(rule({ datapointsToAlarm, treatMissingData }), points),
  )
  expect(found).toEqual(expected)
})

test('without a setting missing data is missing, and all datapoints are needed', () => {
  const { datapointsToAlarm: _all, ...plain } = rule()
  expect(['- - - - -', 'X X X X X', 'X X 0 X X'].map((text) => outcomeOf(plain, text))).toEqual([
    'INSUFFICIENT_DATA',
    'ALARM',
    'OK',
  ])
})

test.each([
  ['GreaterThanThreshold', [false, false, true]],
  ['GreaterThanOrEqualToThreshold', [false, true, true]],
  ['LessThanThreshold', [true, false, false]],
  ['LessThanOrEqualToThreshold', [true, true, false]],
])('%s', (operator, expected) => {
  expect([1, 2, 3].map((value) => isBreaching(rule({ operator, threshold: 2 }), value))).toEqual(expected)
})

test.each<[string, Partial<Rule>, Outcome]>([
  ['99 samples say too little of a p90', { stat: 'p90', ignoresLowSamples: true }, 'kept'],
  ['they are enough for a p89', { stat: 'p89', ignoresLowSamples: true }, 'ALARM'],
  ['unless told, few samples are evaluated all the same', { stat: 'p90' }, 'ALARM'],
  ['an average needs no more than one', { stat: 'Average', ignoresLowSamples: true }, 'ALARM'],
])('%s', (_, overrides, expected) => {
  const points = [1, 2, 3].map((at) => ({ at, value: 1, samples: 33 }))
  expect(evaluate(rule(overrides), points)?.state ?? 'kept').toBe(expected)
})

const marks = fc.array(fc.constantFrom('0', 'X', '-'), { minLength: 5, maxLength: 5 })
const rules = fc
  .record({ n: fc.integer({ min: 1, max: 3 }), m: fc.integer({ min: 1, max: 3 }) })
  .filter(({ n, m }) => m <= n)

test('breaching and notBreaching always decide, and breaching never says OK where notBreaching says ALARM', () => {
  fc.assert(
    fc.property(marks, rules, (points, { n, m }) => {
      const of = (treatMissingData: TreatMissingData) =>
        outcomeOf(rule({ evaluationPeriods: n, datapointsToAlarm: m, treatMissingData }), points.join(' '))
      expect(['OK', 'ALARM']).toContain(of('breaching'))
      expect(['OK', 'ALARM']).toContain(of('notBreaching'))
      if (of('notBreaching') === 'ALARM') expect(of('breaching')).toBe('ALARM')
      if (of('missing') === 'OK') expect(of('ignore')).toBe('OK')
    }),
  )
})

test('with enough datapoints neither the setting nor anything older matters', () => {
  fc.assert(
    fc.property(marks, rules, fc.constantFrom(...TREATMENTS), (points, { n, m }, treatMissingData) => {
      const real = points.filter((mark) => mark !== '-')
      fc.pre(real.length >= n)
      const r = rule({ evaluationPeriods: n, datapointsToAlarm: m, treatMissingData })
      const newest = real.slice(-n)
      const expected = newest.filter((mark) => mark === 'X').length >= m ? 'ALARM' : 'OK'
      expect(outcomeOf(r, points.join(' '))).toBe(expected)
    }),
  )
})
