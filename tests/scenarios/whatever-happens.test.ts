/** Any mixture of pushes, lost, doubled and reordered events, crashes and pauses ends in the one right state. */
import fc from 'fast-check'
import { compare, satisfies } from 'semver'
import { expect, test } from 'vitest'
import { EVENT_DOORS, Fleet } from './fleet.ts'

type Happening =
  | { readonly kind: 'push'; readonly version: string }
  | { readonly kind: 'events'; readonly how: 'lost' | 'doubled' | 'reversed' | 'at once' }
  | { readonly kind: 'crash'; readonly after: number }
  | { readonly kind: 'pause'; readonly duration: string }
  | { readonly kind: 'sweep' | 'cold-start' }

const versions = ['1.0.5', '1.1.0', '1.2.0', '1.10.0', '2.0.0', '1.3.0-rc.1']
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), version: fc.constantFrom(...versions) }),
  fc.record({
    kind: fc.constant('events' as const),
    how: fc.constantFrom('lost' as const, 'doubled' as const, 'reversed' as const, 'at once' as const),
  }),
  fc.record({ kind: fc.constant('crash' as const), after: fc.nat(4) }),
  fc.record({ kind: fc.constant('pause' as const), duration: fc.constantFrom('1s', '5s', '15s', '90s') }),
  fc.record({ kind: fc.constantFrom('sweep' as const, 'cold-start' as const) }),
)

async function play(fleet: Fleet, event: Happening, pushed: Map<string, string>): Promise<void> {
  switch (event.kind) {
    case 'push':
      if (!pushed.has(event.version)) pushed.set(event.version, await fleet.push('web', event.version))
      return
    case 'events':
      return handOver(fleet, event.how)
    case 'crash':
      await fleet.dieAfter(event.after)
      return
    case 'pause':
      return fleet.advance(event.duration)
    case 'sweep':
      return fleet.sweep()
    case 'cold-start':
      return fleet.coldStart()
    default:
      event satisfies never
  }
}

async function handOver(fleet: Fleet, how: 'lost' | 'doubled' | 'reversed' | 'at once'): Promise<void> {
  const taken = await Promise.all(EVENT_DOORS.map((door) => fleet.takeEvents(door)))
  const events = EVENT_DOORS.flatMap((door, index) => (taken[index] ?? []).map((event) => ({ door, event })))
  if (how === 'lost') return
  if (how === 'at once') {
    await Promise.all(events.map(({ door, event }) => fleet.wake(door, event)))
    return
  }
  const order = how === 'doubled' ? events.flatMap((one) => [one, one]) : events.toReversed()
  for (const { door, event } of order) await fleet.wake(door, event)
}

async function expectRight(fleet: Fleet & { readonly uri: string }, pushed: ReadonlyMap<string, string>) {
  const right = [...pushed.keys()]
    .filter((version) => satisfies(version, '1.x'))
    .sort(compare)
    .at(-1)
  const { images, rolloutState, deployments, revision } = await fleet.serviceNow('web')
  const { record, states } = await fleet.story('web')
  // As long as nothing has been deployed, the service runs what it was created with, by its tag.
  const image = states.length ? `${fleet.uri}@${pushed.get(right ?? '')}` : `${fleet.uri}:1.0.0`
  expect({ images, rolloutState, deployments }).toEqual({
    images: { app: image },
    rolloutState: 'COMPLETED',
    deployments: 1,
  })
  expect(states.length > 0).toBe(right !== '1.0.0')
  expect(record).not.toHaveProperty('inFlight')
  expect(record).not.toHaveProperty('hold')
  expect(states.at(-1) ?? 'completed').toBe('completed')
  expect(states.filter((state) => state !== 'completed' && state !== 'superseded')).toEqual([])
  // No deployment registers more than one revision, however often it was carried on.
  expect(revision).toBeLessThanOrEqual(1 + states.length)
  expect(await fleet.deadLetters()).toEqual([])
  expect(fleet.engine.faults).toEqual([])
}

test('whatever happens, the service ends on the right image and the ledger knows it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 14 }), async (happenings) => {
      await using fleet = await Fleet.withWeb()
      const pushed = new Map([['1.0.0', '']])
      for (const event of happenings) await play(fleet, event, pushed)
      await fleet.settle()
      await fleet.settle()
      await expectRight(fleet, pushed)
    }),
    { numRuns: 10 },
  )
}, 180_000)
