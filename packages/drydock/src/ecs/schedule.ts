/**
 * What should happen next in a scope. Only what the agenda names is looked at, so that thousands of quiet tasks cost
 * nothing; tasks come before services, so that a service is decided on what its tasks have become.
 */
import type { Timed } from '../service.ts'
import { planService, type ServicePlan } from './service-steps.ts'
import type { EcsState, ServiceRecord, TaskRecord } from './state.ts'
import { planTask, type TaskPlan } from './task-steps.ts'

export type EcsAction =
  | (Timed & { readonly kind: 'task'; readonly taskArn: string; readonly plan: TaskPlan })
  | (Timed & { readonly kind: 'service'; readonly serviceArn: string; readonly plan: ServicePlan })
  /** Nothing to do but to ask again at that time. */
  | (Timed & { readonly kind: 'wake' })

/** Pure: the actions due at `now` (milliseconds since the epoch), and when the next one may be. */
export function schedule(state: EcsState, now: number): EcsAction[] {
  const agenda = Object.entries(state.agenda)
  const dueTasks = agenda.filter(([, at]) => at <= now)
  if (dueTasks.length) return dueTasks.flatMap(([arn]) => taskAction(state, arn, now))
  const services = Object.values(state.services)
  const dueServices = services.filter(({ lookAt }) => lookAt !== undefined && lookAt <= now)
  if (dueServices.length) return dueServices.map((service) => serviceAction(state, service, now))
  const earliest = [...agenda.map(([, at]) => at), ...services.flatMap(({ lookAt }) => lookAt ?? [])].reduce(
    (a, b) => Math.min(a, b),
    Infinity,
  )
  return earliest === Infinity ? [] : [{ kind: 'wake', at: earliest }]
}

function taskAction(state: EcsState, taskArn: string, now: number): EcsAction[] {
  const task = state.tasks[taskArn]
  if (!task) return []
  const definition = state.taskDefinitions[task.settings.taskDefinitionArn]?.definition ?? {}
  return [{ kind: 'task', at: now, taskArn, plan: planTask(task, definition, now) }]
}

function serviceAction(state: EcsState, service: ServiceRecord, now: number): EcsAction {
  const plan = planService(service, tasksOfService(state, service), now)
  return { kind: 'service', at: now, serviceArn: service.arn, plan }
}

/** A service's tasks that have not stopped. */
export function tasksOfService(state: EcsState, service: ServiceRecord): TaskRecord[] {
  return Object.keys(service.taskArns).flatMap((arn) => state.tasks[arn] ?? [])
}
