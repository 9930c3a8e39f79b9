import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addGroup } from './groups.ts'
import { emptyState } from './state.ts'
import { append, eventsOf, MOST_SCOPE_BYTES, MOST_STREAM_BYTES, SWEEP_MS, sizeOf, sweep } from './store.ts'
import { addStream } from './streams.ts'

const DAY = 86_400_000

function stage() {
  const state = emptyState()
  const group = addGroup(state, 'app', 0)
  return { state, group, stream: addStream(group, 'one', 0) }
}

test('events are in the order of their time, then of their coming, whatever batches they come in', () => {
  const batches = fc.array(fc.array(fc.nat({ max: 20 }), { maxLength: 8 }), { maxLength: 8 })
  fc.assert(
    fc.property(batches, (times) => {
      const { state, group, stream } = stage()
      for (const batch of times)
        append(
          state,
          group,
          stream,
          batch.map((at) => ({ at, text: 'x' })),
          0,
        )
      const sorted = stream.events.toSorted((a, b) => a.at - b.at || a.number - b.number)
      expect(stream.events).toEqual(sorted)
      expect(stream.events).toHaveLength(times.flat().length)
      expect(stream.bytes).toBe(stream.events.reduce((sum, event) => sum + sizeOf(event), 0))
    }),
  )
})

test('a stream keeps the newest events that fit', () => {
  const { state, group, stream } = stage()
  const text = 'x'.repeat(100_000)
  for (let at = 0; at < 100; at++) append(state, group, stream, [{ at, text }], 0)
  expect(stream.bytes).toBeLessThanOrEqual(MOST_STREAM_BYTES)
  expect(stream.bytes).toBeGreaterThan(MOST_STREAM_BYTES / 2)
  expect(stream.events.at(-1)?.at).toBe(99)
})

test('all streams of a scope together are bounded, and a stream never loses its last event', () => {
  const { state, group } = stage()
  const streams = Array.from({ length: 12 }, (_, index) => addStream(group, `s${index}`, 0))
  const text = 'x'.repeat(1_000_000)
  for (let at = 0; at < 40; at++) {
    const stream = streams[at % 12]
    if (stream) append(state, group, stream, [{ at, text }], 0)
  }
  expect(streams.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(MOST_SCOPE_BYTES)
  for (const { events } of streams) expect(events.length).toBeGreaterThan(0)
})

test('expired events are not shown at once, and are dropped by the next sweep', () => {
  const { state, group, stream } = stage()
  group.retentionDays = 1
  append(state, group, stream, [{ at: 0, text: 'old' }], 0)
  append(state, group, stream, [{ at: DAY, text: 'new' }], DAY)
  expect(state.sweepAt).toBe(SWEEP_MS)
  expect(eventsOf(group, stream, DAY)).toHaveLength(2)
  expect(eventsOf(group, stream, DAY + 1)).toMatchObject([{ text: 'new' }])
  sweep(state, DAY + 1)
  expect(stream.events).toMatchObject([{ text: 'new' }])
  expect(state.sweepAt).toBe(DAY + 1 + SWEEP_MS)
  delete group.retentionDays
  sweep(state, DAY + 2)
  expect(state).not.toHaveProperty('sweepAt')
})
