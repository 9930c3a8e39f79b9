/**
 * What a deployment that shifts traffic needs next: pure. Green is started beside blue, gets its traffic stage by stage,
 * and blue stops only when it has none any more. A rollback gives blue all traffic before it stops a task of green.
 */
import { type Crew, type CrewStep, crewSteps, isEmpty } from './crews.ts'
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import { dueHook, hooksState } from './hook-state.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { decideRollout, limitsOf } from './rollout.ts'
import type { ShiftRecord } from './shift-state.ts'
import { hasReached, stageAfter } from './stages.ts'
import type { ServiceRecord, TaskRecord } from './state.ts'

export type ShiftStep =
  | { readonly kind: 'do-stage-action' | 'begin-hooks' | 'enter-next-stage' }
  | { readonly kind: 'call-hook' | 'time-out-hook'; readonly hookId: string }

type Step = ShiftStep | CrewStep | { readonly kind: 'complete'; readonly deploymentId: string }

/**
 * The steps due at `now`; undefined where no traffic is being shifted, so that the service rolls. A deployment that has
 * failed without a rollback stays as it is, with the traffic as it is.
 */
export function planShift(
  service: ServiceRecord,
  primary: Crew,
  old: readonly Crew[],
  tasks: readonly TaskRecord[],
  now: number,
): Step[] | undefined {
  const [record] = service.serviceDeployments
  if (!record?.shift || primary.deployment.rolloutState === 'COMPLETED') return undefined
  if (primary.deployment.images !== 'resolved') return []
  const crews = [primary, ...old]
  const limits = limitsOf(service.desiredCount, service.deploymentConfiguration)
  const changes = crews.flatMap((crew) => {
    const keep = keepOf(service, record, record.shift, crew)
    return crewSteps(crew, decideRollout({ ...crew.counts, keep }, [], limits)[0])
  })
  if (changes.length) return changes
  const step = openServiceDeployment(service) && stageStep(service, record.shift, crews, tasks, now)
  return step ? [step] : []
}

/** How many tasks a crew shall have now. */
function keepOf(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  shift: ShiftRecord | undefined,
  { deployment, counts }: Crew,
): number {
  const live = counts.healthy + counts.unhealthy
  const isBlue = deployment.id === shift?.blueDeploymentId
  if (!shift || openServiceDeployment(service) !== record) return isBlue ? service.desiredCount : live
  if (shift.direction === 'back') {
    if (deployment.status === 'PRIMARY') return service.desiredCount
    return shift.stage === 'CLEAN_UP' ? 0 : live
  }
  if (deployment.status === 'PRIMARY') return hasReached(shift.stage, 'SCALE_UP') ? service.desiredCount : 0
  if (isBlue) return shift.stage === 'CLEAN_UP' ? 0 : service.desiredCount
  return shift.stage === 'RECONCILE_SERVICE' && shift.action === 'todo' ? live : 0
}

function stageStep(
  service: ServiceRecord,
  shift: ShiftRecord,
  crews: readonly Crew[],
  tasks: readonly TaskRecord[],
  now: number,
): Step | undefined {
  if (shift.action === 'todo')
    return mayAct(service, shift, crews, now) ? { kind: 'do-stage-action' } : undefined
  if (!shift.hooks) return { kind: 'begin-hooks' }
  const due = dueHook(shift, now)
  if (due) return due
  if (hooksState(shift) !== 'done' || (shift.waitUntil ?? 0) > now) return undefined
  if (!isMet(service, shift, crews, tasks)) return undefined
  const [primary] = crews
  if (stageAfter(shift) || !primary) return { kind: 'enter-next-stage' }
  return { kind: 'complete', deploymentId: primary.deployment.id }
}

/** One thing is asked at a time; and traffic goes back to where something answers, if anything there still can. */
function mayAct(service: ServiceRecord, shift: ShiftRecord, crews: readonly Crew[], now: number): boolean {
  if (shift.token !== undefined || (shift.retryAt ?? 0) > now) return false
  const isBack = shift.direction === 'back'
  if (!isBack && shift.stage !== 'RECONCILE_SERVICE') return true
  const blue = crews.find(({ deployment }) =>
    isBack ? deployment.status === 'PRIMARY' : deployment.id === shift.blueDeploymentId,
  )
  const isLost = !blue || blue.deployment.rolloutState === 'FAILED'
  return isLost || service.desiredCount === 0 || blue.counts.healthy > 0
}

/** What a stage waits for besides its hooks. */
function isMet(
  { desiredCount }: ServiceRecord,
  { stage, direction, blueDeploymentId }: ShiftRecord,
  [primary, ...old]: readonly Crew[],
  tasks: readonly TaskRecord[],
): boolean {
  const isWhole = primary !== undefined && primary.counts.healthy >= desiredCount
  if (stage === 'SCALE_UP') return isWhole
  if (stage === 'CLEAN_UP') return old.every(isEmpty) && (direction === 'forward' || isWhole)
  if (stage !== 'RECONCILE_SERVICE') return true
  const kept = [primary?.deployment.id, blueDeploymentId]
  return tasks.every(({ deploymentId }) => kept.includes(deploymentId))
}

/** When a shift is to be looked at again (milliseconds since the epoch). */
export function shiftTimes({ waitUntil, retryAt, hooks = [] }: ShiftRecord): number[] {
  const ofHooks = hooks.flatMap(({ status, callAt, expiresAt }) =>
    status === 'IN_PROGRESS' || status === 'AWAITING_ACTION' ? [callAt, expiresAt] : [],
  )
  return [waitUntil, retryAt, ...ofHooks].filter((at) => at !== undefined)
}
