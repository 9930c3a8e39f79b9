/**
 * When a composite alarm's actions are held back by its suppressor. Pure. Source: CloudWatch User Guide, "Suppressing
 * composite alarm actions", with its six examples.
 */
import type { StateValue, Suppression, Suppressor } from './state.ts'

/** After the composite alarm itself has changed: what was running is discarded, and begins anew. */
export function afterTransition(
  { waitSeconds }: Suppressor,
  suppressorState: StateValue | undefined,
  now: number,
): Suppression | undefined {
  if (suppressorState === 'ALARM') return { by: 'Alarm' }
  return waitSeconds > 0 ? { by: 'WaitPeriod', until: now + waitSeconds * 1000 } : undefined
}

/**
 * After the suppressor has changed. Where nothing is held back the actions have been taken, and nothing is held back
 * any more.
 */
export function afterSuppressor(
  current: Suppression | undefined,
  { extensionSeconds }: Suppressor,
  suppressorState: StateValue,
  now: number,
): Suppression | undefined {
  if (!current) return undefined
  if (suppressorState === 'ALARM') return { by: 'Alarm' }
  if (current.by !== 'Alarm') return current
  return extensionSeconds > 0 ? { by: 'ExtensionPeriod', until: now + extensionSeconds * 1000 } : undefined
}

/** After time has passed. */
export function afterTime(current: Suppression | undefined, now: number): Suppression | undefined {
  return current && current.by !== 'Alarm' && current.until <= now ? undefined : current
}
