/** The errors of ECS, worded as the service words them. */
import * as ecs from '@aws-sdk/client-ecs'
import { AwsError } from '../wire/errors.ts'

export const invalidParameter = (message: string) =>
  new ecs.InvalidParameterException({ message, $metadata: {} })
export const clientError = (message: string) => new ecs.ClientException({ message, $metadata: {} })
export const clusterNotFound = (message = 'Cluster not found.') =>
  new ecs.ClusterNotFoundException({ message, $metadata: {} })
export const serviceNotFound = () =>
  new ecs.ServiceNotFoundException({ message: 'Service not found.', $metadata: {} })
export const serviceNotActive = () =>
  new ecs.ServiceNotActiveException({ message: 'Service was not ACTIVE.', $metadata: {} })
export const serviceDeploymentNotFound = () =>
  new ecs.ServiceDeploymentNotFoundException({ message: 'Service deployment not found.', $metadata: {} })
export const conflict = (message: string) => new ecs.ConflictException({ message, $metadata: {} })
export const platformUnknown = () =>
  new ecs.PlatformUnknownException({ message: 'The specified platform does not exist.', $metadata: {} })
export const resourceNotFound = (message: string) =>
  new ecs.ResourceNotFoundException({ message, $metadata: {} })

/** For what ECS has and Drydock has not: the operation says that it cannot, rather than pretend. */
export const unsupported = (message: string) =>
  new ecs.UnsupportedFeatureException({ message: `${message} is not supported by Drydock.`, $metadata: {} })

/** As `unsupported`, for operations that have no UnsupportedFeatureException. */
export const notImplemented = (message: string) =>
  new AwsError('NotImplementedException', `${message} is not supported by Drydock.`, { status: 501 })
