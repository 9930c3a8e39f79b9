/**
 * What should happen next in a scope. Only what the agenda names is looked at, so that thousands of quiet tasks cost
 * nothing; tasks come before services, so that a service is decided on what its tasks have become.
 */
import type { Timed } from '../service.ts'
import { pageTimes, tasksOn } from './agenda.ts'
import { tasksOfService } from './service-counts.ts'
import { planService, type ServicePlan } from './service-steps.ts'
import type { EcsState, ServiceRecord, TaskRecord } from './state.ts'
import { planTask, type TaskPlan } from './task-steps.ts'

export type EcsAction =
  | (Timed & { readonly kind: 'task'; readonly taskArn: string; readonly plan: TaskPlan })
  | (Timed & { readonly kind: 'service'; readonly serviceArn: string; readonly plan: ServicePlan })
  /** A page of the agenda that has been read. */
  | (Timed & { readonly kind: 'turn-page'; readonly page: number })
  /** Nothing to do but to ask again at that time. */
  | (Timed & { readonly kind: 'wake' })

/** Pure: the actions due at `now` (milliseconds since the epoch), and when the next one may be. */
export function schedule(state: EcsState, now: number): EcsAction[] {
  const times = pageTimes(state)
  const duePages = times.filter((at) => at <= now)
  if (duePages.length) {
    const turns = duePages.map((page): EcsAction => ({ kind: 'turn-page', at: now, page }))
    return [...turns, ...tasksOn(state, duePages).map((task) => taskAction(state, task, now))]
  }
  const services = Object.values(state.services)
  const dueServices = services.filter(({ lookAt }) => lookAt !== undefined && lookAt <= now)
  if (dueServices.length) return dueServices.map((service) => serviceAction(state, service, now))
  const looks = [...times, ...services.flatMap(({ lookAt }) => lookAt ?? [])]
  const earliest = looks.reduce((a, b) => Math.min(a, b), Infinity)
  return earliest === Infinity ? [] : [{ kind: 'wake', at: earliest }]
}

function taskAction(state: EcsState, task: TaskRecord, now: number): EcsAction {
  const definition = state.taskDefinitions[task.settings.taskDefinitionArn]?.definition ?? {}
  return { kind: 'task', at: now, taskArn: task.arn, plan: planTask(task, definition, now) }
}

function serviceAction(state: EcsState, service: ServiceRecord, now: number): EcsAction {
  const plan = planService(service, tasksOfService(state, service), now)
  return { kind: 'service', at: now, serviceArn: service.arn, plan }
}
