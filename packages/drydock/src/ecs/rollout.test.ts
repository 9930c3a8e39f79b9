import { expect, test } from 'vitest'
import { type Change, type DeploymentCounts, decideRollout, limitsOf } from './rollout.ts'

test.each([
  // desired, minimum %, maximum %, at least, at most
  [4, 100, 200, 4, 8],
  [4, 50, 100, 2, 4],
  [1, 50, 150, 1, 1],
  [3, 50, 150, 2, 4],
  [7, 33, 133, 3, 9],
  [10, 1, 101, 1, 10],
  [0, 100, 200, 0, 0],
  [5, 0, 100, 0, 5],
])(
  '%i tasks between %i %% and %i %% are at least %i healthy and at most %i',
  (desired, min, max, minimum, maximum) => {
    expect(limitsOf(desired, { minimumHealthyPercent: min, maximumPercent: max })).toEqual({
      minimum,
      maximum,
    })
  },
)

const counts = (
  keep: number,
  healthy: number,
  unhealthy = 0,
  rest: Partial<DeploymentCounts> = {},
): DeploymentCounts => ({
  keep,
  healthy,
  unhealthy,
  failing: 0,
  isBackedOff: false,
  isFailing: false,
  ...rest,
})

/** A change in short: `+start -unhealthy -healthy keep`. */
const short = (changes: Change[]) =>
  changes.map(
    ({ start, stopUnhealthy, stopHealthy, stopFailing, keep }) =>
      `+${start} -${stopUnhealthy} -${stopHealthy}${stopFailing ? ` failed -${stopFailing}` : ''} keep ${keep}`,
  )

const backedOff = { isBackedOff: true, isFailing: true }
const failing = { isFailing: true }

test.each<[string, DeploymentCounts, DeploymentCounts[], [number, number], string[]]>([
  ['the first deployment starts all at once', counts(4, 0), [], [4, 8], ['+4 -0 -0 keep 4']],
  ['a whole service needs nothing', counts(4, 4), [], [4, 8], ['+0 -0 -0 keep 4']],
  ['a task that died is replaced', counts(4, 3), [], [4, 8], ['+1 -0 -0 keep 4']],
  ['scaling out starts what is missing', counts(6, 4), [], [6, 12], ['+2 -0 -0 keep 6']],
  ['scaling in stops what is not healthy first', counts(2, 3, 1), [], [2, 4], ['+0 -1 -1 keep 2']],
  [
    'a replacement starts before a failed task stops',
    counts(4, 3, 0, { failing: 1 }),
    [],
    [4, 8],
    ['+1 -0 -0 keep 4'],
  ],
  ['which waits for it', counts(4, 3, 1, { failing: 1 }), [], [4, 8], ['+0 -0 -0 keep 4']],
  ['and then goes', counts(4, 4, 0, { failing: 1 }), [], [4, 8], ['+0 -0 -0 failed -1 keep 4']],
  [
    'without room one failed task goes at a time',
    counts(4, 2, 0, { failing: 2 }),
    [],
    [0, 4],
    ['+0 -0 -0 failed -1 keep 4'],
  ],
  ['as far as there is room both start', counts(4, 2, 0, { failing: 2 }), [], [4, 5], ['+1 -0 -0 keep 4']],
  [
    'with room the new start before the old stop',
    counts(4, 0),
    [counts(4, 4)],
    [4, 8],
    ['+4 -0 -0 keep 4', '+0 -0 -0 keep 4'],
  ],
  [
    'the old wait until the new are healthy',
    counts(4, 0, 4),
    [counts(4, 4)],
    [4, 8],
    ['+0 -0 -0 keep 4', '+0 -0 -0 keep 4'],
  ],
  [
    'an old task goes for each healthy new one',
    counts(4, 3, 1),
    [counts(4, 4)],
    [4, 8],
    ['+0 -0 -0 keep 4', '+0 -0 -3 keep 1'],
  ],
  [
    'without room old ones go down to the minimum',
    counts(4, 0),
    [counts(4, 4)],
    [2, 4],
    ['+0 -0 -0 keep 4', '+0 -0 -2 keep 2'],
  ],
  [
    'then new ones take their place',
    counts(4, 0),
    [counts(2, 2)],
    [2, 4],
    ['+2 -0 -0 keep 4', '+0 -0 -0 keep 2'],
  ],
  [
    'and no further old one goes meanwhile',
    counts(4, 0, 2),
    [counts(2, 2)],
    [2, 4],
    ['+0 -0 -0 keep 4', '+0 -0 -0 keep 2'],
  ],
  ['minimum 0 may stop all', counts(3, 0), [counts(3, 3)], [0, 3], ['+0 -0 -0 keep 3', '+0 -0 -3 keep 0']],
  ['equal limits block', counts(1, 0), [counts(1, 1)], [1, 1], ['+0 -0 -0 keep 1', '+0 -0 -0 keep 1']],
  [
    'old ones that are not healthy make room at once',
    counts(2, 0),
    [counts(2, 0, 2)],
    [1, 2],
    ['+0 -0 -0 keep 2', '+0 -2 -0 keep 0'],
  ],
  [
    'an old task that died is replaced by its own kind',
    counts(4, 0, 4),
    [counts(4, 3)],
    [4, 8],
    ['+0 -0 -0 keep 4', '+1 -0 -0 keep 4'],
  ],
  [
    'but not where a healthy new one has its place',
    counts(4, 1, 3),
    [counts(4, 3)],
    [4, 8],
    ['+0 -0 -0 keep 4', '+0 -0 -0 keep 4'],
  ],
  [
    'scarce room goes to the new deployment',
    counts(4, 0, 1),
    [counts(3, 2)],
    [2, 4],
    ['+1 -0 -0 keep 4', '+0 -0 -0 keep 3'],
  ],
  [
    'unless that fails while too few are healthy',
    counts(4, 0, 1, failing),
    [counts(3, 2)],
    [3, 4],
    ['+0 -0 -0 keep 4', '+1 -0 -0 keep 3'],
  ],
  [
    'a deployment that backs off leaves the old ones alone',
    counts(4, 0, 0, backedOff),
    [counts(4, 4)],
    [2, 4],
    ['+0 -0 -0 keep 4', '+0 -0 -0 keep 4'],
  ],
  [
    'of several old deployments the oldest goes first',
    counts(4, 2),
    [counts(2, 2), counts(2, 2)],
    [4, 8],
    ['+2 -0 -0 keep 4', '+0 -0 -0 keep 2', '+0 -0 -2 keep 0'],
  ],
  [
    'scaled to nothing, all old ones go',
    counts(0, 0),
    [counts(2, 2)],
    [0, 0],
    ['+0 -0 -0 keep 0', '+0 -0 -2 keep 0'],
  ],
])('%s', (_, primary, old, [minimum, maximum], expected) => {
  expect(short(decideRollout(primary, old, { minimum, maximum }))).toEqual(expected)
})
