/** The errors of Elastic Load Balancing, worded as the service words them. */
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { AwsError } from '../wire/errors.ts'

/** Common Errors: what no modelled error of the operation says. */
export const validation = (message: string) => new AwsError('ValidationError', message)

export const loadBalancerNotFound = (arn?: string) =>
  new elb.LoadBalancerNotFoundException({
    message: arn ? `Load balancer '${arn}' not found` : 'One or more load balancers not found',
    $metadata: {},
  })
export const targetGroupNotFound = () =>
  new elb.TargetGroupNotFoundException({ message: 'One or more target groups not found', $metadata: {} })
export const listenerNotFound = () =>
  new elb.ListenerNotFoundException({ message: 'One or more listeners not found', $metadata: {} })
export const ruleNotFound = () =>
  new elb.RuleNotFoundException({ message: 'One or more rules not found', $metadata: {} })
export const notPermitted = (message: string) =>
  new elb.OperationNotPermittedException({ message, $metadata: {} })
export const inUse = (message: string) => new elb.ResourceInUseException({ message, $metadata: {} })
export const invalidConfiguration = (message: string) =>
  new elb.InvalidConfigurationRequestException({ message, $metadata: {} })
export const invalidTarget = (message: string) => new elb.InvalidTargetException({ message, $metadata: {} })
export const invalidAction = (message: string) =>
  new elb.InvalidLoadBalancerActionException({ message, $metadata: {} })
export const incompatible = (message: string) =>
  new elb.IncompatibleProtocolsException({ message, $metadata: {} })
export const unsupportedProtocol = (message: string) =>
  new elb.UnsupportedProtocolException({ message, $metadata: {} })

/** For what the service has and Drydock has not: it says that it cannot, rather than pretend. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplementedException', `${what} not supported by Drydock.`, { status: 501 })

/** Throws unless the value is absent or a whole number in the range. */
export function assertRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  throw validation(`${name} must be between '${least}' and '${most}'`)
}

/** Throws unless the value is absent or one of those. */
export function assertOneOf(name: string, value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || allowed.includes(value)) return
  throw validation(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  )
}
