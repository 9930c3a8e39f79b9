/** When somebody looks at a target again, because no event will tell that a task has become ready. */
import type { NameView } from './view.ts'
import { candidatesOf } from './want.ts'

/** How long a task is waited for, and how often it is looked at meanwhile, in milliseconds. Then the sweep does. */
const PACE = [
  { untilMs: 60_000, delayMs: 2000 },
  { untilMs: 300_000, delayMs: 10_000 },
] as const

/**
 * In how many milliseconds a target is looked at again: soon after its tasks began to run, later less often, then never.
 * `undefined` too where a look is under way already.
 */
export function needsLookAgain(view: NameView, now: number): number | undefined {
  const { lookAt = 0 } = view.record ?? {}
  if (view.place.kind === 'none' || lookAt > now) return undefined
  const delays = candidatesOf(view).flatMap(({ standing, task }) => {
    const ageMs = now - (task.startedAt ?? task.seenAt)
    // A target that fails its first checks may only be slow to start, and no event tells when it passes one.
    const isWaitedFor =
      standing.kind === 'not-ready' || (standing.kind === 'unhealthy' && task.target !== undefined)
    const pace = isWaitedFor ? PACE.find(({ untilMs }) => ageMs < untilMs) : undefined
    return pace === undefined ? [] : [pace.delayMs]
  })
  return delays.length === 0 ? undefined : Math.min(...delays)
}
