import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys, parseKey } from './order.ts'
import type { Order } from './policy.ts'
import { parseTimestamp } from './timestamp.ts'
import { parseVersion } from './version.ts'

test.each([
  ['1.2.3', '1.2.3'],
  ['v1.2.3', '1.2.3'],
  ['1.2.3-rc.1', '1.2.3-rc.1'],
  ['1.2.3-alpine', '1.2.3-alpine'],
  ['1.2.3_build.5', '1.2.3'],
  ['2025.1.31', '2025.1.31'],
])('%s is the version %s', (tag, version) => {
  expect(parseVersion(tag)?.version).toBe(version)
})

test.each([
  '1',
  '1.2',
  'v1',
  'v1.2',
  'a1b2c3d',
  '1234567',
  '20250131',
  '2025.01.31',
  '1.2.3.4',
  '1.2.x',
  'V1.2.3',
  '=1.2.3',
  'v 1.2.3',
  '1.2.3-',
  '1.2.3_',
  '1.2.03',
  `1.2.${'9'.repeat(20)}`,
  'latest',
  '',
])('%s is not a version', (tag) => {
  expect(parseVersion(tag)).toBeUndefined()
})

test.each([
  ['20250131', '2025-01-31T00:00:00.000Z'],
  ['2025-01-31', '2025-01-31T00:00:00.000Z'],
  ['20250131T101500Z', '2025-01-31T10:15:00.000Z'],
  ['20250131-101500', '2025-01-31T10:15:00.000Z'],
  ['20250131101500', '2025-01-31T10:15:00.000Z'],
  ['202501311015', '2025-01-31T10:15:00.000Z'],
  ['2025-01-31-10-15-00', '2025-01-31T10:15:00.000Z'],
  ['2025-01-31T10.15.00Z', '2025-01-31T10:15:00.000Z'],
  ['2025.01.31_10.15', '2025-01-31T10:15:00.000Z'],
  ['20250131T101500.25Z', '2025-01-31T10:15:00.250Z'],
  ['1738318500', '2025-01-31T10:15:00.000Z'],
  ['1738318500123', '2025-01-31T10:15:00.123Z'],
  ['20240229', '2024-02-29T00:00:00.000Z'],
])('%s is the time %s', (text, iso) => {
  expect(parseTimestamp(text)).toBe(Date.parse(iso))
})

test.each([
  '20250631',
  '20250229',
  '20251301',
  '20250131T250000',
  '00500101',
  'main',
  '2025',
  '123456789',
  '2025-0131',
  'x20250131',
  '',
])('%s is no time', (text) => {
  expect(parseTimestamp(text)).toBeUndefined()
})

test.each<[Order, string[]]>([
  [
    'semver',
    ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-rc.2', '1.0.0-rc.10', '1.0.0', 'v1.9.0', '1.10.0', '2.0.0'],
  ],
  ['numeric', ['0', '9', '010', '11', '100', '99999999999999999999998', '99999999999999999999999']],
  ['alphabetical', ['10', '9', 'A', 'a', 'b', 'ba']],
  ['timestamp', ['20250131', '20250131T101500Z', '2025-02-01', '1738500000']],
])('%s order', (order, ascending) => {
  const keys = ascending.map((text) => parseKey(order, text))
  for (const [index, key] of keys.entries()) {
    const next = keys[index + 1]
    if (key === undefined) throw new Error(`${ascending[index]} has no key`)
    expect(compareKeys(key, key)).toBe(0)
    if (next === undefined) continue
    expect(compareKeys(key, next)).toBeLessThan(0)
    expect(compareKeys(next, key)).toBeGreaterThan(0)
  }
})

test.each<[Order, string]>([
  ['numeric', '1a'],
  ['numeric', '-1'],
  ['numeric', ''],
  ['alphabetical', ''],
  ['timestamp', 'main'],
  ['semver', '1.2'],
])('%s order cannot read "%s"', (order, text) => {
  expect(parseKey(order, text)).toBeUndefined()
})

test('keys of different orders are level', () => {
  expect(compareKeys({ order: 'numeric', digits: '1' }, { order: 'pushed', at: 1 })).toBe(0)
})

test('numeric order is that of BigInt', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), fc.nat(3), (a, b, zeros) => {
      const [left, right] = [parseKey('numeric', '0'.repeat(zeros) + a), parseKey('numeric', String(b))]
      if (left === undefined || right === undefined) throw new Error('digits are always read')
      expect(Math.sign(compareKeys(left, right))).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})
