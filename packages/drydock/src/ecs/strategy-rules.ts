/** What a service may say of how it shifts traffic: strategies, hooks, target groups; with the errors of AWS. */
import {
  type AdvancedConfiguration,
  type DeploymentConfiguration,
  type DeploymentLifecycleHook,
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStage,
  DeploymentLifecycleHookTargetType,
  DeploymentStrategy,
  type LoadBalancer,
} from '@aws-sdk/client-ecs'
import { requireOneOf } from './enums.ts'
import { invalidParameter, unsupported } from './errors.ts'
import type { LoadBalancerUse, TrafficConfiguration } from './state.ts'

const DAY_MINUTES = 1_440
/** Developer Guide: pause hooks, configuration fields and constraints. */
const LONGEST_PAUSE_MINUTES = 20_160
const MOST_HOOKS = 10
const NO_PAUSE = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']

/**
 * Throws InvalidParameterException for a strategy with settings of another, or out of range (API Reference:
 * DeploymentConfiguration, CanaryConfiguration, LinearConfiguration).
 */
export function requireStrategy(
  configuration: DeploymentConfiguration,
  input: DeploymentConfiguration,
  before: DeploymentConfiguration | undefined,
): void {
  const { strategy, canaryConfiguration, linearConfiguration, lifecycleHooks = [] } = configuration
  requireOneOf('deploymentConfiguration.strategy', strategy, DeploymentStrategy)
  if (strategy === 'BLUE_GREEN' && input.bakeTimeInMinutes === undefined && before?.strategy !== 'BLUE_GREEN')
    throw invalidParameter('bakeTimeInMinutes is required when using the BLUE_GREEN deployment strategy')
  if (input.canaryConfiguration && strategy !== 'CANARY')
    throw invalidParameter('canaryConfiguration is only valid with the CANARY deployment strategy')
  if (input.linearConfiguration && strategy !== 'LINEAR')
    throw invalidParameter('linearConfiguration is only valid with the LINEAR deployment strategy')
  requirePercent('canaryPercent', canaryConfiguration?.canaryPercent, 0.1)
  requirePercent('stepPercent', linearConfiguration?.stepPercent, 3)
  requireMinutes('canaryBakeTimeInMinutes', canaryConfiguration?.canaryBakeTimeInMinutes, 0, DAY_MINUTES)
  requireMinutes('stepBakeTimeInMinutes', linearConfiguration?.stepBakeTimeInMinutes, 0, DAY_MINUTES)
  if (input.lifecycleHooks?.length && strategy === 'ROLLING')
    throw unsupported('A lifecycle hook of a rolling deployment')
  requireHooks(lifecycleHooks)
}

function requirePercent(name: string, percent: number | undefined, least: number): void {
  if (percent === undefined || percent === null) return
  const isTenth = Math.abs(percent * 10 - Math.round(percent * 10)) < 1e-9
  if (!isTenth || percent < least || percent > 100)
    throw invalidParameter(`${name} must be a multiple of 0.1 from ${least.toFixed(1)} to 100.0`)
}

function requireMinutes(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || value === null) return
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalidParameter(`${name} must be between ${least} and ${most}`)
}

function requireHooks(hooks: readonly DeploymentLifecycleHook[]): void {
  for (const hook of hooks) requireHook(hook)
  for (const type of Object.values(DeploymentLifecycleHookTargetType)) {
    const own = hooks.filter(({ targetType = 'AWS_LAMBDA' }) => targetType === type)
    if (own.length > MOST_HOOKS)
      throw invalidParameter(`At most ${MOST_HOOKS} lifecycle hooks of type ${type} can be specified`)
  }
}

function requireHook(hook: DeploymentLifecycleHook): void {
  const {
    targetType = 'AWS_LAMBDA',
    hookTargetArn,
    roleArn,
    lifecycleStages = [],
    timeoutConfiguration,
  } = hook
  requireOneOf('targetType', targetType, DeploymentLifecycleHookTargetType)
  if (!lifecycleStages.length)
    throw invalidParameter('lifecycleStages must not be empty for a lifecycle hook')
  for (const stage of lifecycleStages) requireOneOf('lifecycleStages', stage, DeploymentLifecycleHookStage)
  requireOneOf('timeoutConfiguration.action', timeoutConfiguration?.action, DeploymentLifecycleHookAction)
  const isPause = targetType === 'PAUSE'
  const longest = isPause ? LONGEST_PAUSE_MINUTES : DAY_MINUTES
  requireMinutes('timeoutInMinutes', timeoutConfiguration?.timeoutInMinutes, 1, longest)
  if (isPause) requirePause(hook)
  else if (!hookTargetArn || !roleArn)
    throw invalidParameter('hookTargetArn and roleArn are required for AWS_LAMBDA lifecycle hooks')
  else if (!/^arn:[^:]+:lambda:[^:]+:\d{12}:function:.+$/.test(hookTargetArn))
    throw invalidParameter(`hookTargetArn has an invalid ARN format: ${hookTargetArn}`)
}

