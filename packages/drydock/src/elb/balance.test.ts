/** Where requests go, whatever the group looks like: properties over generated groups. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eligibleTargets, keyOf, pickGroup, pickTarget, slowStartShare } from './balance.ts'
import type { TargetGroupRecord } from './state.ts'
import { groupOf, targetAt } from './testing.ts'

const algorithm = fc.constantFrom('round_robin', 'least_outstanding_requests', 'weighted_random')
const target = fc.record({
  state: fc.constantFrom('initial', 'healthy', 'unhealthy'),
  isDraining: fc.boolean(),
  slowSince: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
})
const groups = fc
  .tuple(algorithm, fc.boolean(), fc.array(target, { maxLength: 8 }))
  .map(([type, isSlow, targets]) =>
    groupOf(
      targets.map(({ state, isDraining, slowSince }, index) =>
        targetAt(index + 1, state, {
          ...(isDraining && { drainedAt: 1 }),
          ...(slowSince !== undefined && { slowSince }),
        }),
      ),
      { 'load_balancing.algorithm.type': type, ...(isSlow && { 'slow_start.duration_seconds': '30' }) },
    ),
  )
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const circumstances = fc.record({
  now: fc.integer({ min: 0, max: 100_000 }),
  turn: fc.nat(),
  chance,
  openRequests: fc.func<[string], number>(fc.nat({ max: 5 })),
  stuck: fc.option(
    fc.integer({ min: 1, max: 9 }).map((port) => `127.0.0.1:${port}`),
    { nil: undefined },
  ),
})

test('never to a draining target, and to one that is not healthy only if none is', () => {
  fc.assert(
    fc.property(groups, circumstances, (group, given) => {
      const all = Object.values(group.targets)
      const registered = all.filter(({ drainedAt }) => drainedAt === undefined)
      const picked = pickTarget(group, given)
      expect(picked === undefined).toBe(registered.length === 0)
      expect(picked?.drainedAt).toBeUndefined()
      if (registered.some(({ health }) => health.state === 'healthy'))
        expect(picked?.health.state).toBe('healthy')
    }),
    { numRuns: 2000 },
  )
})

test('a client stays with its target as long as requests may go there', () => {
  fc.assert(
    fc.property(groups, circumstances, (group, given) => {
      const mayStay = eligibleTargets(group).some((each) => keyOf(each) === given.stuck)
      const picked = pickTarget(group, given)
      if (mayStay && picked) expect(keyOf(picked)).toBe(given.stuck)
    }),
    { numRuns: 1000 },
  )
})

test('in turn, targets share alike; the least busy one comes first', () => {
  const group = groupOf([targetAt(1, 'healthy'), targetAt(2, 'healthy'), targetAt(3, 'healthy')])
  const ports = (of: TargetGroupRecord, open: Record<string, number>) =>
    [0, 1, 2, 3, 4, 5].map(
      (turn) => pickTarget(of, { now: 0, turn, chance: 0.5, openRequests: (key) => open[key] ?? 0 })?.port,
    )
  expect(ports(group, {})).toEqual([1, 2, 3, 1, 2, 3])
  const least = { ...group, attributes: { 'load_balancing.algorithm.type': 'least_outstanding_requests' } }
  expect(ports(least, { '127.0.0.1:1': 2, '127.0.0.1:2': 1, '127.0.0.1:3': 1 })).toEqual([2, 3, 2, 3, 2, 3])
})

test('weights hold: over many requests each group gets its share, and one of weight 0 nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 2, maxLength: 5 }), (weights) => {
      const TargetGroups = weights.map((Weight, index) => ({ TargetGroupArn: String(index), Weight }))
      const total = weights.reduce((a, b) => a + b, 0)
      const counts = weights.map(() => 0)
      const draws = 2000
      for (let i = 0; i < draws; i++) {
        const picked = pickGroup({ TargetGroups }, (i + 0.5) / draws)
        if (picked !== undefined) counts[Number(picked)] = (counts[Number(picked)] ?? 0) + 1
      }
      weights.forEach((weight, index) => {
        const share = total === 0 ? 0 : weight / total
        expect(Math.abs((counts[index] ?? 0) / draws - share)).toBeLessThan(0.002)
      })
    }),
    { numRuns: 100 },
  )
})

test('a client stays with its target group unless that has lost its weight', () => {
  const config = (a: number, b: number) => ({
    TargetGroups: [
      { TargetGroupArn: 'a', Weight: a },
      { TargetGroupArn: 'b', Weight: b },
    ],
  })
  expect(pickGroup(config(99, 1), 0, 'b')).toBe('b')
  expect(pickGroup(config(100, 0), 0.99, 'b')).toBe('a')
})

test('a target that starts slowly gets a share that grows with time', () => {
  const group = groupOf([targetAt(1, 'healthy'), targetAt(2, 'healthy', { slowSince: 0 })], {
    'slow_start.duration_seconds': '30',
  })
  const shareAt = (now: number) => {
    const picks = Array.from({ length: 1000 }, (_, i) =>
      pickTarget(group, { now, turn: i, chance: (i + 0.5) / 1000, openRequests: () => 0 }),
    )
    return picks.filter((each) => each?.port === 2).length / 1000
  }
  expect(shareAt(0)).toBe(0)
  expect(shareAt(15_000)).toBeCloseTo(0.25, 1)
  expect(shareAt(30_000)).toBe(0.5)
  const slow = targetAt(2, 'healthy', { slowSince: 0 })
  expect([0, 3000, 30_000, 90_000].map((now) => slowStartShare(group, slow, now))).toEqual([0, 0.1, 1, 1])
})

test('below the minimum of healthy targets, requests go to all', () => {
  const group = groupOf([targetAt(1, 'healthy'), targetAt(2, 'unhealthy'), targetAt(3, 'initial')], {
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': '50',
  })
  expect(eligibleTargets(group).map(({ port }) => port)).toEqual([1, 2, 3])
})
