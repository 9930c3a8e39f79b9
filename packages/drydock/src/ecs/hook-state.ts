/** Lifecycle hooks of a stage: which is due, and what they have come to. Pure. */
import type { HookRecord, ShiftRecord } from './shift-state.ts'

/** Whether a hook is still waited for. */
export const isPending = ({ status }: HookRecord) => status === 'IN_PROGRESS' || status === 'AWAITING_ACTION'

/** Whether a hook lets the deployment fail. */
export const hasFailed = ({ status, timeoutAction }: HookRecord) =>
  status === 'FAILED' || (status === 'TIMED_OUT' && timeoutAction === 'ROLLBACK')

/**
 * What the hooks of a stage have come to: one that fails is enough, whatever the others do (Developer Guide: pause
 * hooks, multiple hooks at the same stage). A rollback goes on whatever its hooks say.
 */
export function hooksState({ hooks = [], direction }: ShiftRecord): 'failed' | 'pending' | 'done' {
  if (direction === 'forward' && hooks.some(hasFailed)) return 'failed'
  return hooks.some(isPending) ? 'pending' : 'done'
}

/** The next hook that has run out of time, or is to be called. */
export function dueHook(
  { hooks = [] }: ShiftRecord,
  now: number,
): { readonly kind: 'call-hook' | 'time-out-hook'; readonly hookId: string } | undefined {
  const pending = hooks.filter(isPending)
  const late = pending.find(({ expiresAt }) => expiresAt <= now)
  if (late) return { kind: 'time-out-hook', hookId: late.id }
  const due = pending.find(({ callAt = Infinity }) => callAt <= now)
  return due && { kind: 'call-hook', hookId: due.id }
}
