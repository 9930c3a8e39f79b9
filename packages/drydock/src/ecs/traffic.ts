/** Target groups between which traffic is shifted: which revision is in which, by which weights, and what AWS says of bad ones. */
import type { LoadBalancer } from '@aws-sdk/client-ecs'
import type { LoadBalancerUse, TaskSettings, TrafficConfiguration } from './state.ts'

/** A load balancer of a service as it was configured. */
export function configuredOf({
  targetGroupArn,
  containerName,
  containerPort,
  traffic,
}: LoadBalancerUse): LoadBalancer {
  if (!traffic) return { targetGroupArn, containerName, containerPort }
  const { targetGroupArn: configured, ...advancedConfiguration } = traffic
  return { targetGroupArn: configured, containerName, containerPort, advancedConfiguration }
}

/**
 * The settings with the target groups that a new revision's tasks are registered with: where traffic is shifted, those
 * that what serves now is not in; in a rolling deployment the same.
 */
export function settleTargetGroups(
  settings: TaskSettings,
  serving: TaskSettings | undefined,
  strategy: string | undefined,
): TaskSettings {
  if (!settings.loadBalancers) return settings
  const isShifted = strategy !== undefined && strategy !== 'ROLLING'
  const settle = (use: LoadBalancerUse): LoadBalancerUse => {
    if (!use.traffic) return use
    const now = serving?.loadBalancers?.find(({ targetGroupArn }) => isOneOf(targetGroupArn, use.traffic))
    if (!now) return use
    return {
      ...use,
      targetGroupArn: isShifted ? otherOf(now.targetGroupArn, use.traffic) : now.targetGroupArn,
    }
  }
  return { ...settings, loadBalancers: settings.loadBalancers.map(settle) }
}

const isOneOf = (arn: string, traffic: TrafficConfiguration | undefined) =>
  arn === traffic?.targetGroupArn || arn === traffic?.alternateTargetGroupArn

const otherOf = (arn: string, { targetGroupArn, alternateTargetGroupArn }: TrafficConfiguration) =>
  arn === targetGroupArn ? alternateTargetGroupArn : targetGroupArn

/** The load balancers by which traffic can be shifted to a revision. */
export const shiftable = ({ loadBalancers = [] }: Pick<TaskSettings, 'loadBalancers'>) =>
  loadBalancers.flatMap(({ targetGroupArn: green, traffic }) =>
    traffic ? [{ green, blue: otherOf(green, traffic), traffic }] : [],
  )

/** New weights of the target groups behind a rule or listener. */
export interface ListenerShift {
  /** Of a rule, or of a network load balancer's listener. */
  readonly arn: string
  readonly weights: Readonly<Record<string, number>>
}

/** The weights that give green its shares (percent) of the traffic; what is left out stays as it is. */
export function shiftsOf(
  settings: Pick<TaskSettings, 'loadBalancers'>,
  { production, test }: { readonly production?: number; readonly test?: number },
): ListenerShift[] {
  return shiftable(settings).flatMap(({ green, blue, traffic }) => {
    const { productionListenerRule, testListenerRule } = traffic
    return [
      ...(production === undefined
        ? []
        : [{ arn: productionListenerRule, weights: weightsOf(green, blue, production) }]),
      ...(test === undefined || !testListenerRule
        ? []
        : [{ arn: testListenerRule, weights: weightsOf(green, blue, test) }]),
    ]
  })
}

/** Weights are whole and below 1000: percentages where they are whole, thousandths where they are not. */
export function weightsOf(green: string, blue: string, percent: number): Record<string, number> {
  const whole = Number.isInteger(percent) ? 100 : 1000
  const share = Math.round((percent * whole) / 100)
  return { [green]: share, [blue]: whole - share }
}

/** The target groups that each rule or listener forwards to, with their weights; one that is gone is left out. */
export type ListenerSights = Readonly<Record<string, Readonly<Record<string, number>>>>

/** Why traffic cannot be shifted, in the words of AWS (Developer Guide: troubleshooting blue/green deployments). */
export function problemOf(
  settings: Pick<TaskSettings, 'loadBalancers'>,
  sights: ListenerSights,
): string | undefined {
  for (const { traffic } of shiftable(settings)) {
    const problem = problemOfOne(traffic, sights)
    if (problem) return problem
  }
  return undefined
}

function problemOfOne(traffic: TrafficConfiguration, sights: ListenerSights): string | undefined {
  const { targetGroupArn: first, alternateTargetGroupArn: second, productionListenerRule: rule } = traffic
  const production = sights[rule]
  const test = traffic.testListenerRule === undefined ? {} : sights[traffic.testListenerRule]
  if (!production || !test) return 'One or more rules not found.'
  const known = [...Object.keys(production), ...Object.keys(test)]
  if (!known.includes(first) || !known.includes(second))
    return 'Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule.'
  const [serving, ...more] = Object.keys(production).filter((arn) => production[arn])
  if (!serving || more.length) {
    const count = serving ? more.length + 1 : 0
    return (
      `productionListenerRule ${rule} should have exactly one target group serving traffic ` +
      `but found ${count} target groups which are serving traffic`
    )
  }
  if (isOneOf(serving, traffic)) return undefined
  return (
    `Production listener rule is forwarding traffic to unexpected target group ${serving}. Expected traffic to be ` +
    `forwarded to either targetGroupArn: ${first} or alternateTargetGroupArn: ${second}`
  )
}
