import fc from 'fast-check'
import { expect, test } from 'vitest'
import { container, REGISTRY, service } from './builders.ts'
import { parseConfig } from './config.ts'
import { resolveSettings } from './enrolment.ts'
import { DEFAULT_GUARD, readGuard } from './guard-settings.ts'
import { sentencesOf } from './problem.ts'

const TRACKED = { 'capstan:track': 'semver:1.x' }

/** The settings of prod/web with this guard in its entry, for all, and with these tags. */
function settingsOf(input: { entry?: unknown; all?: unknown; tags?: Record<string, string> }) {
  const { entry, all, tags = {} } = input
  const config = parseConfig({
    ...(all !== undefined && { guard: all }),
    services: entry === undefined ? {} : { 'prod/web': entry },
  })
  const settings = resolveSettings({
    service: service({ tags, containers: [container(`${REGISTRY}/web:1.0.0`)] }),
    config,
  })
  return { ...settings, problems: [...sentencesOf(config.problems), ...settings.problems] }
}

test.each<[string, Parameters<typeof settingsOf>[0], object]>([
  ['the default', { tags: TRACKED }, {}],
  ['a tag for the bake', { tags: { ...TRACKED, 'capstan:bake': '30s' } }, { bakeMs: 30_000 }],
  ['a tag for the mode', { tags: { ...TRACKED, 'capstan:guard': 'auto' } }, { mode: 'auto' }],
  ['an entry by its mode', { entry: { track: 'semver:1.x', guard: 'off' } }, { mode: 'off' }],
  [
    'an entry in full',
    {
      entry: {
        track: 'semver:1.x',
        guard: {
          mode: 'auto',
          bake: '1h',
          watch: '1d',
          dwell: '2m',
          alarms: ['web-*'],
          crashes: 5,
          minimumRequests: 0,
          share: 1,
          period: '10s',
        },
      },
    },
    {
      mode: 'auto',
      bakeMs: 3_600_000,
      watchMs: 86_400_000,
      dwellMs: 120_000,
      alarms: ['web-*'],
      crashes: 5,
      minimumRequests: 0,
      share: 1,
      periodMs: 10_000,
    },
  ],
  ['the default for all', { all: { bake: '5m' }, tags: TRACKED }, { bakeMs: 300_000 }],
  [
    'an entry over the default for all',
    { all: { bake: '5m', mode: 'off' }, entry: { track: 'semver:1.x', guard: { bake: '1m' } } },
    { bakeMs: 60_000, mode: 'off' },
  ],
  [
    'a tag over the default for all',
    { all: { bake: '5m' }, tags: { ...TRACKED, 'capstan:bake': '1m' } },
    { bakeMs: 60_000 },
  ],
  [
    'a tag beside an entry that does not speak of it',
    { entry: { track: 'semver:1.x', guard: 'auto' }, tags: { 'capstan:bake': '1m' } },
    { bakeMs: 60_000, mode: 'auto' },
  ],
  [
    'a tag beside an entry that says the same',
    { entry: { track: 'semver:1.x', guard: { bake: '1m' } }, tags: { 'capstan:bake': '60s' } },
    { bakeMs: 60_000 },
  ],
])('the guard: %s', (_, input, expected) => {
  const { guard, problems, enrolled, tracks } = settingsOf(input)
  expect(problems).toEqual([])
  expect(guard).toEqual({ ...DEFAULT_GUARD, ...expected })
  expect({ enrolled, tracks: tracks.length }).toEqual({ enrolled: true, tracks: 1 })
})

test('tags about the guard alone enrol nothing, right or wrong', () => {
  for (const bake of ['30s', 'soon']) {
    expect(settingsOf({ tags: { 'capstan:bake': bake, 'capstan:guard': 'auto' } })).toMatchObject({
      enrolled: false,
      problems: [],
      guard: DEFAULT_GUARD,
    })
  }
})

