/** Blocks of addresses in their one form, and what is none. */
import { expect, test } from 'vitest'
import { contains, ipv4Block, ipv6Block, ipv6Within, overlap } from './cidr.ts'

test.each([
  ['10.0.0.0/16', '10.0.0.0/16'],
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['10.0.0.0', undefined],
  ['10.0.0.0/33', undefined],
  ['10.0.0/16', undefined],
  ['0x0a.0.0.0/8', undefined],
  ['::/0', undefined],
])('the IPv4 block %s is %s', (text, expected) => {
  expect(ipv4Block(text)?.text).toBe(expected)
})

test.each([
  ['2001:DB8:0:0:1::5/64', '2001:db8::/64'],
  ['::/0', '::/0'],
  ['2001:db8::/129', undefined],
  ['10.0.0.0/8', undefined],
])('the IPv6 block %s is %s', (text, expected) => {
  expect(ipv6Block(text)?.text).toBe(expected)
})

test.each([
  ['10.0.0.0/16', '10.0.1.0/24', true, true],
  ['10.0.1.0/24', '10.0.0.0/16', false, true],
  ['10.0.1.0/24', '10.0.2.0/24', false, false],
  ['2001:db8::/56', '2001:db8:0:1::/64', true, true],
  ['10.0.0.0/8', '2001:db8::/64', false, false],
])('%s and %s: within %s, shared %s', (a, b, isWithin, isShared) => {
  expect([contains(a, b), overlap(a, b)]).toEqual([isWithin, isShared])
})

test('an IPv4 address has one place in an IPv6 block', () => {
  expect(ipv6Within('2001:db8:1:2::/64', '10.0.0.4')).toBe('2001:db8:1:2::a00:4')
})
