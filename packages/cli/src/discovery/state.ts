/** How a name stands, in one word for a list and in full for one name: pure, from what was observed and decided. */
import type { DiscoveryDecision, DiscoverySkipReason } from '@capstan/core/discovery/decision.ts'
import type { Place } from '@capstan/core/discovery/view.ts'

/**
 * The words of a list's STATE column. The most pressing one is said:
 *
 * | word      | when                                                                      |
 * | --------- | ------------------------------------------------------------------------- |
 * | wrong     | settings cannot be read; what was last understood of them holds           |
 * | nowhere   | no hosted zone, namespace or discovery service is there for it            |
 * | blocked   | someone else's record is in the way                                       |
 * | unhealthy | no task is healthy: what was found and still runs stays                   |
 * | partial   | more tasks can serve than records are allowed                             |
 * | kept      | its policy does not allow what should be changed                          |
 * | changing  | records are written or deleted now                                        |
 * | starting  | tasks run that cannot be told yet                                         |
 * | empty     | no task can serve                                                         |
 * | found     | every task that can serve is found, and no other                          |
 */
export function stateOf(decisions: readonly DiscoveryDecision[]): string {
  const skipped = new Set(decisions.flatMap(({ kind, reason }) => (kind === 'skip' ? [reason] : [])))
  const pressing = PRESSING.find(([, reasons]) => reasons.some((reason) => skipped.has(reason)))
  if (pressing) return pressing[0]
  if (decisions.some(({ kind }) => kind !== 'skip')) return 'changing'
  return WAITING.find(([, reason]) => skipped.has(reason))?.[0] ?? 'found'
}

const PRESSING: readonly [string, readonly DiscoverySkipReason[]][] = [
  ['wrong', ['invalid-settings']],
  ['nowhere', ['no-zone', 'no-namespace', 'no-discovery-service']],
  ['blocked', ['foreign-record']],
  ['unhealthy', ['all-unhealthy']],
  ['partial', ['over-quota']],
  ['kept', ['policy']],
]

const WAITING: readonly [string, DiscoverySkipReason][] = [
  ['starting', 'not-ready'],
  ['empty', 'no-task'],
]

/** Where the records of a name are kept: a zone with its kind, or the service of Cloud Map. */
export function whereOf(place: Place): string {
  switch (place.kind) {
    case 'zone':
      return `${place.isPrivate ? 'private' : 'public'} zone ${place.name} (${place.id})`
    case 'cloud-map':
      return `Cloud Map (${place.id})`
    case 'none':
      return '-'
  }
}

/** The decisions by which something is left undone: all skips but that nothing is to be done. */
export function leftUndone(decisions: readonly DiscoveryDecision[]): DiscoveryDecision[] {
  return decisions.filter(({ kind, reason }) => kind === 'skip' && reason !== 'up-to-date')
}
