/** The lifecycle stages of a deployment that shifts traffic: which follows which, and what is done in it. Pure. */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs'
import type { ShiftRecord, Stage } from './shift-state.ts'

const FORWARD: readonly Stage[] = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
]

/** A rollback has no stages of its own: it goes through those in which traffic is shifted (Developer Guide). */
const BACK: readonly Stage[] = ['PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT', 'CLEAN_UP']

/** The stage with which a rollback begins. */
export const FIRST_STAGE_BACK: Stage = 'PRODUCTION_TRAFFIC_SHIFT'

/** API Reference: CanaryConfiguration, LinearConfiguration. */
const DEFAULT_CANARY = { percent: 5, bakeMinutes: 10 }
const DEFAULT_LINEAR = { percent: 10, bakeMinutes: 6 }

/** The shares of production traffic that green gets, in percent, one after the other; the last is 100. */
export function productionSteps({
  strategy,
  canaryConfiguration,
  linearConfiguration,
}: DeploymentConfiguration): number[] {
  if (strategy === 'CANARY') {
    const { canaryPercent = DEFAULT_CANARY.percent } = canaryConfiguration ?? {}
    return canaryPercent < 100 ? [canaryPercent, 100] : [100]
  }
  if (strategy !== 'LINEAR') return [100]
  const { stepPercent = DEFAULT_LINEAR.percent } = linearConfiguration ?? {}
  const count = Math.ceil(Math.round(1000 / stepPercent) / 10 - 1e-9) || 1
  const steps = Array.from({ length: count }, (_, index) => Math.round(stepPercent * (index + 1) * 10) / 10)
  return [...steps.filter((percent) => percent < 100), 100]
}

type Position = Pick<ShiftRecord, 'stage' | 'step' | 'steps' | 'direction'>

/** What follows a stage; undefined after the last. Before each step of production traffic its hooks run anew. */
export function stageAfter({
  stage,
  step,
  steps,
  direction,
}: Position): { stage: Stage; step: number } | undefined {
  const isBetween = direction === 'forward' && stage === 'PRODUCTION_TRAFFIC_SHIFT' && step + 1 < steps.length
  if (isBetween) return { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', step: step + 1 }
  const order = direction === 'forward' ? FORWARD : BACK
  const next = order[order.indexOf(stage) + 1]
  return next && { stage: next, step }
}

/** Whether a deployment has come at least so far. */
export const hasReached = (stage: Stage, least: Stage) => FORWARD.indexOf(stage) >= FORWARD.indexOf(least)

/** What a stage does with the listeners: it looks at them, or gives green a share of the traffic (percent). */
export type StageAction =
  | { readonly kind: 'inspect' }
  | { readonly kind: 'shift'; readonly production?: number; readonly test?: number }

export function actionOf({ stage, step, steps, direction }: Position): StageAction | undefined {
  const isForward = direction === 'forward'
  switch (stage) {
    case 'RECONCILE_SERVICE':
      return { kind: 'shift', production: 0, test: 0 }
    case 'PRE_SCALE_UP':
      return { kind: 'inspect' }
    case 'TEST_TRAFFIC_SHIFT':
      return { kind: 'shift', test: isForward ? 100 : 0 }
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return { kind: 'shift', production: isForward ? (steps[step] ?? 100) : 0 }
    default:
      return undefined
  }
}

/** How long a stage lasts at least when its action is done, in milliseconds. */
export function waitMsOf(
  { stage, step, steps, direction }: Position,
  configuration: DeploymentConfiguration,
): number {
  if (direction === 'back') return 0
  if (stage === 'BAKE_TIME') return minutes(configuration.bakeTimeInMinutes ?? 0)
  if (stage !== 'PRODUCTION_TRAFFIC_SHIFT' || step + 1 >= steps.length) return 0
  const { strategy, canaryConfiguration, linearConfiguration } = configuration
  return minutes(
    strategy === 'CANARY'
      ? (canaryConfiguration?.canaryBakeTimeInMinutes ?? DEFAULT_CANARY.bakeMinutes)
      : (linearConfiguration?.stepBakeTimeInMinutes ?? DEFAULT_LINEAR.bakeMinutes),
  )
}

const minutes = (count: number) => count * 60_000
