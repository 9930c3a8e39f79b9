/** The keys in a service's record by which the event of an alarm finds it. Pure. */
import { keysOfAlarmEvent } from '@capstan/core/alarm-ties.ts'
import type { AlarmStateChanged } from '@capstan/core/events.ts'
import { compileGlob } from '@capstan/core/pattern.ts'

/** A glob of the settings: an alarm that it matches is the service's from its first event on. */
const GLOB = 'glob:'

/** The watch keys of the settings' globs. */
export const globKeys = (globs: readonly string[]): string[] => globs.map((glob) => `${GLOB}${glob}`)

/** Whether one of `watches` leads from the alarm, listed or in its event, to the service. */
export function isWatchedBy(
  alarm: Pick<AlarmStateChanged, 'name' | 'metrics' | 'rule'>,
  watches: readonly string[],
): boolean {
  const keys = keysOfAlarmEvent(alarm)
  return watches.some((watch) =>
    watch.startsWith(GLOB) ? compileGlob(watch.slice(GLOB.length))(alarm.name) : keys.includes(watch),
  )
}

/**
 * A service's watch keys where its alarms were not looked at: what is seen of it now, and of what was known before
 * what only its alarms can tell.
 */
export function watchesKept(seen: readonly string[], before: readonly string[] = []): string[] {
  const kept = before.filter((watch) => /^(app|net|gwy)\/|^alarm:/.test(watch))
  return [...new Set([...seen, ...kept])].sort()
}
