/** The only places where a task's status changes: each change gets a version, an event, and another look at it. */
import type { TaskStopCode } from '@aws-sdk/client-ecs'
import { lookAtTask } from './agenda.ts'
import { STEP_MS } from './pace.ts'
import type { EcsContext, ServiceRecord, TaskRecord, TaskStatus } from './state.ts'
import { taskEventDetail } from './task-view.ts'

/** Why a task stops, as ECS reports it. */
export interface StopCause {
  readonly stopCode: TaskStopCode
  readonly stoppedReason: string
}

/** Counts a change of the task and emits `ECS Task State Change`. */
export function announceTask(context: EcsContext, task: TaskRecord): void {
  task.version += 1
  task.updatedAt = context.now
  context.emit({
    source: 'aws.ecs',
    detailType: 'ECS Task State Change',
    resources: [task.arn],
    detail: taskEventDetail(context.state, task),
  })
}

/** Moves a task to a status. */
export function moveTask(context: EcsContext, task: TaskRecord, status: TaskStatus): void {
  task.lastStatus = status
  task.statusAt = context.now
  if (status === 'PENDING') task.connectivityAt = context.now
  if (status === 'RUNNING') task.startedAt = context.now
  if (status === 'STOPPED') task.stoppedAt = context.now
  announceTask(context, task)
  lookAtTask(context.state, task, context.now)
  lookAtServiceOf(context, task)
}

/**
 * Decides that a task shall stop; the first cause given stays. What has not started needs no stopping: such a task
 * goes straight to DEPROVISIONING.
 */
export function stopTask(context: EcsContext, task: TaskRecord, cause: StopCause): void {
  if (task.desiredStatus === 'STOPPED') return
  task.desiredStatus = 'STOPPED'
  task.stopCode = cause.stopCode
  task.stoppedReason = cause.stoppedReason
  task.stoppingAt = context.now
  moveTask(context, task, firstStopStatus(task))
}

function firstStopStatus({ lastStatus, containers }: TaskRecord): TaskStatus {
  if (lastStatus === 'RUNNING') return 'DEACTIVATING'
  const hasProgram = containers.some(({ phase }) => phase === 'starting' || phase === 'running')
  return hasProgram ? 'STOPPING' : 'DEPROVISIONING'
}

/** Lets the scheduler look at the task's service within a step: changes of many tasks are seen together. */
export function lookAtServiceOf({ state, now }: EcsContext, task: TaskRecord): void {
  const service = task.serviceArn ? state.services[task.serviceArn] : undefined
  if (service) lookAtService(service, now + STEP_MS)
}

/** Asks the scheduler to look at a service at a time, unless it will earlier. */
export function lookAtService(service: ServiceRecord, at: number): void {
  service.lookAt = Math.min(service.lookAt ?? at, at)
}
