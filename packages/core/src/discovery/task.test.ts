/** What is known of a task after events in any order. */
import { expect, test } from 'vitest'
import { task } from './builders.ts'
import { goneTask, mergeTask } from './task.ts'

test('the higher version wins, whichever comes first', () => {
  const older = task(1, { version: 3 })
  const newer = task(1, { version: 4, desired: 'STOPPED' })
  expect(mergeTask(older, newer)).toEqual(newer)
  expect(mergeTask(newer, older)).toEqual(newer)
  expect(mergeTask(undefined, older)).toEqual(older)
})

test('addresses are kept when the interface is gone', () => {
  const running = task(1, { version: 3, addresses: { private: '10.0.0.1', public: '192.0.2.1' } })
  const { interfaceId: _, startedAt: __, ...bare } = task(1)
  const stopped = { ...bare, version: 5, desired: 'STOPPED', last: 'STOPPED', addresses: {} } as const
  const merged = mergeTask(running, stopped)
  expect(merged).toMatchObject({ version: 5, addresses: running.addresses, interfaceId: 'eni-1' })
  expect(mergeTask(stopped, running)).toEqual(merged)
})

test('what is learnt later of the same version is added', () => {
  const seen = task(1, { seenAt: 1000 })
  const learnt = task(1, { seenAt: 1000, addresses: { public: '192.0.2.1' } })
  expect(mergeTask(seen, learnt).addresses).toEqual({ private: '10.0.0.1', public: '192.0.2.1' })
  expect(mergeTask(learnt, seen).addresses).toEqual({ private: '10.0.0.1', public: '192.0.2.1' })
})

test('a task that ECS does not know is gone, however late an event of its last version comes again', () => {
  const gone = goneTask(task(1), 5000)
  const doubled = task(1, { seenAt: 9000 })
  expect(mergeTask(task(1), gone)).toMatchObject({ desired: 'STOPPED', last: 'DELETED' })
  expect(mergeTask(gone, doubled)).toMatchObject({ desired: 'STOPPED', last: 'DELETED', seenAt: 9000 })
  expect(mergeTask(doubled, gone)).toMatchObject({ desired: 'STOPPED', last: 'DELETED', seenAt: 9000 })
})

test('a task that was taken for gone is there again with what changes next', () => {
  const changed = task(1, { version: task(1).version + 1 })
  expect(mergeTask(goneTask(task(1), 5000), changed)).toMatchObject({ desired: 'RUNNING', last: 'RUNNING' })
})
