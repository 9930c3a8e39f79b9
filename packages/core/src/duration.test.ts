import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test.each<[string, number]>([
  ['30s', 30_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  [' 1 d 12 h ', 129_600_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['1m250ms', 60_250],
  ['0s', 0],
])('%s is %d ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected)
})

test.each<[string, string]>([
  ['30', 'write 30s or 30m'],
  ['', 'write 30s, 10m, 2h, 1h30m or 7d'],
  ['ten minutes', 'write 30s'],
  ['10 min', 'write 30s'],
  ['-5m', 'write 30s'],
  ['1e3s', 'write 30s'],
  ['5m1h', 'write 30s'],
  ['5m5m', 'write 30s'],
  ['10M', 'write 30s'],
  ['1w', 'write 30s'],
  ['m', 'write 30s'],
  ['PT10M', 'write 30s'],
  ['4000d', 'is longer than ten years'],
])('"%s" is refused with what to write', (text, sentence) => {
  expect(() => parseDuration(text)).toThrow(sentence)
})

test('what is formatted reads back as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3650 * 86_400_000 }), (length) => {
      expect(parseDuration(formatDuration(length))).toBe(length)
    }),
  )
})

test('any text is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9dhms. ]{0,12}$/)), (text) => {
      try {
        expect(parseDuration(text)).toBeGreaterThanOrEqual(0)
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_CONFIG' })
      }
    }),
  )
})
