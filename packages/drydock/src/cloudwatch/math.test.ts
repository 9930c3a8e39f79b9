import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExpressionError } from './expression.ts'
import { calculate, type Series } from './math.ts'

const _ = undefined
const lines: Record<string, Series> = {
  m1: [1, 2, _, 4],
  m2: [10, _, _, 40],
  errors: [0, 5, 0, 10],
  requests: [0, 10, 20, 40],
  none: [_, _, _, _],
}

const of = (text: string) =>
  calculate(text, {
    count: 4,
    periodSeconds: 60,
    lookup(id) {
      const found = Object.hasOwn(lines, id) ? lines[id] : undefined
      if (!found) throw new ExpressionError(`Unknown identifier ${id}`)
      return found
    },
    metrics: () => [lines.m1 ?? [], lines.m2 ?? []],
  })

test.each<[string, Series]>([
  ['1 + 2 * 3 ^ 2', [19, 19, 19, 19]],
  ['(1 + 2) * 3', [9, 9, 9, 9]],
  ['-m1', [-1, -2, _, -4]],
  ['10 - 4 - 3', [3, 3, 3, 3]],
  ['m1 + m2', [11, _, _, 44]],
  ['m1 * 2', [2, 4, _, 8]],
  ['100 * errors / requests', [_, 50, 0, 25]],
  ['m1 > 1', [0, 1, _, 1]],
  ['m1 >= 2 && m1 <= 3', [0, 1, _, 0]],
  ['m1 == 1 OR m1 == 4', [1, 0, _, 1]],
  ['IF(requests > 15, 100 * errors / requests, 0)', [0, 0, 0, 25]],
  ['IF(m1 > 1, m1)', [_, 2, _, 4]],
  ['IF(1, m1, m2)', [1, 2, _, 4]],
  ['FILL(m1, 0)', [1, 2, 0, 4]],
  ['FILL(m1, m2)', [1, 2, _, 4]],
  ['FILL(m1, REPEAT)', [1, 2, 2, 4]],
  ['FILL(m1, LINEAR)', [1, 2, 3, 4]],
  ['FILL(none, 0)', [0, 0, 0, 0]],
  ['SUM(m1)', [7, 7, 7, 7]],
  ['AVG(errors)', [3.75, 3.75, 3.75, 3.75]],
  ['MIN(requests) + MAX(requests)', [40, 40, 40, 40]],
  ['SUM([m1, m2])', [11, 2, _, 44]],
  ['AVG(METRICS())', [5.5, 2, _, 22]],
  ['MAX([m1, m2, 3])', [10, 3, 3, 40]],
  ['SUM(FILL(METRICS(), 0))', [11, 2, 0, 44]],
  ['STDDEV([m1, m2])', [4.5, 0, _, 18]],
  ['DATAPOINT_COUNT(m1)', [3, 3, 3, 3]],
  ['DATAPOINT_COUNT([m1, m2])', [2, 1, 0, 2]],
  ['FIRST(m1) + LAST(m1)', [5, 5, 5, 5]],
  ['DIFF(m1)', [_, 1, _, 2]],
  ['RATE(requests)', [_, 10 / 60, 10 / 60, 20 / 60]],
  ['RUNNING_SUM(m1)', [1, 3, _, 7]],
  ['m1 / PERIOD(m1)', [1 / 60, 2 / 60, _, 4 / 60]],
  ['ABS(0 - m1)', [1, 2, _, 4]],
  ['CEIL(m1 / 3) + FLOOR(m1 / 3)', [1, 1, _, 3]],
  ['TIME_SERIES(5)', [5, 5, 5, 5]],
])('%s', (text, expected) => {
  expect(of(text)).toEqual(expected)
})

test.each([
  ['', 'Unexpected end of the expression'],
  ['m1 +', 'Unexpected end of the expression'],
  ['m1 m2', "Unexpected 'm2'"],
  ['(m1', "Expected ')'"],
  ['m1 $ 2', 'Unexpected character at position 2'],
  ['unknown', 'Unknown identifier unknown'],
  ['ANOMALY_DETECTION_BAND(m1, 2)', 'The function ANOMALY_DETECTION_BAND is not supported by this engine'],
  ["SEARCH('x')", 'The function SEARCH is not supported by this engine'],
  ['constructor', 'Unknown identifier constructor'],
  ['SUM(m1, m2)', 'Wrong number of arguments of SUM'],
  ['METRICS()', 'The expression must come to one time series'],
  ['METRICS() + METRICS()', "'+' is not defined between two lists of time series"],
  ['SUM(1)', 'SUM needs a time series'],
  ['FILL(m1, AVERAGE)', 'The function AVERAGE is not supported by this engine'],
  [`${'('.repeat(100)}1`, 'The expression is nested too deeply'],
  [`${'-'.repeat(100)}1`, 'The expression is nested too deeply'],
])('%s is refused', (text, message) => {
  expect(() => of(text)).toThrow(new ExpressionError(message))
})

test('whatever is written, there is a series of finite values or an error of expressions', () => {
  const words = fc.constantFrom(
    'm1',
    'm2',
    '1',
    '0',
    '+',
    '-',
    '/',
    '*',
    '(',
    ')',
    ',',
    'SUM(',
    'FILL(',
    'IF(',
    '[',
    ']',
    '>',
    'METRICS()',
  )
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      let found: Series = []
      try {
        found = of(parts.join(' '))
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError)
      }
      expect(found.every((value) => value === undefined || Number.isFinite(value))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
