/** What is written and deleted at a name, case by case. */
import { expect, test } from 'vitest'
import { nameRecord, nameView, source, task, WEB } from './builders.ts'
import { decideDiscovery } from './decide.ts'
import { explainDiscovery, fingerprintDiscovery } from './explain.ts'
import { needsLookAgain } from './look-again.ts'
import { needsActual, ownedAfter } from './owned.ts'
import { after, told } from './testing.ts'
import type { OwnedRecord, PublishedTask } from './view.ts'

const NAME = 'web.example.com'

test('a task that can serve is found by one record set of its own', () => {
  const view = nameView({ sources: [source([task(1)])] })
  expect(decideDiscovery(view)).toEqual([
    {
      kind: 'register',
      reason: 'serving',
      target: { kind: 'dns', name: NAME },
      writes: [
        {
          action: 'create',
          task: task(1).id,
          record: {
            name: NAME,
            type: 'A',
            setIdentifier: `capstan-${task(1).id}`,
            ttl: 10,
            values: ['10.0.0.1'],
          },
        },
      ],
      facts: { tasks: 1, records: `A ${NAME} 10.0.0.1` },
    },
  ])
  expect(told(decideDiscovery(after(view)))).toEqual(['skip up-to-date'])
})

test.each<[string, Partial<PublishedTask>, string]>([
  ['is to stop', { desired: 'STOPPED' }, 'stopping'],
  ['has stopped', { last: 'STOPPED', desired: 'STOPPED' }, 'stopping'],
  ['is being deactivated', { last: 'DEACTIVATING' }, 'stopping'],
  ['is drained by its load balancer', { target: 'leaving' }, 'stopping'],
  ['is gone', { last: 'DELETED', desired: 'STOPPED' }, 'gone'],
  ['is unhealthy', { health: 'UNHEALTHY' }, 'unhealthy'],
  ['has an unhealthy target', { target: 'unhealthy' }, 'unhealthy'],
  ['is checked, and not known to be healthy', { isChecked: true }, 'unhealthy'],
])('a task that %s is found no more, and the new one is, in one pass', (_, change, reason) => {
  const before = after(nameView({ sources: [source([task(1)])] }))
  const view = { ...before, sources: [source([task(1, change), task(2)])] }
  const decisions = decideDiscovery(view)
  expect(told(decisions).slice(0, 4)).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.2`,
    `deregister ${reason}`,
    `delete A ${NAME} 10.0.0.1`,
  ])
})

test.each<[string, Partial<PublishedTask>, string]>([
  ['is still starting', { last: 'PENDING' }, 'no-task'],
  ['is checked and not healthy yet', { isChecked: true }, 'not-ready'],
  ['has no address', { addresses: {} }, 'not-ready'],
  ['is not healthy by its target group yet', { target: 'initial' }, 'not-ready'],
  ['is in no target group yet', { target: 'absent' }, 'not-ready'],
  ['is unhealthy', { health: 'UNHEALTHY' }, 'no-task'],
])('a task that %s is not told', (_, change, reason) => {
  const view = nameView({ sources: [source([task(1, change)])] })
  expect(told(decideDiscovery(view))).toEqual([`skip ${reason}`])
})

test('a healthy container is told, where containers are checked', () => {
  const view = nameView({ sources: [source([task(1, { isChecked: true, health: 'HEALTHY' })])] })
  expect(told(decideDiscovery(view))[0]).toBe('register serving')
})

test('tasks that are waited for are looked at again: soon at first, and never twice', () => {
  const view = nameView({ sources: [source([task(1, { isChecked: true, startedAt: 1000 })])] })
  expect(needsLookAgain(view, 1000)).toBe(2000)
  expect(needsLookAgain(view, 100_000)).toBe(10_000)
  expect(needsLookAgain(view, 400_000)).toBeUndefined()
  expect(needsLookAgain({ ...view, record: nameRecord({ lookAt: 3000 }) }, 1000)).toBeUndefined()
  expect(needsLookAgain(nameView({ sources: [source([task(1)])] }), 1000)).toBeUndefined()
})

test('a name that nobody asks for any more is released', () => {
  const before = after(nameView({ sources: [source([task(1)])] }))
  const view = { ...before, sources: [] }
  expect(told(decideDiscovery(view))).toEqual(['deregister released', `delete A ${NAME} 10.0.0.1`])
  expect(told(decideDiscovery(after(view)))).toEqual(['skip up-to-date'])
})

test('a target without a place is left alone', () => {
  const place = { kind: 'none', reason: 'no-zone', note: 'there is no such zone' } as const
  const decisions = decideDiscovery(nameView({ place, sources: [source([task(1)])] }))
  expect(decisions.map(explainDiscovery)).toEqual([`Leaves ${NAME} as it is: there is no such zone.`])
})

test('what is left undone is told once, whatever else is done', () => {
  const left = decideDiscovery(nameView({ sources: [source([task(1, { isChecked: true })])] }))
  const same = decideDiscovery(nameView({ sources: [source([task(1, { isChecked: true }), task(2)])] }))
  expect(fingerprintDiscovery(left)).toBe(fingerprintDiscovery(same))
  expect(fingerprintDiscovery(decideDiscovery(nameView({ sources: [source([task(2)])] })))).toBe('')
})

const record = (number: number): OwnedRecord => ({
  name: NAME,
  type: 'A',
  setIdentifier: `capstan-${task(number).id}`,
  ttl: 10,
  values: [`10.0.0.${number}`],
  task: task(number).id,
  state: 'written',
})

test('the intent tells what may be there, and what came of it what is', () => {
  const owned = [record(1), { ...record(2), ttl: 60 }]
  const view = nameView({ sources: [source([task(2), task(3)])], record: nameRecord({ owned }) })
  const decisions = decideDiscovery(view)
  expect(told(decisions)).toEqual([
    'register serving',
    `create A ${NAME} 10.0.0.3`,
    'register changed',
    `upsert A ${NAME} 10.0.0.2`,
    'deregister gone',
    `delete A ${NAME} 10.0.0.1`,
  ])
  const states = (phase: 'intent' | 'done') =>
    ownedAfter(view, decisions, phase).map(({ state, ttl, values }) => [values[0], ttl, state])
  expect(states('intent')).toEqual([
    ['10.0.0.2', 60, 'written'],
    ['10.0.0.3', 10, 'intended'],
    ['10.0.0.2', 10, 'intended'],
    ['10.0.0.1', 10, 'leaving'],
  ])
  expect(states('done')).toEqual([
    ['10.0.0.3', 10, 'written'],
    ['10.0.0.2', 10, 'written'],
  ])
  expect(needsActual(nameRecord({ owned: ownedAfter(view, decisions, 'intent') }))).toBe(true)
  expect(needsActual(nameRecord({ owned: ownedAfter(view, decisions, 'done') }))).toBe(false)
  expect(needsActual(nameRecord({ isHindered: true }))).toBe(true)
})

test('two sources may share a name', () => {
  const api = { cluster: 'prod', group: 'service:api' }
  const view = nameView({
    sources: [source([task(1)], { ttl: 60 }, WEB), source([task(2)], { ttl: 20 }, api)],
  })
  const [decision] = decideDiscovery(view)
  const writes = decision !== undefined && 'writes' in decision ? decision.writes : []
  expect(writes.map((write) => [write.record.values[0], write.record.ttl])).toEqual([
    ['10.0.0.1', 20],
    ['10.0.0.2', 20],
  ])
})
