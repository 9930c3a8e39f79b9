/** How a freeze stands, for lists: pure. */
import { activeFreezes, type Freeze, problemsOfFreeze } from '@capstan/core/freeze.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey } from '@capstan/core/view.ts'

export interface FreezeStanding {
  readonly state: 'holds' | 'waits' | 'over'
  /** The end of what holds now, or of all (ms). */
  readonly until?: number
}

/** Whether a scope is about a service. */
export function concerns(scope: string, service: ServiceKey): boolean {
  return scope === 'all' || scope === service.cluster || scope === nameOf(service)
}

/** Whether a freeze holds at `now` (ms), waits for its next window, or is over. */
export function standingOfFreeze(freeze: Freeze, now: number): FreezeStanding {
  const [active] = activeFreezes([freeze], someServiceIn(freeze.scope), now)
  if (active) return { state: 'holds', ...(active.until !== undefined && { until: active.until }) }
  const { until } = freeze
  return until !== undefined && until <= now ? { state: 'over', until } : { state: 'waits' }
}

/** The row of a list. */
export function freezeRow(freeze: Freeze, now: number): string[] {
  const { id, scope, by, reason } = freeze
  const problems = problemsOfFreeze(freeze)
  if (problems.length > 0) return [id, scope, 'holds', 'until it can be read', by, problems.join(' ')]
  const { state, until } = standingOfFreeze(freeze, now)
  const end = until === undefined ? [] : [`until ${new Date(until).toISOString()}`]
  return [id, scope, state, [...whenOf(freeze), ...end].join(', ') || 'until it is removed', by, reason]
}

function whenOf({ rule, start, duration, timeZone = 'UTC' }: Freeze): string[] {
  if (rule !== undefined) return [`${duration} from ${rule} (${timeZone})`]
  return start === undefined ? [] : [`${duration} from ${start} (${timeZone})`]
}

/** Every service of a scope is frozen alike. */
function someServiceIn(scope: string): ServiceKey {
  const [cluster = '', service = ''] = scope.split('/')
  return { cluster, service }
}
