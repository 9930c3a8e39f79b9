/** What holds for every name, whatever its tasks, other people and crashes do. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NAME, nameView, source, task } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import { fingerprintDiscovery } from './explain.ts'
import { isSame, recordKey } from './record.ts'
import { mergeTask } from './task.ts'
import { after, told, writesOf } from './testing.ts'
import type { KnownTask, NameView, Publication, PublishedTask, Target } from './view.ts'
import { DiscoveryWorld, type Reach, type Step } from './world.ts'

const RUNS = { numRuns: 1000 }
const LONG = { maxLength: 40, size: 'max' } as const

const tasks = fc.nat(4)
/** Counted from the newest: most come soon. */
const events = fc.oneof(fc.constant(0), fc.nat(3), fc.nat(30))
const reach = fc.constantFrom<Reach>('nothing', 'intent', 'half', 'writes', 'end', 'end', 'end')
const wishes = fc.record<Partial<Publication>>({
  perTask: fc.boolean(),
  txt: fc.boolean(),
  ttl: fc.constantFrom(10, 30),
})
const life = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({
    do: fc.constantFrom('run', 'run', 'run', 'stop', 'end', 'forget', 'heal', 'fall-ill'),
    task: tasks,
  }),
)
const looks = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver'), event: events, reach }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep'), reach }) },
)
const others = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('write-beside', 'write-over', 'unwrite'), which: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('remove-by-hand', 'change-by-hand'), task: tasks }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ask'), wish: wishes }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'release' }) },
)
const steps = fc.array(
  fc.oneof({ weight: 4, arbitrary: life }, { weight: 4, arbitrary: looks }, { weight: 1, arbitrary: others }),
  LONG,
)
/** Nobody but Capstan writes. */
const quiet = fc.array(fc.oneof(life, looks), LONG)
const kinds = fc.constantFrom<Target['kind']>('dns', 'cloud-map')
/** Some zones have room for three tasks only. */
const crowds = fc.constantFrom(0, 0, 97)

const serves = ({ desired, health, last }: KnownTask) =>
  desired === 'RUNNING' && last === 'RUNNING' && health !== 'UNHEALTHY'

const ours = (world: DiscoveryWorld) => [...world.zone.values()].filter(({ isForeign }) => !isForeign)

test('no foreign record is touched, no batch that rests on a look is refused, and a pass that is done leaves nothing to do', () => {
  fc.assert(
    fc.property(kinds, crowds, steps, (kind, crowd, story) => {
      const world = new DiscoveryWorld(kind, kind === 'dns' ? crowd : 0)
      for (const step of story) {
        world.run(step)
        if ('reach' in step && step.reach === 'end' && world.record?.isHindered !== true) {
          const again = decideDiscovery(world.view(false))
          expect(writesOf(again)).toEqual([])
        }
      }
    }),
    RUNS,
  )
})

test('whatever ended where, the sweep finds exactly what should be there, and the ledger knows all of it', () => {
  fc.assert(
    fc.property(kinds, steps, (kind, story) => {
      const world = new DiscoveryWorld(kind)
      for (const step of story) world.run(step)
      world.sweep()
      const owned = world.record?.owned ?? []
      expect(owned.filter(({ state }) => state !== 'written')).toEqual([])
      expect(owned.map(recordKey).toSorted()).toEqual(ours(world).map(recordKey).toSorted())
      for (const record of owned) {
        const there = world.zone.get(recordKey(record))
        expect(there && isSame(there, record)).toBe(true)
      }
      const decisions = decideDiscovery(world.view(true))
      expect(writesOf(decisions)).toEqual([])
      if (decisions.some(({ reason }) => reason === 'foreign-record' || reason === 'all-unhealthy')) return
      const found = ours(world).filter(
        ({ name, type }) => type === 'INSTANCE' || (type === 'A' && name === NAME),
      )
      const wanted = world.wish === undefined ? [] : [...world.tasks.values()].filter(serves)
      expect(found.length).toBe(wanted.length)
    }),
    RUNS,
  )
})

