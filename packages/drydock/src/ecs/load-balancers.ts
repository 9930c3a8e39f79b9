/** What CreateService and UpdateService may say of load balancers, and what ECS asks before it believes them. */
import type { LoadBalancer, TaskDefinition } from '@aws-sdk/client-ecs'
import type { ServiceRequest, TargetGroupFacts } from './effects.ts'
import { invalidParameter, unsupported } from './errors.ts'
import type { EcsContext, LoadBalancerUse, TaskSettings } from './state.ts'
import { parseTraffic, requireAlike } from './strategy-rules.ts'
import { definitionOf } from './task-steps.ts'

/** Developer Guide: registering multiple target groups with a service. */
const MOST_TARGET_GROUPS = 5

/**
 * The load balancers of a service whose tasks have that definition. Throws InvalidParameterException where they name a
 * container or port that it does not have, and UnsupportedFeatureException for a Classic Load Balancer.
 */
export function parseLoadBalancers(
  loadBalancers: readonly LoadBalancer[],
  definition: TaskDefinition,
): LoadBalancerUse[] {
  if (loadBalancers.length > MOST_TARGET_GROUPS)
    throw invalidParameter(`At most ${MOST_TARGET_GROUPS} target groups can be specified for a service.`)
  requireAlike(loadBalancers)
  return loadBalancers.map((each) => parseLoadBalancer(each, definition))
}

function parseLoadBalancer(
  { targetGroupArn, loadBalancerName, containerName, containerPort, advancedConfiguration }: LoadBalancer,
  definition: TaskDefinition,
): LoadBalancerUse {
  if (targetGroupArn && loadBalancerName)
    throw invalidParameter('Both targetGroupArn and loadBalancerName cannot be specified.')
  if (loadBalancerName) throw unsupported('A Classic Load Balancer of a service')
  if (!targetGroupArn) throw invalidParameter('Target group ARN can not be blank.')
  if (!containerName) throw invalidParameter('Container Name can not be blank.')
  if (containerPort === undefined) throw invalidParameter('Container Port can not be blank.')
  requirePort(definition, containerName, containerPort)
  const traffic = advancedConfiguration && parseTraffic(targetGroupArn, advancedConfiguration)
  return { targetGroupArn, containerName, containerPort, ...(traffic && { traffic }) }
}

/** Throws InvalidParameterException unless the container has that port, and over TCP. */
export function requirePort(definition: TaskDefinition, containerName: string, containerPort: number): void {
  const container = definitionOf(definition, containerName)
  if (!container)
    throw invalidParameter(`The container ${containerName} does not exist in the task definition.`)
  const mapping = container.portMappings?.find((each) => each.containerPort === containerPort)
  if (!mapping)
    throw invalidParameter(
      `The container ${containerName} did not have a container port ${containerPort} defined.`,
    )
  if (mapping.protocol === 'udp') throw unsupported('A UDP port behind a load balancer')
}

/** All target groups that tasks may be registered with. */
const groupsOf = ({ targetGroupArn, traffic }: LoadBalancerUse) =>
  traffic ? [traffic.targetGroupArn, traffic.alternateTargetGroupArn] : [targetGroupArn]

/** Awaits what the host knows of target groups and service registries; the request is then done by `receive`. */
export function askOfOthers<T>(
  context: EcsContext,
  request: ServiceRequest,
  { loadBalancers = [], registries = [] }: TaskSettings,
): Promise<T> {
  const token = context.newUuid()
  const targetGroupArns = [...new Set(loadBalancers.flatMap(groupsOf))]
  const registryArns = registries.map(({ registryArn }) => registryArn)
  context.ask({ kind: 'inspect-target-groups', token, request, targetGroupArns, registryArns })
  return context.defer(token)
}

/**
 * Throws InvalidParameterException for target groups that no task of the definition can be registered with: they must
 * exist, belong to a load balancer, and have addresses as targets where tasks have their own (API Reference:
 * LoadBalancer).
 */
export function requireTargetGroups(
  uses: readonly LoadBalancerUse[],
  groups: Readonly<Record<string, TargetGroupFacts>>,
  { networkMode = 'bridge', family = '' }: TaskDefinition,
): void {
  for (const arn of uses.flatMap(groupsOf)) {
    const group = groups[arn]
    if (!group) throw invalidParameter('The specified target group does not exist.')
    if (!group.hasLoadBalancer)
      throw invalidParameter(
        `The target group with targetGroupArn ${arn} does not have an associated load balancer.`,
      )
    if ((networkMode === 'awsvpc') !== (group.targetType === 'ip')) {
      throw invalidParameter(
        `The provided target group ${arn} has target type ${group.targetType}, which is incompatible with the ` +
          `${networkMode} network mode specified in the task definition. "${family}"`,
      )
    }
    if (group.targetType === 'instance') throw unsupported('A target group of instances')
  }
}
