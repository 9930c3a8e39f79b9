import { NAME, nameRecord, nameView, source, task } from '@capstan/core/discovery/builders.ts'
import type { PublishedTask } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { countTasks, taskRow, tasksAt } from './task-rows.ts'

const view = (tasks: readonly PublishedTask[], found: readonly PublishedTask[] = tasks) => {
  const owned = found.map(({ id }) => ({
    ...{ name: NAME, type: 'A', setIdentifier: `capstan-${id}`, ttl: 10 },
    ...{ values: ['10.0.0.1'], task: id, state: 'written' as const },
  }))
  return nameView({ sources: [source(tasks)], record: nameRecord({ owned }) })
}

test.each<[string, Partial<PublishedTask>, string[]]>([
  ['one that serves', {}, ['RUNNING', '10.0.0.1', 'yes', 'it serves']],
  ['one that starts', { last: 'PENDING', addresses: {} }, ['PENDING', '-', 'yes', 'it starts']],
  [
    'one that is to stop',
    { desired: 'STOPPED' },
    ['RUNNING', '10.0.0.1', 'yes', 'it is to stop, or has stopped'],
  ],
  [
    'one that fails its health check',
    { health: 'UNHEALTHY' },
    ['RUNNING, UNHEALTHY', '10.0.0.1', 'yes', 'its container is unhealthy'],
  ],
  ['one that is gone', { last: 'DELETED' }, ['DELETED', '10.0.0.1', 'yes', 'ECS knows it no more']],
])('%s is told with why it is found or not', (_, overrides, cells) => {
  const one = task(1, overrides)
  expect(tasksAt(view([one])).map(taskRow)).toEqual([[one.id, 'prod/web', ...cells]])
})

test('a task without a record of its own is not found', () => {
  expect(tasksAt(view([task(1)], [])).map(taskRow)[0]?.[4]).toBe('no')
})

test('the address is the one that is published', () => {
  const addresses = { private: '10.0.0.1', public: '203.0.113.1', ipv6: '2001:db8::1' }
  const addressesOf = (publication: Parameters<typeof source>[1]) => {
    const sources = [source([task(1, { addresses })], publication)]
    return tasksAt(nameView({ sources })).flatMap((one) => one.addresses)
  }
  expect(addressesOf({ address: 'public' })).toEqual(['203.0.113.1'])
  expect(addressesOf({ types: ['AAAA'] })).toEqual(['2001:db8::1'])
  expect(addressesOf({ types: ['A', 'AAAA'] })).toEqual(['10.0.0.1', '2001:db8::1'])
})

test('those that serve come first, and those that are gone without a trace are left out', () => {
  const tasks = [task(4, { target: 'unhealthy' }), task(3, { last: 'DELETED' }), task(2), task(1)]
  const rows = tasksAt(view(tasks, []))
  expect(rows.map((one) => one.task.id)).toEqual([task(1).id, task(2).id, task(4).id])
  expect(countTasks(rows)).toBe('2/3')
})
