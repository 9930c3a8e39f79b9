/** The steps of a deployment that shifts traffic, done: stages entered, listeners changed, hooks begun. */
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import type { TrafficReport } from './effects.ts'
import { beginHooks, callHook, moveHook } from './hooks.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { REGISTER_AGAIN_MS } from './pace.ts'
import { say } from './service-events.ts'
import type { ShiftRecord, Stage } from './shift-state.ts'
import type { ShiftStep } from './shift-steps.ts'
import { actionOf, FIRST_STAGE_BACK, productionSteps, stageAfter, waitMsOf } from './stages.ts'
import type { DeploymentRecord, EcsContext, ServiceRecord } from './state.ts'
import { lookAtService } from './task-changes.ts'
import { type ListenerShift, problemOf, shiftable, shiftsOf } from './traffic.ts'

/** How a deployment begins to shift traffic from what served before it; undefined for a rolling one. */
export function newShift(
  service: ServiceRecord,
  blue: DeploymentRecord | undefined,
): ShiftRecord | undefined {
  const { strategy } = service.deploymentConfiguration
  if (!strategy || strategy === 'ROLLING') return undefined
  const isAfterAnother = service.deployments.length > 1
  return {
    stage: isAfterAnother ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP',
    // What was superseded may have left traffic where it has to be taken back from.
    ...(isAfterAnother && { isTouched: true }),
    direction: 'forward',
    // Without anything that could serve the rest, the first revision gets all at once.
    steps: blue ? productionSteps(service.deploymentConfiguration) : [100],
    step: 0,
    ...(blue && { blueDeploymentId: blue.id, blueRevisionId: blue.revisionId }),
    action: 'todo',
    production: 0,
    test: 0,
  }
}

/** What serves while a new deployment is made: what was complete last and is there, or what there is. */
export const servingDeployment = ({ deployments, lastCompletedRevisionId }: ServiceRecord) =>
  deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED') ??
  deployments.find(({ revisionId }) => revisionId === lastCompletedRevisionId) ??
  deployments[0]

/** Does one step of `planShift`. */
export function performShiftStep(step: ShiftStep, service: ServiceRecord, context: EcsContext): void {
  const record = openServiceDeployment(service)
  const shift = record?.shift
  if (!record || !shift) return
  switch (step.kind) {
    case 'do-stage-action':
      doAction(context, service, record, shift)
      break
    case 'begin-hooks':
      beginHooks(context, service, record)
      break
    case 'call-hook':
      callHook(context, service, record, step.hookId)
      break
    case 'time-out-hook':
      timeOutHook(context, service, record, step.hookId)
      break
    case 'enter-next-stage':
      enterStage(context, record, shift, stageAfter(shift))
      break
  }
}

function enterStage(
  { now }: EcsContext,
  record: ServiceDeploymentRecord,
  shift: ShiftRecord,
  next: { stage: Stage; step: number } | undefined,
): void {
  if (!next) return
  Object.assign(shift, next)
  delete shift.hooks
  delete shift.waitUntil
  delete shift.retryAt
  shift.action = 'todo'
  record.updatedAt = now
}

/** Where nothing is to be done with listeners, that is done at once. */
function doAction(
  context: EcsContext,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  shift: ShiftRecord,
): void {
  const effect = effectOf(service, record, shift)
  if (!effect) {
    finishAction(context, record, shift)
    return
  }
  shift.token = context.newUuid()
  if (effect.kind === 'shift-traffic') shift.isTouched = true
  context.ask({ ...effect, serviceArn: service.arn, serviceDeploymentId: record.id, token: shift.token })
}

type Asked =
  | { readonly kind: 'inspect-traffic'; readonly arns: readonly string[] }
  | { readonly kind: 'shift-traffic'; readonly shifts: readonly ListenerShift[] }

/** What a stage asks of the load balancers. What green never got has not to be taken back from it. */
function effectOf(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  shift: ShiftRecord,
): Asked | undefined {
  const settings = service.revisions[record.targetRevisionId]?.settings ?? {}
  const action = actionOf(shift)
  if (action?.kind === 'inspect') {
    const arns = shiftable(settings).flatMap(({ traffic }) => listenersOf(traffic))
    return arns.length ? { kind: 'inspect-traffic', arns } : undefined
  }
  const isUntouched = shift.direction === 'back' && !shift.isTouched
  const isToNobody = shift.stage === 'RECONCILE_SERVICE' && !shift.blueDeploymentId
  if (action?.kind !== 'shift' || isUntouched || isToNobody) return undefined
  const shifts = shiftsOf(settings, action)
  return shifts.length ? { kind: 'shift-traffic', shifts } : undefined
}

const listenersOf = ({
  productionListenerRule,
  testListenerRule,
}: {
  productionListenerRule: string
  testListenerRule?: string
}) => (testListenerRule === undefined ? [productionListenerRule] : [productionListenerRule, testListenerRule])

function finishAction({ now }: EcsContext, record: ServiceDeploymentRecord, shift: ShiftRecord): void {
  const action = actionOf(shift)
  if (action?.kind === 'shift') {
    shift.production = action.production ?? shift.production
    shift.test = action.test ?? shift.test
  }
  shift.action = 'done'
  const waitMs = waitMsOf(shift, record.configuration)
  if (waitMs) shift.waitUntil = now + waitMs
  record.updatedAt = now
}

/** Takes in what the load balancers say. What was asked for a stage that has been left only frees the way. */
export function receiveTraffic(report: TrafficReport, context: EcsContext): void {
  const service = context.state.services[report.serviceArn]
  const record = service && openServiceDeployment(service)
  const shift = record?.shift
  if (!service || !record || !shift || shift.token !== report.token) return
  delete shift.token
  lookAtService(service, context.now)
  if (shift.isLeft) {
    delete shift.isLeft
    return
  }
  const problem =
    report.kind === 'traffic-inspected'
      ? problemOf(service.revisions[record.targetRevisionId]?.settings ?? {}, report.sights)
      : report.problem
  if (problem === undefined) finishAction(context, record, shift)
  else if (shift.direction === 'forward') shift.refusal = problem
  else tryAgain(context, service, shift, problem)
}

/** A rollback does not give up. */
function tryAgain(context: EcsContext, service: ServiceRecord, shift: ShiftRecord, problem: string): void {
  shift.retryAt = context.now + REGISTER_AGAIN_MS
  say(context, service, `was unable to shift traffic back: ${problem}`)
}

function timeOutHook(
  context: EcsContext,
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
  id: string,
): void {
  const hook = record.shift?.hooks?.find((each) => each.id === id)
  if (!hook) return
  hook.reason = `Lifecycle hook ${hook.targetArn ?? hook.id} timed out.`
  moveHook(context, service, record, hook, 'TIMED_OUT')
}

/** From now on the traffic goes back. An answer that is still awaited is of the stage that is left. */
export function turnBack({ now }: EcsContext, record: ServiceDeploymentRecord): void {
  const { shift } = record
  if (!shift) return
  if (shift.token !== undefined) shift.isLeft = true
  shift.direction = 'back'
  shift.stage = FIRST_STAGE_BACK
  delete shift.hooks
  delete shift.waitUntil
  delete shift.refusal
  shift.action = 'todo'
  record.updatedAt = now
}
