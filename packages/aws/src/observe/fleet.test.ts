import type { ServiceRecord } from '@capstan/core/view.ts'
import { expect, test } from 'vitest'
import type { ListedAlarm } from './alarms.ts'
import { fleetOf, fleetState } from './fleet.ts'

const NOW = 1_000_000
const record = (service: string, parts: Partial<ServiceRecord> = {}): ServiceRecord => ({
  cluster: 'prod',
  service,
  version: 1,
  repositories: [],
  quarantine: {},
  problems: [],
  watches: [`prod/${service}`, `targetgroup/${service}/1`],
  ...parts,
})
const alarm = (group: string, StateValue: 'ALARM' | 'OK'): ListedAlarm => ({
  arn: group,
  name: group,
  metrics: [{ namespace: 'AWS/ApplicationELB', dimensions: { TargetGroup: `targetgroup/${group}/1` } }],
  seen: { StateValue },
})
const seenFrom = (service: string, records: readonly ServiceRecord[], alarms: readonly ListedAlarm[]) =>
  fleetOf({ cluster: 'prod', service }, fleetState(records, alarms, NOW))
const rolledBack = (at: number) => ({ rolledBack: { taskDefinitionArn: 'td', at, cause: 'x' } })

test('counts the services with an alarm in ALARM, and the one that is looked at', () => {
  const records = ['a', 'b', 'c', 'd'].map((name) => record(name))
  const alarms = [alarm('a', 'ALARM'), alarm('b', 'OK'), alarm('c', 'ALARM'), alarm('else', 'ALARM')]
  expect(seenFrom('d', records, alarms)).toEqual({
    watched: 4,
    alarming: 3,
    rolledBackLately: 0,
  })
})

test('an alarm that only its tag ties counts for the service that it names', () => {
  const tags = { 'capstan:service': ' prod/b' }
  const tagged = { arn: 'x', name: 'x', metrics: [], tags, seen: { StateValue: 'ALARM' as const } }
  expect(seenFrom('a', [record('a'), record('b')], [tagged]).alarming).toBe(2)
})

test('a service that was rolled back in the last five minutes counts once', () => {
  const records = [
    record('a', rolledBack(NOW - 60_000)),
    record('b', rolledBack(NOW - 60_000)),
    record('c', rolledBack(NOW - 600_000)),
  ]
  expect(seenFrom('c', records, [alarm('a', 'ALARM')])).toEqual({
    watched: 3,
    alarming: 2,
    rolledBackLately: 1,
  })
})

test('records that watch nothing are not counted', () => {
  const records = [record('a'), record('b', { watches: [] })]
  expect(seenFrom('a', records, []).watched).toBe(1)
})
