import { expect, test } from 'vitest'
import { formatAge, formatImage, formatTable } from './format.ts'

test.each<[number, string]>([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [3_599_999, '59m'],
  [3_600_000, '1h'],
  [86_400_000 * 3, '3d'],
])('%i ms ago is %s', (elapsed, expected) => {
  expect(formatAge(1_000_000_000_000 - elapsed, 1_000_000_000_000)).toBe(expected)
})

test('a table aligns its columns and leaves no spaces at the end of a line', () => {
  const table = formatTable(
    ['SERVICE', 'AGE'],
    [
      ['default/web', '3s'],
      ['a/b', '12m'],
    ],
  )
  expect(table).toBe('SERVICE      AGE\ndefault/web  3s\na/b          12m')
})

test('a table without rows is its head', () => {
  expect(formatTable(['SERVICE', 'AGE'], [])).toBe('SERVICE  AGE')
})

test('an image is shown by tag and digest', () => {
  const digest = `sha256:${'0'.repeat(64)}`
  expect(formatImage({ repository: 'web', digest, tag: '1.0.0' })).toBe('web:1.0.0 (sha256:000000000000)')
  expect(formatImage({ repository: 'web', digest })).toBe('web@sha256:000000000000')
})