test('a name is never empty after a pass while a task serves, and no pass that ends early empties it', () => {
  fc.assert(
    fc.property(kinds, crowds, quiet, (kind, crowd, story) => {
      const world = new DiscoveryWorld(kind, kind === 'dns' ? crowd : 0)
      for (const step of story) {
        const before = ours(world).length
        world.run(step)
        if (!('reach' in step) || ![...world.known.values()].some(serves)) continue
        const isDone = step.reach === 'end' && world.record?.isHindered !== true && world.events.length > 0
        if (isDone || before > 0) expect(ours(world).length).toBeGreaterThan(0)
      }
    }),
    RUNS,
  )
})

test('any order and multiplicity of events gives the same set', () => {
  const orders = fc.array(fc.nat(60), { maxLength: 60 })
  fc.assert(
    fc.property(kinds, fc.array(life, LONG), orders, orders, (kind, story, one, other) => {
      let isOpen = false
      const sets = [one, other].map((order) => {
        const world = new DiscoveryWorld(kind)
        for (const step of story) world.run(step)
        for (const event of order) world.run({ do: 'deliver', event, reach: 'end' })
        // Each comes at least once, in an order that the first ones tell.
        const rest = world.events.map((_, index) => (index * 7 + (order[0] ?? 0)) % world.events.length)
        for (const event of [...rest, ...world.events.keys()])
          world.run({ do: 'deliver', event, reach: 'end' })
        const known = [...world.known.values()]
        isOpen ||= known.some(({ health }) => health === 'UNHEALTHY') && !known.some(serves)
        return ours(world)
          .map(({ name, setIdentifier, values }) => JSON.stringify([name, setIdentifier, values]))
          .toSorted()
      })
      // Where nobody is healthy those stay that were found, and those are others in another order.
      if (!isOpen) expect(sets[0]).toEqual(sets[1])
    }),
    RUNS,
  )
})

test('what is known of a task does not depend on the order of its events', () => {
  const seen = fc.uniqueArray(fc.record({ version: fc.nat(6), isUp: fc.boolean() }), {
    selector: ({ version }) => version,
  })
  fc.assert(
    fc.property(
      seen.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([all, shuffled]) => {
        const merged = [all, [...shuffled, ...all]].map((list) =>
          list
            .map(({ isUp, version }) => task(1, { version, addresses: isUp ? { private: '10.0.0.1' } : {} }))
            .reduce<KnownTask | undefined>(mergeTask, undefined),
        )
        expect(merged[0]).toEqual(merged[1])
      },
    ),
    RUNS,
  )
})

test('the quota is kept, and nobody who serves is put out by others that come', () => {
  const numbers = fc.uniqueArray(fc.nat(140), { minLength: 90, maxLength: 140 })
  const stops = fc.array(fc.nat(140), { maxLength: 30 })
  fc.assert(
    fc.property(numbers, numbers, stops, (first, then, stopped) => {
      const found = after(nameView({ sources: [source(first.map((each) => task(each)))] }))
      const all = [...new Set([...first, ...then])].map(
        (each): PublishedTask => task(each, stopped.includes(each) ? { desired: 'STOPPED' } : {}),
      )
      const view: NameView = { ...found, sources: [source(all)] }
      const decisions = decideDiscovery(view)
      const leaves = new Set(stopped.map((each) => task(each).id))
      const removed = writesOf(decisions).filter(({ action }) => action === 'delete')
      expect(removed.every((write) => leaves.has(write.task ?? ''))).toBe(true)
      const room = Math.min(100, all.filter(({ desired }) => desired === 'RUNNING').length)
      expect(after(view).record?.owned.length).toBe(room)
      expect(told(decideDiscovery(after(view)))).toEqual([
        room < all.filter(({ desired }) => desired === 'RUNNING').length
          ? 'skip over-quota'
          : 'skip up-to-date',
      ])
    }),
    { numRuns: 100 },
  )
})

test('what is left undone is told in the same words as long as it is the same', () => {
  fc.assert(
    fc.property(kinds, steps, (kind, story) => {
      const world = new DiscoveryWorld(kind)
      for (const step of story) world.run(step)
      world.sweep()
      const first = fingerprintDiscovery(decideDiscovery(world.view(true)))
      world.sweep()
      expect(fingerprintDiscovery(decideDiscovery(world.view(true)))).toBe(first)
    }),
    { numRuns: 300 },
  )
})
