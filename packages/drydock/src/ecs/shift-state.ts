/**
 * What ECS keeps of a deployment that shifts traffic (BLUE_GREEN, LINEAR, CANARY), as plain JSON. The target revision is
 * called green, what served before it blue (Developer Guide: blue/green service deployments workflow).
 */
import type {
  DeploymentLifecycleHookAction,
  DeploymentLifecycleHookStatus,
  ServiceDeploymentLifecycleStage,
} from '@aws-sdk/client-ecs'

/** One stage is documented and missing in the model's list. */
export type Stage = ServiceDeploymentLifecycleStage | 'PRE_PRODUCTION_TRAFFIC_SHIFT'

export interface HookRecord {
  readonly id: string
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE'
  readonly targetArn?: string
  status: DeploymentLifecycleHookStatus
  readonly expiresAt: number
  readonly timeoutAction: DeploymentLifecycleHookAction
  /** What a function is given, and gives back from call to call. */
  details?: object
  /** When a function is to be called; absent while its answer is awaited, and when it is done. */
  callAt?: number
  /** Why it failed, in the words of AWS. */
  reason?: string
}

export interface ShiftRecord {
  stage: Stage
  /** `back`: the deployment is rolled back. */
  direction: 'forward' | 'back'
  /** The percentages of production traffic that green is to get, in turn, and which of them is next. */
  readonly steps: readonly number[]
  step: number
  readonly blueDeploymentId?: string
  readonly blueRevisionId?: string
  /** Whether the stage's look at or change of listeners is done. */
  action: 'todo' | 'done'
  /** Of what is asked of the load balancer and not answered: nothing else is asked meanwhile. */
  token?: string
  /** Whether that was asked for a stage which was left since. */
  isLeft?: boolean
  /** When a rollback's change of listeners is tried again. */
  retryAt?: number
  /** The hooks of the stage; absent until they have begun. */
  hooks?: HookRecord[]
  /** The stage does not end before this. */
  waitUntil?: number
  /** Whether green was ever to get traffic: else nothing has to be taken back. */
  isTouched?: boolean
  /** Green's share of the traffic in percent, as the load balancers have confirmed it. */
  production: number
  test: number
  /** Why the load balancers make the deployment fail. */
  refusal?: string
}
