/** What CreateService and UpdateService refuse: what AWS refuses, and what Drydock does not have. */
import {
  AvailabilityZoneRebalancing,
  type CreateServiceRequest,
  DeploymentControllerType,
  PropagateTags,
  SchedulingStrategy,
  type UpdateServiceRequest,
} from '@aws-sdk/client-ecs'
import { requireOneOf } from './enums.ts'
import { invalidParameter, unsupported } from './errors.ts'

const MOST_TASKS = 5_000
const LONGEST_GRACE_SECONDS = 2 ** 31 - 1

type ServiceInput = Partial<CreateServiceRequest & UpdateServiceRequest>

/**
 * Throws InvalidParameterException for values that ECS does not know, and UnsupportedFeatureException for features
 * that Drydock would have to pretend.
 */
export function refuseUnsupported(input: ServiceInput): void {
  requireOneOf('propagateTags', input.propagateTags, PropagateTags)
  requireOneOf('schedulingStrategy', input.schedulingStrategy, SchedulingStrategy)
  requireOneOf('deploymentController.type', input.deploymentController?.type, DeploymentControllerType)
  const { availabilityZoneRebalancing } = input
  requireOneOf('availabilityZoneRebalancing', availabilityZoneRebalancing, AvailabilityZoneRebalancing)
  const controller = input.deploymentController?.type ?? 'ECS'
  if (controller !== 'ECS') throw unsupported(`The deployment controller ${controller}`)
  if (input.schedulingStrategy === 'DAEMON') {
    throw unsupported('The scheduling strategy DAEMON, which places a task on each container instance,')
  }
  const features = {
    'Service Connect': input.serviceConnectConfiguration?.enabled,
    'A volume configured at launch': input.volumeConfigurations?.length,
    'VPC Lattice': input.vpcLatticeConfigurations?.length,
    'A gateway connector': input.gatewayConnectors?.length,
  }
  const wanted = Object.entries(features).find(([, isWanted]) => isWanted)
  if (wanted) throw unsupported(wanted[0])
}

/** The grace period in seconds. Throws InvalidParameterException unless it is 0 to 2,147,483,647 (API Reference). */
export function parseGracePeriod(seconds: number | undefined, fallback?: number): number | undefined {
  const period = seconds ?? fallback
  if (period === undefined || (Number.isInteger(period) && period >= 0 && period <= LONGEST_GRACE_SECONDS))
    return period
  throw invalidParameter(`healthCheckGracePeriodSeconds must be between 0 and ${LONGEST_GRACE_SECONDS}.`)
}

/** The desired count. Throws InvalidParameterException unless it is 0 to 5,000 (Fargate service quotas). */
export function parseDesiredCount(count: number | undefined, fallback?: number): number {
  const desired = count ?? fallback
  if (desired === undefined)
    throw invalidParameter('desiredCount is required for services with REPLICA scheduling strategy.')
  if (!Number.isInteger(desired) || desired < 0) throw invalidParameter('desiredCount cannot be negative.')
  if (desired > MOST_TASKS) throw invalidParameter(`desiredCount cannot be more than ${MOST_TASKS}.`)
  return desired
}
