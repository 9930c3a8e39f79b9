/** Tells whether a task can serve now, and why not. */
import { formsOf } from './form.ts'
import type { Place, Publication, PublishedTask, Target } from './view.ts'

/** `why` is told to people, and does not change while nothing happens. */
export type Standing =
  | { readonly kind: 'serving' }
  /** ECS says when it runs. */
  | { readonly kind: 'starting' }
  /** It runs, and cannot be told yet. */
  | { readonly kind: 'not-ready'; readonly why: string }
  | { readonly kind: 'unhealthy'; readonly why: string }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'gone' }

/** ECS's `lastStatus` before RUNNING (ECS developer guide: Task lifecycle). */
const BEFORE = ['PROVISIONING', 'PENDING', 'ACTIVATING']

/** How a task stands at one target. */
export function standingOf(
  task: PublishedTask,
  publication: Publication,
  target: Target,
  place: Place,
): Standing {
  const life = lifeOf(task)
  if (life !== undefined) return life
  const health = healthOf(task)
  if (health !== undefined) return health
  const { main, lacks } = formsOf(task, publication, target, place)
  return main.length > 0 ? { kind: 'serving' } : { kind: 'not-ready', why: lacks }
}

function lifeOf({ desired, last }: PublishedTask): Standing | undefined {
  if (last === 'DELETED') return { kind: 'gone' }
  if (desired === 'STOPPED') return { kind: 'stopping' }
  if (last === 'RUNNING') return undefined
  return BEFORE.includes(last) ? { kind: 'starting' } : { kind: 'stopping' }
}

function healthOf({ health, isChecked, target }: PublishedTask): Standing | undefined {
  if (health === 'UNHEALTHY') return { kind: 'unhealthy', why: 'its container is unhealthy' }
  if (target === 'leaving') return { kind: 'stopping' }
  if (target === 'unhealthy') return { kind: 'unhealthy', why: 'its target is unhealthy' }
  if (isChecked && health !== 'HEALTHY') return { kind: 'not-ready', why: 'its container is not healthy yet' }
  if (target === 'initial') return { kind: 'not-ready', why: 'its target is not healthy yet' }
  return target === 'absent' ? { kind: 'not-ready', why: 'it is in no target group yet' } : undefined
}
