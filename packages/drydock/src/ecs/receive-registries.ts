/** Takes in what Cloud Map says of tasks that are registered by name. */
import { lookAtTask } from './agenda.ts'
import type { RegistryReport } from './effects.ts'
import { REGISTER_AGAIN_MS } from './pace.ts'
import { say } from './service-events.ts'
import type { EcsContext, TaskRecord, TaskRegistration } from './state.ts'
import { lookAtServiceOf } from './task-changes.ts'

/** Takes in one report. */
export function receiveOfRegistries(report: RegistryReport, context: EcsContext): void {
  const task = context.state.tasks[report.taskArn]
  const registration = task?.registrations?.find(({ registryArn }) => registryArn === report.registryArn)
  if (!task || !registration) return
  if (report.kind === 'instance-refused') refused(report.reason, task, registration, context)
  else registration.phase = report.kind === 'instance-gone' ? 'gone' : 'registered'
  lookAtTask(context.state, task, context.now)
  lookAtServiceOf(context, task)
}

function refused(
  reason: string,
  task: TaskRecord,
  registration: TaskRegistration,
  context: EcsContext,
): void {
  const wasEntering = registration.phase === 'asked'
  registration.phase = wasEntering ? 'none' : 'registered'
  registration.retryAt = context.now + REGISTER_AGAIN_MS
  const service = task.serviceArn ? context.state.services[task.serviceArn] : undefined
  const verb = wasEntering ? 'register' : 'deregister'
  const where = `(service-registry ${registration.registryArn})`
  if (service) say(context, service, `failed to ${verb} instances in ${where} with (error ${reason})`)
}

/** What was asked of Cloud Map before the engine was started anew may have happened: the task is taken to be there. */
export function renewRegistrations(task: TaskRecord, { state, now }: EcsContext): void {
  const open = task.registrations?.filter(({ phase }) => phase === 'asked' || phase === 'leaving') ?? []
  for (const registration of open) registration.phase = 'registered'
  if (open.length) lookAtTask(state, task, now)
}
