/**
 * The bake time of a rolling deployment: how long it stays IN_PROGRESS, and is watched, when all its tasks are healthy
 * and no older ones are left (Developer Guide: how CloudWatch alarms detect Amazon ECS deployment failures).
 */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import { invalidParameter } from './errors.ts'
import { openServiceDeployment } from './open-deployment.ts'
import type { DeploymentRecord, ServiceRecord } from './state.ts'

const LONGEST_BAKE_MINUTES = 1_440

/** Throws InvalidParameterException unless the bake time is 0 to 1440 minutes (API Reference: DeploymentConfiguration). */
export function requireBakeTime({ bakeTimeInMinutes = 0 }: DeploymentConfiguration): void {
  const isFine = Number.isInteger(bakeTimeInMinutes) && bakeTimeInMinutes >= 0
  if (!isFine || bakeTimeInMinutes > LONGEST_BAKE_MINUTES)
    throw invalidParameter(`bakeTimeInMinutes must be between 0 and ${LONGEST_BAKE_MINUTES}.`)
}

/** Whether a PRIMARY deployment that has all it needs still has to bake. A rollback does not. */
export function bakeOf(
  service: ServiceRecord,
  { id }: DeploymentRecord,
  now: number,
): 'none' | 'to-begin' | 'baking' | 'done' {
  const open = openServiceDeployment(service)
  if (open?.deploymentId !== id || open.status !== 'IN_PROGRESS' || open.shift) return 'none'
  if (open.bakeEndsAt !== undefined) return open.bakeEndsAt <= now ? 'done' : 'baking'
  return bakeMsOf(open) === 0 ? 'none' : 'to-begin'
}

/** How long it bakes; undefined until the alarms have been looked at, from which it may be computed. */
export function bakeMsOf({ configuration, alarms }: ServiceDeploymentRecord): number | undefined {
  const { bakeTimeInMinutes } = configuration
  if (bakeTimeInMinutes) return bakeTimeInMinutes * 60_000
  if (!alarms || alarms.phase === 'ignored') return 0
  return alarms.phase === 'new' ? undefined : alarms.bakeMs
}
