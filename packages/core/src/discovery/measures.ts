/** How long tasks waited to be found by name: of those whose records were written, once each name that they are given. */
import type { Measures } from '../measures.ts'
import type { DiscoveryDecision } from './decision.ts'
import type { NameView } from './view.ts'

/**
 * A task that has run for longer (ms) was not late: it is found because something else has changed, such as its service's
 * tags or its health.
 */
const LATEST_MS = 15 * 60_000

/** The lag of each task that `decisions`, made of `view`, have let be found; `now` (ms) is when its record was written. */
export function discoveryMeasures(
  { sources }: NameView,
  decisions: readonly DiscoveryDecision[],
  now: number,
): Measures[] {
  const found = new Set(
    decisions.flatMap((decision) =>
      decision.kind === 'register' && decision.reason === 'serving'
        ? decision.writes.flatMap(({ task }) => task ?? [])
        : [],
    ),
  )
  const lags = sources
    .flatMap(({ tasks }) => tasks)
    .flatMap(({ id, startedAt }) => (found.has(id) && startedAt !== undefined ? [now - startedAt] : []))
    .filter((lag) => lag < LATEST_MS)
    .map((lag) => ({ name: 'DiscoveryLag', unit: 'Milliseconds', value: Math.max(0, lag) }) as const)
  return lags.length > 0 ? [{ metrics: lags }] : []
}