function requirePause({ hookTargetArn, roleArn, lifecycleStages = [] }: DeploymentLifecycleHook): void {
  if (hookTargetArn || roleArn)
    throw invalidParameter('hookTargetArn and roleArn are not allowed for PAUSE lifecycle hooks')
  const stage = lifecycleStages.find((each) => NO_PAUSE.includes(each))
  if (stage) throw invalidParameter(`PAUSE lifecycle hooks cannot be configured at ${stage}`)
}

/** Throws InvalidParameterException where a strategy needs load balancers between which it can shift. */
export function requireAdvanced(
  { strategy }: DeploymentConfiguration,
  uses: readonly LoadBalancerUse[],
): void {
  if (strategy === undefined || strategy === 'ROLLING') return
  if (uses.some(({ traffic }) => !traffic)) {
    throw invalidParameter(
      'advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy',
    )
  }
  if (!uses.length && strategy !== 'BLUE_GREEN')
    throw invalidParameter(`loadBalancers are required when using the ${strategy} deployment strategy`)
}

/** Throws InvalidParameterException for load balancers that do not go together (Developer Guide: troubleshooting). */
export function requireAlike(loadBalancers: readonly LoadBalancer[]): void {
  const classic = loadBalancers.filter(({ loadBalancerName }) => loadBalancerName)
  const advanced = loadBalancers.filter(({ advancedConfiguration }) => advancedConfiguration)
  if (classic.some(({ advancedConfiguration }) => advancedConfiguration))
    throw invalidParameter('advancedConfiguration field is not allowed with ELBv1 loadBalancers')
  if (advanced.length > 0 && advanced.length < loadBalancers.length) {
    throw invalidParameter(
      'Either all or none of the provided loadBalancers must have advancedConfiguration defined',
    )
  }
  const groups = advanced.flatMap(({ targetGroupArn = '', advancedConfiguration }) => [
    targetGroupArn,
    advancedConfiguration?.alternateTargetGroupArn ?? '',
  ])
  const twice = groups.find((arn, index) => groups.indexOf(arn) < index)
  if (twice) throw invalidParameter(`Duplicate targetGroupArn found: ${twice}`)
  const rulesOf = (key: 'productionListenerRule' | 'testListenerRule') =>
    advanced.flatMap(({ advancedConfiguration }) => advancedConfiguration?.[key] ?? [])
  const both = rulesOf('productionListenerRule').filter((rule) => rulesOf('testListenerRule').includes(rule))
  if (both.length) {
    throw invalidParameter(
      `The following rules cannot be used as both production and test listener rules: ${both.join(', ')}`,
    )
  }
}

/** How traffic is shifted to a target group and back. Throws InvalidParameterException. */
export function parseTraffic(targetGroupArn: string, advanced: AdvancedConfiguration): TrafficConfiguration {
  const { alternateTargetGroupArn, productionListenerRule, testListenerRule, roleArn } = advanced
  if (!alternateTargetGroupArn || !productionListenerRule || !roleArn) {
    throw invalidParameter(
      'alternateTargetGroupArn, productionListenerRule and roleArn are required in advancedConfiguration',
    )
  }
  requireListener('productionListenerRule', productionListenerRule)
  if (testListenerRule) requireListener('testListenerRule', testListenerRule)
  return {
    targetGroupArn,
    alternateTargetGroupArn,
    productionListenerRule,
    ...(testListenerRule && { testListenerRule }),
    roleArn,
  }
}

const RULE_OR_LISTENER =
  /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:(listener-rule\/app|listener\/net)\/.+$/

function requireListener(name: string, arn: string): void {
  if (RULE_OR_LISTENER.test(arn)) return
  throw invalidParameter(
    `${name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: ${arn}`,
  )
}
