import { expect, test } from 'vitest'
import { nameView, publication, source, task } from './builders.ts'
import type { DiscoveryDecision, RecordWrite } from './decision.ts'
import { discoveryMeasures } from './measures.ts'

const { target } = publication()
const write = (number: number): RecordWrite => ({
  action: 'create',
  record: { name: 'web.example.com', type: 'A', values: [] },
  task: task(number).id,
})
const registers = (reason: 'serving' | 'changed', ...numbers: number[]): DiscoveryDecision => ({
  ...{ kind: 'register', reason, target, facts: {} },
  writes: numbers.flatMap((number) => [write(number), write(number)]),
})
// Task n has run since 1000 + n.
const view = nameView({ sources: [source([task(1), task(2), task(3)])] })

test('each task that is found from now on has its lag, once', () => {
  expect(discoveryMeasures(view, [registers('serving', 1, 2), registers('changed', 3)], 1050)).toEqual([
    {
      metrics: [
        { name: 'DiscoveryLag', unit: 'Milliseconds', value: 49 },
        { name: 'DiscoveryLag', unit: 'Milliseconds', value: 48 },
      ],
    },
  ])
})

test.each([
  ['nothing is found', view, [registers('changed', 3)], 1050],
  ['it has run for long', view, [registers('serving', 1)], 1001 + 15 * 60_000],
  ['nobody knows since when it runs', nameView(), [registers('serving', 1)], 1050],
])('none is measured where %s', (_name, of, decisions, now) => {
  expect(discoveryMeasures(of, decisions, now)).toEqual([])
})
