import { decideDiscovery } from '@capstan/core/discovery/decide.ts'
import type { KnownTask, NameRecord, NameView, SourceKey } from '@capstan/core/discovery/view.ts'
import { expect, test } from 'vitest'
import { doneOf, intentOf, planOf, refusalOf } from './name-commit.ts'

const target = { kind: 'dns', name: 'web.example.com' } as const
const web: SourceKey = { cluster: 'prod', group: 'service:web' }
const worker: SourceKey = { cluster: 'prod', group: 'family:worker' }
const tools = { now: 1000, id: 'pass' }

function taskOf(source: SourceKey, id: string, more: Partial<KnownTask> = {}): KnownTask {
  return {
    ...{ id, arn: `arn:aws:ecs:us-east-1:123456789012:task/prod/${id}`, source, version: 3 },
    ...{ taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1' },
    ...{
      desired: 'RUNNING',
      last: 'RUNNING',
      health: 'UNKNOWN',
      addresses: { private: `10.0.0.${id.length}` },
    },
    ...{ ports: [], isChecked: false, seenAt: 0, startedAt: 0 },
    ...more,
  }
}

function viewOf(tasks: readonly KnownTask[], record?: NameRecord): NameView {
  const publication = {
    ...{ target, types: ['A' as const], address: 'private' as const, ttl: 10 },
    ...{ perTask: false, policy: 'sync' as const, txt: false },
  }
  const sources = [web, worker].map((source) => ({
    source,
    publication,
    tasks: tasks.filter((task) => task.source === source),
  }))
  return {
    ...{ target, sources, problems: [] },
    place: { kind: 'zone', id: 'Z1', name: 'example.com', isPrivate: false },
    ...(record && { record }),
  }
}

const plan = (view: NameView, { isAgain = false, lookInMs }: { isAgain?: boolean; lookInMs?: number } = {}) =>
  planOf(view, decideDiscovery(view), { isAgain, lookInMs, now: tools.now })

/** The record after all of it is done. */
function carriedOut(view: NameView): NameRecord {
  const planned = plan(view)
  const intent = intentOf(planned, tools)
  if (!intent) throw new Error('There is nothing to write down')
  return planned.writes.length ? doneOf(planned, intent.record, tools).record : intent.record
}

test('what is begun and what is done are two versions of the record', () => {
  const planned = plan(viewOf([taskOf(web, 'a')]))
  const intent = intentOf(planned, tools)
  expect(intent?.record).toMatchObject({
    version: 1,
    placeId: 'Z1',
    owned: [{ state: 'intended', task: 'a' }],
  })
  expect(intent?.entries.map(({ reason }) => reason)).toEqual(['serving'])
  expect(intent && doneOf(planned, intent.record, tools)).toMatchObject({
    record: { version: 2, owned: [{ state: 'written' }] },
    entries: [],
  })
})

test('a decision is told to the source whose tasks it is about, and to all where it is about none', () => {
  const planned = plan(viewOf([taskOf(worker, 'b'), taskOf(web, 'aa', { isChecked: true })]))
  const told = intentOf(planned, tools)?.entries.map(({ cluster, service, reason }) => [
    `${cluster}/${service}`,
    reason,
  ])
  expect(told).toEqual([
    ['prod/family:worker', 'serving'],
    ['prod/web', 'not-ready'],
    ['prod/family:worker', 'not-ready'],
  ])
})

test('what the ledger says already is not written again', () => {
  const record = carriedOut(viewOf([taskOf(web, 'a')]))
  expect(intentOf(plan(viewOf([taskOf(web, 'a')], record)), tools)).toBeUndefined()
})

test('a look that is to come is written down, and forgotten once it is past', () => {
  const waiting = viewOf([taskOf(web, 'a', { isChecked: true })])
  const intent = intentOf(plan(waiting, { lookInMs: 2000 }), tools)
  expect(intent?.record.lookAt).toBe(3000)
  const later = { ...tools, now: 5000 }
  expect(intentOf(plan({ ...waiting, ...(intent && { record: intent.record }) }), later)).toBeUndefined()
})

test('why a write is refused is told once, and what was refused is told when it is done', () => {
  const view = viewOf([taskOf(web, 'a')])
  const first = plan(view)
  const intent = intentOf(first, tools)?.record
  const refused = intent && refusalOf(first, intent, 'The zone is full.', tools)
  expect(refused?.record).toMatchObject({ version: 2, isHindered: true })
  expect(refused?.entries.map(({ reason }) => reason)).toEqual(['refused', 'refused'])
  const again = plan({ ...view, actual: [], ...(refused && { record: refused.record }) })
  const begun = intentOf(again, tools)?.record ?? refused?.record
  expect(intentOf(again, tools)?.entries ?? []).toEqual([])
  expect(begun && refusalOf(again, begun, 'The zone is full.', tools)?.entries).toBeUndefined()
  const done = begun && doneOf(again, begun, tools)
  expect(done?.record).not.toHaveProperty('isHindered')
  expect(done?.record).not.toHaveProperty('told')
  expect(done?.entries.map(({ reason }) => reason)).toEqual(['serving'])
})
