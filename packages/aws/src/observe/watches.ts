/** The keys in a service's record by which the event of an alarm finds it. Pure. */
import { keysOfAlarmEvent } from '@capstan/core/alarm-ties.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { compileGlob } from '@capstan/core/pattern.ts'

/** A glob of the settings: an alarm that it matches is the service's from its first event on. */
const GLOB = 'glob:'

/** The watch keys of the settings' globs. */
export const globKeys = (globs: readonly string[]): string[] => globs.map((glob) => `${GLOB}${glob}`)

/** Whether one of `watches` leads from the alarm's event to the service. */
export function isWatchedBy(
  event: Pick<AlarmStateChanged, 'name' | 'metrics' | 'rule'>,
  watches: readonly string[],
): boolean {
  return watchesAny(watches, new Set(keysOfAlarmEvent(event)), [event.name])
}

/** The same of several alarms at once, by all their keys and all their names. */
export function watchesAny(
  watches: readonly string[],
  keys: ReadonlySet<string>,
  names: readonly string[],
): boolean {
  return watches.some((watch) => {
    if (!watch.startsWith(GLOB)) return keys.has(watch)
    return names.some(compileGlob(watch.slice(GLOB.length)))
  })
}

/**
 * A service's watch keys where its alarms were not looked at: what is seen of it now, and of what was known before
 * what only its alarms can tell.
 */
export function watchesKept(seen: readonly string[], before: readonly string[] = []): string[] {
  const kept = before.filter((watch) => /^(app|net|gwy)\/|^alarm:/.test(watch))
  return [...new Set([...seen, ...kept])].sort()
}
