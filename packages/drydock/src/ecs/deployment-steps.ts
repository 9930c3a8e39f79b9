/** What a deployment needs before its tasks are counted: to be stopped, failed, prepared, or its alarms looked at. */
import { isTripped } from './breaker.ts'
import { nextAlarmLook } from './deployment-alarms.ts'
import {
  alarmDetected,
  breakerTripped,
  type FailureCause,
  shiftFailed,
  stopRequested,
} from './failure-causes.ts'
import { hasFailed, hooksState } from './hook-state.ts'
import { openServiceDeployment } from './open-deployment.ts'
import type { ShiftRecord } from './shift-state.ts'
import { shiftTimes } from './shift-steps.ts'
import type { DeploymentRecord, ServiceRecord } from './state.ts'

export type DeploymentStep =
  | { readonly kind: 'resolve-images'; readonly deploymentId: string }
  | { readonly kind: 'fail'; readonly deploymentId: string; readonly cause: FailureCause }
  | { readonly kind: 'look-at-alarms' }

/** The first such step of the PRIMARY deployment that is due at `now`. */
export function deploymentStep(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  now: number,
): DeploymentStep | undefined {
  const { id: deploymentId, images } = deployment
  const cause = causeOf(service, deployment)
  if (cause) return { kind: 'fail', deploymentId, cause }
  if (images === 'unresolved') return { kind: 'resolve-images', deploymentId }
  return isLookDue(service, now) ? { kind: 'look-at-alarms' } : undefined
}

/** Why the deployment ends without success, if it does. */
function causeOf(service: ServiceRecord, deployment: DeploymentRecord): FailureCause | undefined {
  const { status, alarms, shift } = openServiceDeployment(service) ?? {}
  if (status === 'ROLLBACK_REQUESTED' || status === 'STOP_REQUESTED')
    return stopRequested(status === 'ROLLBACK_REQUESTED')
  // What traffic is given back to was complete: it goes on replacing its tasks, however often they fail.
  if (shift?.direction !== 'back' && isTripped(service, deployment)) {
    const { deploymentCircuitBreaker } = service.deploymentConfiguration
    return breakerTripped(deploymentCircuitBreaker?.rollback === true)
  }
  if (status !== 'IN_PROGRESS') return undefined
  const because = shift && problemOfShift(shift)
  if (because !== undefined) return shiftFailed(because)
  return alarms?.triggered.length ? alarmDetected(alarms.triggered, alarms.rollback) : undefined
}

/** Why traffic cannot be shifted on, in the words of AWS. */
function problemOfShift(shift: ShiftRecord): string | undefined {
  if (shift.refusal !== undefined) return `of invalid networking configuration. ${shift.refusal}`
  if (hooksState(shift) !== 'failed') return undefined
  const failed = (shift.hooks ?? []).find(hasFailed)
  return `${shift.stage} lifecycle hook(s) failed. ${failed?.reason ?? ''}`.trim()
}

function isLookDue(service: ServiceRecord, now: number): boolean {
  const open = openServiceDeployment(service)
  return ((open && nextAlarmLook(open)) ?? Infinity) <= now
}

/** When a service is to be looked at for the sake of its service deployment. */
export function deploymentTimes(service: ServiceRecord): number[] {
  const open = openServiceDeployment(service)
  if (!open) return []
  const times = [nextAlarmLook(open), open.bakeEndsAt].filter((at) => at !== undefined)
  return [...times, ...(open.shift ? shiftTimes(open.shift) : [])]
}