test.each<[string, Parameters<typeof settingsOf>[0], string]>([
  [
    'a bake that is no duration',
    { tags: { ...TRACKED, 'capstan:bake': 'soon' } },
    'The tag capstan:bake cannot be read: "soon" is no duration; write 30s, 10m, 2h, 1h30m or 7d.',
  ],
  [
    'a mode that is none',
    { tags: { ...TRACKED, 'capstan:guard': 'on' } },
    "The tag capstan:guard cannot be \"on\"; write 'auto', 'watch' or 'off'.",
  ],
  [
    'a mis-spelled tag',
    { tags: { ...TRACKED, 'capstan:gaurd': 'auto' } },
    'The tag capstan:gaurd means nothing to Capstan; write capstan:guard, or remove it.',
  ],
  [
    'a mis-spelled key',
    { entry: { track: 'off', guard: { backe: '1m' } } },
    'The entry "prod/web": guard.backe is unknown; write bake.',
  ],
  ['an unknown key', { entry: { track: 'off', guard: { x: 1 } } }, 'write one of mode, bake, watch'],
  [
    'a mis-spelled guard',
    { entry: { track: 'off', gaurd: 'auto' } },
    'has an unknown key "gaurd"; write guard',
  ],
  [
    'a number for a bake',
    { entry: { track: 'off', guard: { bake: 10 } } },
    "cannot be 10; write a duration such as '10m'",
  ],
  ['a bake of a year', { entry: { track: 'off', guard: { bake: '365d' } } }, 'write at most 7d'],
  ['a list', { entry: { track: 'off', guard: [] } }, 'guard cannot be a list'],
  ['no crashes', { entry: { track: 'off', guard: { crashes: 0 } } }, 'write a whole number from 1 on'],
  ['half a request', { entry: { track: 'off', guard: { minimumRequests: 0.5 } } }, 'from 0 on'],
  ['a share in percent', { entry: { track: 'off', guard: { share: 20 } } }, 'write a share such as 0.2'],
  ['a period of 90 s', { entry: { track: 'off', guard: { period: '90s' } } }, 'or whole minutes'],
  ['alarms as text', { entry: { track: 'off', guard: { alarms: 'web' } } }, "write ['web-*']"],
  ['an alarm that is no text', { entry: { track: 'off', guard: { alarms: [1] } } }, 'not text'],
  [
    'a bad glob',
    { entry: { track: 'off', guard: { alarms: ['['] } } },
    'holds the glob [, which does not parse',
  ],
  ['too many globs', { entry: { track: 'off', guard: { alarms: Array(21).fill('a') } } }, 'at most 20'],
  [
    'a bad default for all',
    { all: { bake: 'x' }, tags: TRACKED },
    'The config file: guard.bake cannot be read',
  ],
  [
    'a bake that contradicts',
    { entry: { track: 'semver:1.x', guard: { bake: '1m' } }, tags: { 'capstan:bake': '2m' } },
    'The tag capstan:bake and guard.bake of the entry "prod/web" say different things; remove one of them.',
  ],
  [
    'a mode that contradicts',
    { entry: { track: 'semver:1.x', guard: 'off' }, tags: { 'capstan:guard': 'auto' } },
    'The tag capstan:guard and guard.mode',
  ],
  [
    'a watch shorter than its bake',
    { entry: { track: 'off', guard: { watch: '5m' } } },
    'watches for 5m, which is shorter than its bake of 10m; write a longer guard.watch.',
  ],
])('the guard: %s is a problem that says what to write', (_, input, sentence) => {
  const { problems } = settingsOf(input)
  expect(problems.join(' ')).toContain(sentence)
  expect(problems).toHaveLength(1)
})

test('whatever stands there, the guard is read or told to be wrong', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true }), (input) => {
      const { wish, problems } = readGuard(input, 'It')
      expect(Object.keys(wish).length > 0 && problems.length > 0 && typeof input === 'string').toBe(false)
    }),
  )
})
