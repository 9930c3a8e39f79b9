/** Does what `schedule` decided. After any step the same task or service is looked at again at once. */
import { lookAtTask } from './agenda.ts'
import { performServiceStep } from './perform-service.ts'
import { performTaskStep } from './perform-task.ts'
import type { EcsAction } from './schedule.ts'
import type { EcsContext } from './state.ts'
import { lookAtService } from './task-changes.ts'

/** Performs one due action. */
export function perform(action: EcsAction, context: EcsContext): void {
  if (action.kind === 'turn-page') delete context.state.agenda[action.page]
  if (action.kind === 'task') performTask(action, context)
  if (action.kind === 'service') performService(action, context)
}

function performTask({ taskArn, plan }: Extract<EcsAction, { kind: 'task' }>, context: EcsContext): void {
  const task = context.state.tasks[taskArn]
  if (!task) return
  delete task.lookAt
  const next = plan.steps.length ? context.now : plan.next
  if (next !== undefined) lookAtTask(context.state, task, next)
  for (const step of plan.steps) performTaskStep(step, task, context)
}

function performService(
  { serviceArn, plan }: Extract<EcsAction, { kind: 'service' }>,
  context: EcsContext,
): void {
  const service = context.state.services[serviceArn]
  if (!service) return
  delete service.lookAt
  const next = plan.steps.length ? context.now : plan.next
  if (next !== undefined) lookAtService(service, next)
  for (const step of plan.steps) performServiceStep(step, service, context)
}
