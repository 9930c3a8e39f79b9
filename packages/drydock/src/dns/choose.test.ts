/** Which records are given: by weight, by health, by region, and never more than eight. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choose } from './choose.ts'
import type { RecordSet } from './zone.ts'

const set = (routing: RecordSet['routing'], more: Partial<RecordSet> = {}): RecordSet => ({
  type: 'A',
  ttl: 60,
  bodies: [],
  routing,
  weight: 0,
  isPrimary: false,
  region: '',
  ...more,
})
const all = () => true
const none = () => false

test('multivalue gives at most eight, all different, all healthy while any is', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.infiniteStream(random), (health, numbers) => {
      const sets = health.map(() => set('multivalue'))
      const healthy = new Set(sets.filter((_, i) => health[i]))
      const chosen = choose(
        sets,
        (each) => healthy.has(each),
        '',
        () => numbers.next().value ?? 0,
      )
      expect(new Set(chosen).size).toBe(chosen.length)
      expect(chosen).toHaveLength(Math.min(8, healthy.size || sets.length))
      if (healthy.size) for (const each of chosen) expect(healthy.has(each)).toBe(true)
    }),
  )
})

test('weights are shares, and nothing of weight 0 is given while another is healthy', () => {
  const sets = [1, 3, 0].map((weight) => set('weighted', { weight }))
  const counts = new Map<RecordSet | undefined, number>()
  for (let i = 0; i < 400; i++) {
    const [chosen] = choose(sets, all, '', () => i / 400)
    counts.set(chosen, (counts.get(chosen) ?? 0) + 1)
  }
  expect(sets.map((each) => counts.get(each) ?? 0)).toEqual([100, 300, 0])
  const [, , zero] = sets
  expect(
    choose(
      sets,
      (each) => each === zero,
      '',
      () => 0.5,
    ),
  ).toEqual([zero])
})

test('failover goes to the second while the first is unhealthy, and back where both are', () => {
  const [first, second] = [set('failover', { isPrimary: true }), set('failover')]
  expect(choose([second, first], all, '', Math.random)).toEqual([first])
  expect(choose([second, first], (each) => each === second, '', Math.random)).toEqual([second])
  expect(choose([second, first], none, '', Math.random)).toEqual([first])
})

test('latency gives the record of the region, while it is healthy', () => {
  const [near, far] = [set('latency', { region: 'us-east-1' }), set('latency', { region: 'eu-west-1' })]
  expect(choose([far, near], all, 'us-east-1', Math.random)).toEqual([near])
  expect(choose([far, near], (each) => each === far, 'us-east-1', Math.random)).toEqual([far])
})
