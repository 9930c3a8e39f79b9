/**
 * Events as AWS sends them (tests/fixtures/events), against every rule: which doors each wakes, and that these understand it. A file
 * says where its event is from, and what in it is not as it stands there.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { discoveryEvent } from '@capstan/core/discovery/events.ts'
import {
  alarmStateChanged,
  deploymentStateChanged,
  imagePushed,
  reconcileDue,
  tagsChanged,
  taskStopped,
} from '@capstan/core/events.ts'
import { flattenEvent, matchesPattern } from '@capstan/drydock/event-pattern/match.ts'
import { compilePattern } from '@capstan/drydock/event-pattern/pattern.ts'
import { describe, expect, test } from 'vitest'
import { forwarded, rules } from '../functions/rules.ts'

interface Recorded {
  readonly source: string
  readonly changed?: string
  readonly wakes: readonly string[]
  readonly event: { readonly source: string; readonly [key: string]: unknown }
}

const folder = join(import.meta.dirname, 'fixtures', 'events')
const recorded = readdirSync(folder).map((file): [string, Recorded] => [
  file.replace(/\.json$/, ''),
  JSON.parse(readFileSync(join(folder, file), 'utf8')),
])

/** What each door reads its events by. */
const schemas = {
  'image-pushed': imagePushed,
  'deployment-state-changed': deploymentStateChanged,
  'alarm-state-changed': alarmStateChanged,
  'task-stopped': taskStopped,
  'tags-changed': tagsChanged,
  'task-state-changed': discoveryEvent,
  reconcile: reconcileDue,
  'reconcile-discovery': reconcileDue,
}
const patterns = rules.flatMap((rule) =>
  'pattern' in rule ? [{ door: rule.door, pattern: compilePattern(JSON.stringify(rule.pattern)) }] : [],
)
const schemaOf = (door: string) => Object.entries(schemas).find(([name]) => name === door)?.[1]

describe.each(recorded)('%s', (_, { event, source, wakes }) => {
  test('wakes the doors that it is meant for, and no others', () => {
    const flat = flattenEvent(event)
    const woken = patterns.filter(({ pattern }) => matchesPattern(pattern, flat)).map(({ door }) => door)
    expect(woken.sort()).toEqual([...wakes].sort())
    const leaves = matchesPattern(compilePattern(JSON.stringify(forwarded)), flat)
    expect(leaves).toBe(wakes.length > 0)
  })

  test.each(wakes)('is understood by %s', (door) => {
    const read = schemaOf(door)?.safeParse(event)
    expect(read).toMatchObject({ success: true })
    expect(read?.data?.kind).not.toBe('ignored')
  })

  test('says where it is from', () => {
    expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//)
  })
})

test.each(patterns)('an event wakes $door, and another of the same source does not', ({ door }) => {
  const waking = recorded.filter(([, { wakes }]) => wakes.includes(door))
  const sources = new Set(waking.map(([, { event }]) => event.source))
  expect(sources.size).toBeGreaterThan(0)
  for (const source of sources) {
    const near = recorded.filter(([, { event, wakes }]) => event.source === source && !wakes.includes(door))
    expect({ source, near: near.length > 0 }).toEqual({ source, near: true })
  }
})

test('the clock wakes what has a schedule, by an event that it understands', () => {
  const [, minute] = recorded.find(([name]) => name === 'minute-passed') ?? []
  const scheduled = rules.flatMap((rule) => ('schedule' in rule ? [rule.door] : []))
  expect(scheduled).toEqual(['reconcile', 'reconcile-discovery'])
  for (const door of scheduled)
    expect(schemaOf(door)?.safeParse(minute?.event)).toMatchObject({ success: true })
})
