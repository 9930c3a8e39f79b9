/**
 * Lifecycle hooks: functions that ECS calls, and pauses that wait for ContinueServiceDeployment (Developer Guide: Lambda
 * hooks and pause hooks for Amazon ECS service deployments).
 */
import type { DeploymentLifecycleHook, DeploymentLifecycleHookStatus } from '@aws-sdk/client-ecs'
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import type { HookReport } from './effects.ts'
import { isPending } from './hook-state.ts'
import { serviceDeploymentArn, serviceRevisionArn } from './names.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { HOOK_AGAIN_SECONDS } from './pace.ts'
import type { HookRecord, ShiftRecord } from './shift-state.ts'
import type { EcsContext, ServiceRecord } from './state.ts'
import { lookAtService } from './task-changes.ts'

const USUAL_TIMEOUT_MINUTES = 1_440

/** Begins all hooks of the stage at once. In a rollback only functions are called again. */
export function beginHooks(
  context: EcsContext,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): void {
  const { shift, configuration } = record
  if (!shift) return
  const { stage, direction } = shift
  const wanted = (configuration.lifecycleHooks ?? []).filter(
    ({ lifecycleStages = [], targetType }) =>
      lifecycleStages.some((each) => each === stage) && (direction === 'forward' || targetType !== 'PAUSE'),
  )
  shift.hooks = wanted.map((hook) => newHook(context, hook))
  for (const hook of shift.hooks) announceHook(context, service, record, hook)
}

function newHook({ newId, now }: EcsContext, hook: DeploymentLifecycleHook): HookRecord {
  const { targetType = 'AWS_LAMBDA', hookTargetArn, hookDetails, timeoutConfiguration } = hook
  const { timeoutInMinutes = USUAL_TIMEOUT_MINUTES, action = 'ROLLBACK' } = timeoutConfiguration ?? {}
  const key = Buffer.from(newId(64), 'hex').toString('base64url')
  const common = { expiresAt: now + timeoutInMinutes * 60_000, timeoutAction: action }
  if (targetType === 'PAUSE')
    return { id: `ecs-pause-${key}`, targetType, status: 'AWAITING_ACTION', ...common }
  return {
    id: `ecs-lambda-${key}`,
    targetType,
    ...(hookTargetArn && { targetArn: hookTargetArn }),
    status: 'IN_PROGRESS',
    ...common,
    callAt: now,
    ...(isRecord(hookDetails) && { details: hookDetails }),
  }
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Emits `ECS Hook State Change`. */
function announceHook(
  context: EcsContext,
  service: ServiceRecord,
  { id, shift }: ServiceDeploymentRecord,
  hook: HookRecord,
): void {
  const arn = serviceDeploymentArn(service.arn, id)
  const isBad = hook.status === 'FAILED' || hook.status === 'TIMED_OUT'
  context.emit({
    source: 'aws.ecs',
    detailType: 'ECS Hook State Change',
    resources: [arn],
    detail: {
      eventType: isBad ? 'ERROR' : 'INFO',
      eventName: `HOOK_${hook.status}`,
      hookId: hook.id,
      hookType: hook.targetType,
      expiresAt: new Date(hook.expiresAt).toISOString(),
      lifecycleStage: shift?.stage,
      clusterArn: service.clusterArn,
      serviceArn: service.arn,
      serviceDeploymentArn: arn,
      updatedAt: new Date(context.now).toISOString(),
    },
  })
}

/** Asks the host to call a hook's function. */
export function callHook(
  context: EcsContext,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  id: string,
): void {
  const hook = record.shift?.hooks?.find((each) => each.id === id)
  if (!record.shift || !hook) return
  delete hook.callAt
  context.ask({
    kind: 'call-hook',
    serviceArn: service.arn,
    serviceDeploymentId: record.id,
    hookId: id,
    functionArn: hook.targetArn ?? '',
    payload: {
      executionId: context.newUuid(),
      lifecycleStage: record.shift.stage,
      resourceArn: serviceDeploymentArn(service.arn, record.id),
      executionDetails: {
        serviceArn: service.arn,
        targetServiceRevisionArn: serviceRevisionArn(service.arn, record.targetRevisionId),
        ...weightsFor(service, record, record.shift),
      },
      ...(hook.details && { hookDetails: hook.details }),
    },
  })
}

/** The weights by revision that a function is told: those of the traffic that its stage is about. */
function weightsFor(
  service: ServiceRecord,
  { targetRevisionId }: ServiceDeploymentRecord,
  shift: ShiftRecord,
) {
  const { stage, blueRevisionId, production, test } = shift
  const weights = (percent: number) => ({
    [serviceRevisionArn(service.arn, targetRevisionId)]: percent,
    ...(blueRevisionId && { [serviceRevisionArn(service.arn, blueRevisionId)]: 100 - percent }),
  })
  const isOfProduction = stage === 'PRODUCTION_TRAFFIC_SHIFT' || stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  return {
    testTrafficWeights: stage === 'TEST_TRAFFIC_SHIFT' ? weights(test) : {},
    productionTrafficWeights: isOfProduction ? weights(production) : {},
  }
}

/** Takes in what a function answered. One that is late is not heard. */
export function receiveHook(report: HookReport, context: EcsContext): void {
  const service = context.state.services[report.serviceArn]
  const record = service && openServiceDeployment(service)
  const hook = record?.shift?.hooks?.find(({ id }) => id === report.hookId)
  if (!service || !record || !hook || !isPending(hook) || record.id !== report.serviceDeploymentId) return
  const { answer } = report
  if ('problem' in answer) {
    hook.reason = answer.problem
    moveHook(context, service, record, hook, 'FAILED')
  } else if (answer.hookStatus === 'IN_PROGRESS') {
    hook.callAt = context.now + (answer.callBackDelay ?? HOOK_AGAIN_SECONDS) * 1000
    if (answer.hookDetails) hook.details = { ...hook.details, ...answer.hookDetails }
    lookAtService(service, hook.callAt)
  } else {
    if (answer.hookStatus === 'FAILED')
      hook.reason = `Lifecycle hook target ${hook.targetArn} returned FAILED status.`
    moveHook(context, service, record, hook, answer.hookStatus)
  }
}

/** A hook has come to an end. */
export function moveHook(
  context: EcsContext,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  hook: HookRecord,
  status: DeploymentLifecycleHookStatus,
): void {
  hook.status = status
  delete hook.callAt
  record.updatedAt = context.now
  announceHook(context, service, record, hook)
  lookAtService(service, context.now)
}
