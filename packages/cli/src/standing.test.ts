import { deployment, digest, inFlight, record, service, settings, view } from '@capstan/core/builders.ts'
import type { Hold, ServiceRecord, Trouble } from '@capstan/core/view.ts'
import { expect, test } from 'vitest'
import { guardLines, standingOf } from './standing.ts'

const now = 1_000_000
const { bake: _, ...unwatched } = record()
const hold: Hold = { reason: 'rolled-back', since: 5, images: {}, note: 'rolled back to 1.0.0' }
const trouble: Trouble = { reason: 'muted', cause: 'alarm', since: now - 90_000, note: 'web-5xx is muted' }
const rollback = { of: 'd-1', cause: 'alarm', how: 'stop' as const, taskDefinitionArn: 'web:1' }
const bake = { primaryId: 'ecs-svc/1', since: now - 200_400 }
const pause = { by: 'ann', reason: 'migration', at: now - 60_000 }

test.each<[string, Partial<ServiceRecord>, string]>([
  ['nothing is known of it', {}, '-'],
  ['Capstan deploys', { inFlight: inFlight('b'), bake }, 'deploying'],
  ['Capstan goes back', { inFlight: inFlight('a', { rollback }) }, 'rolling back'],
  ['it is watched', { bake }, 'baking 3m20s/10m'],
  ['it has been watched for long enough', { bake: { ...bake, since: 0 } }, 'baking 10m/10m'],
  ['it is good', { bake: { ...bake, verifiedAt: now } }, 'verified'],
  ['what was watched runs no more', { bake: { ...bake, primaryId: 'ecs-svc/0' } }, '-'],
  ['it is paused and held', { pause, hold }, 'paused, held (rolled-back)'],
  ['something is wrong', { trouble, bake }, 'trouble (muted), baking 3m20s/10m'],
  ['something failed here', { quarantine: { a: 'x', b: 'y' } }, 'quarantine 2'],
])('a service stands as it does where %s', (_, overrides, expected) => {
  expect(standingOf(view({ record: { ...unwatched, ...overrides } }), now)).toBe(expected)
})

test('a freeze is part of how a service stands', () => {
  const freezes = [{ id: 'f-1', scope: 'all', reason: 'launch', by: 'bo' }]
  expect(standingOf(view({ record: unwatched, freezes }), now)).toBe('frozen')
})

test('settings that cannot be read are part of how a service stands', () => {
  const wrong = { ...settings('semver:1.x'), problems: ['The tag capstan:bake cannot be read.'] }
  expect(standingOf(view({ record: { ...unwatched, pause }, settings: wrong }), now)).toBe(
    'settings wrong, paused',
  )
})

test('a service that was never looked at is shown', () => {
  expect(standingOf({ ...view(), record: undefined }, now)).toBe('-')
})

test('one service is told in full', () => {
  const good = {
    taskDefinitionArn: 'web:1',
    images: { app: { repository: 'web', digest: digest('a'), tag: '1.0.0' } },
    serviceCreatedAt: 0,
    verifiedAt: now - 3_600_000,
    evidence: ['its alarms were quiet for 10m', '2 of 2 tasks run'],
  }
  const failed = { ...good, images: { app: { repository: 'web', digest: digest('b') } }, evidence: [] }
  const seen = view({
    service: service({ primary: deployment() }),
    settings: settings('semver:1.x'),
    record: {
      ...unwatched,
      good: [good, failed],
      trouble,
      hold,
      pause,
      quarantine: { [digest('b')]: 'alarm web-5xx' },
      warnings: ['The image of web:1 is deleted.'],
    },
    freezes: [{ id: 'f-1', scope: 'prod', reason: 'launch', by: 'bo', until: Date.UTC(2026, 0, 1) }],
  })
  expect(guardLines(seen, now)).toEqual([
    ['State', 'trouble (muted), paused, frozen, held (rolled-back), quarantine 1'],
    ['Guard', 'watch: bake 10m, watch 7d'],
    [
      'Known good',
      'web 1.0.0 (sha256:aaaaaaaaaaaa), verified 1h ago: its alarms were quiet for 10m; 2 of 2 tasks run\n' +
        'web sha256:bbbbbbbbbbbb, verified 1h ago, in quarantine since',
    ],
    ['Trouble', 'web-5xx is muted (for 1m)'],
    ['Held', 'rolled back to 1.0.0'],
    ['Quarantine', 'sha256:bbbbbbbbbbbb: alarm web-5xx'],
    ['Paused', 'by ann, 1m ago: migration'],
    ['Frozen', 'f-1 (prod) by bo, until 2026-01-01T00:00:00.000Z: launch'],
    ['Warning', 'The image of web:1 is deleted.'],
  ])
})
