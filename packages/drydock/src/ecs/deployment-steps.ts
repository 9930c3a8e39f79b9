/** What a deployment needs before its tasks are counted: to be stopped, failed, prepared, or its alarms looked at. */
import { isTripped } from './breaker.ts'
import { nextAlarmLook } from './deployment-alarms.ts'
import { openServiceDeployment } from './open-deployment.ts'
import type { DeploymentRecord, ServiceRecord } from './state.ts'

export type DeploymentStep =
  | { readonly kind: 'resolve-images' | 'fail'; readonly deploymentId: string }
  | { readonly kind: 'stop-deployment'; readonly deploymentId: string; readonly isRolledBack: boolean }
  | {
      readonly kind: 'fail-alarmed'
      readonly deploymentId: string
      readonly names: readonly string[]
      readonly isRolledBack: boolean
    }
  | { readonly kind: 'look-at-alarms' }

/** The first such step of the PRIMARY deployment that is due at `now`. */
export function deploymentStep(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  now: number,
): DeploymentStep | undefined {
  const { id: deploymentId, images } = deployment
  const { status, alarms } = openServiceDeployment(service) ?? {}
  if (status === 'ROLLBACK_REQUESTED' || status === 'STOP_REQUESTED')
    return { kind: 'stop-deployment', deploymentId, isRolledBack: status === 'ROLLBACK_REQUESTED' }
  if (isTripped(service, deployment)) return { kind: 'fail', deploymentId }
  if (images === 'unresolved') return { kind: 'resolve-images', deploymentId }
  if (status !== 'IN_PROGRESS' || !alarms) return undefined
  if (alarms.triggered.length)
    return { kind: 'fail-alarmed', deploymentId, names: alarms.triggered, isRolledBack: alarms.rollback }
  return isLookDue(service, now) ? { kind: 'look-at-alarms' } : undefined
}

function isLookDue(service: ServiceRecord, now: number): boolean {
  const open = openServiceDeployment(service)
  return ((open && nextAlarmLook(open)) ?? Infinity) <= now
}

/** When a service is to be looked at for the sake of its service deployment. */
export function deploymentTimes(service: ServiceRecord): number[] {
  const open = openServiceDeployment(service)
  if (!open) return []
  return [nextAlarmLook(open), open.bakeEndsAt].filter((at) => at !== undefined)
}
