/**
 * A task's place in target groups: registered when it runs, deregistered in DEACTIVATING, and stopped only when no
 * request can be on its way to it any more (Developer Guide: task lifecycle).
 */
import { say } from './service-events.ts'
import type { EcsContext, TaskRecord, TaskTarget } from './state.ts'
import type { TaskPlan } from './task-steps.ts'

/** What a running task needs. */
export function planRegistration({ targets = [] }: TaskRecord, now: number): TaskPlan {
  const missing = targets.filter(({ phase }) => phase === 'none')
  if (!missing.length) return { steps: [] }
  const next = Math.min(...missing.map(({ retryAt = now }) => retryAt))
  return next <= now ? { steps: [{ kind: 'register-targets' }] } : { steps: [], next }
}

/** What a task in DEACTIVATING needs before it may be stopped; undefined if nothing. */
export function planDeregistration(task: TaskRecord): TaskPlan | undefined {
  const targets = task.targets ?? []
  if (targets.some(({ phase }) => phase === 'registered')) return { steps: [{ kind: 'deregister-targets' }] }
  const isLeaving = targets.some(({ phase }) => phase === 'asked' || phase === 'leaving')
  return isLeaving && isServing(task) ? { steps: [] } : undefined
}

/** A task that lost an essential container has nothing to finish: its other containers are stopped at once. */
const isServing = ({ stopCode, containers }: TaskRecord) =>
  stopCode !== 'EssentialContainerExited' && containers.some(({ phase }) => phase === 'running')

/** Asks for all registrations that are due. */
export function registerTargets(task: TaskRecord, context: EcsContext): void {
  for (const target of task.targets ?? []) {
    if (target.phase !== 'none' || (target.retryAt ?? 0) > context.now) continue
    target.phase = 'asked'
    delete target.retryAt
    context.ask({
      kind: 'register-target',
      taskArn: task.arn,
      targetGroupArn: target.targetGroupArn,
      containerPort: target.containerPort,
      address: task.network.address ?? '',
    })
  }
}

/** Begins to drain all that is registered of a task. */
export function deregisterTargets(task: TaskRecord, context: EcsContext): void {
  const registered = (task.targets ?? []).filter(({ phase }) => phase === 'registered')
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  if (registered.length && service) say(context, service, 'has begun draining connections on 1 tasks.')
  for (const target of registered) {
    deregister(task, target, context)
    if (service) say(context, service, `deregistered 1 targets in (target-group ${target.targetGroupArn})`)
  }
}

function deregister(task: TaskRecord, target: TaskTarget, context: EcsContext): void {
  const { targetGroupArn, port, containerPort } = target
  target.phase = 'leaving'
  context.ask({
    kind: 'deregister-target',
    targetGroupArn,
    address: task.network.address ?? '',
    port: port ?? containerPort,
  })
}
