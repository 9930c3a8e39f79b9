import { expect, test } from 'vitest'
import { changesTo } from './own-alarms.ts'
import { alarmsFor, isAsWanted } from './recommended-alarms.ts'

const web = { cluster: 'prod', service: 'web' }
const first = { targetGroup: 'targetgroup/a/1', loadBalancer: 'app/front/1' }
const second = { targetGroup: 'targetgroup/b/2', loadBalancer: 'app/front/1' }
const wanted = alarmsFor(web, [first], 60_000)
const namesOf = (alarms: readonly { readonly AlarmName: string | undefined }[]) =>
  alarms.map(({ AlarmName }) => AlarmName)
const own = { 'capstan:owner': 'capstan', 'capstan:service': 'prod/web' }
/** As DescribeAlarms would show what was put: without its tags, with more of its own. */
const existing = wanted.map(({ Tags: _, ...alarm }) => ({
  ...alarm,
  AlarmArn: `arn:${alarm.AlarmName}`,
  StateValue: 'OK' as const,
}))
const tagged = (tags: Record<string, string>) =>
  new Map(existing.map(({ AlarmArn }) => [AlarmArn, tags] as const))

test('a service has three alarms for each target group, tagged as its own', () => {
  expect(namesOf(alarmsFor(web, [second, first], 60_000))).toEqual([
    'capstan-prod-web-5xx',
    'capstan-prod-web-unhealthy',
    'capstan-prod-web-latency',
    'capstan-prod-web-5xx-2',
    'capstan-prod-web-unhealthy-2',
    'capstan-prod-web-latency-2',
  ])
  expect(wanted[0]?.Tags).toEqual([
    { Key: 'capstan:owner', Value: 'capstan' },
    { Key: 'capstan:service', Value: 'prod/web' },
  ])
})

test('without a load balancer there is none', () => {
  expect(alarmsFor(web, [], 60_000)).toEqual([])
})

test('names that would be too long are cut and stay apart', () => {
  const long = (end: string) => ({ cluster: 'c'.repeat(255), service: `${'s'.repeat(250)}${end}` })
  const names = [...alarmsFor(long('1'), [first], 60_000), ...alarmsFor(long('2'), [first], 60_000)]
  expect(new Set(namesOf(names)).size).toBe(6)
  for (const name of namesOf(names)) expect(name?.length).toBeLessThanOrEqual(255)
})

test('an alarm is as wanted until one of its settings changes', () => {
  for (const [index, alarm] of existing.entries()) {
    const want = wanted[index]
    if (!want) throw new Error('There is one for each')
    expect(isAsWanted(alarm, want)).toBe(true)
    expect(isAsWanted({ ...alarm, Threshold: 99 }, want)).toBe(false)
    expect(isAsWanted(alarm, { ...want, Metrics: alarmsFor(web, [first], 10_000)[index]?.Metrics })).toBe(
      false,
    )
  }
})

test.each([
  ['none are there', [], new Map(), { put: namesOf(wanted), remove: [], foreign: [] }],
  ['all are there', existing, new Map(), { put: [], remove: [], foreign: [] }],
  [
    'one was changed by hand',
    existing.map((alarm, index) => (index === 0 ? { ...alarm, Threshold: 99 } : alarm)),
    tagged(own),
    { put: ['capstan-prod-web-5xx'], remove: [], foreign: [] },
  ],
  [
    "someone else's alarm has the name",
    existing.map((alarm) => ({ ...alarm, Threshold: 99 })),
    tagged({}),
    { put: [], remove: [], foreign: namesOf(wanted) },
  ],
])('where %s, the difference is made', (_, there, tags, expected) => {
  const { put, ...rest } = changesTo(there, { alarms: wanted, unseen: [] }, tags)
  expect({ put: namesOf(put), ...rest }).toEqual(expected)
})

test.each([
  ['removed with enrolment', own, [], namesOf(wanted)],
  ['left where their service could not be looked at', own, ['prod/web'], []],
  ["left where they are someone else's", {}, [], []],
])('alarms that are wanted no longer are %s', (_, tags, unseen, remove) => {
  expect(changesTo(existing, { alarms: [], unseen }, tagged(tags))).toEqual({ put: [], remove, foreign: [] })
})
