/** Does what `schedule` decided. After any step the same task or service is looked at again at once. */
import { performServiceStep } from './perform-service.ts'
import { performTaskStep } from './perform-task.ts'
import type { EcsAction } from './schedule.ts'
import type { EcsContext } from './state.ts'

/** Performs one due action. */
export function perform(action: EcsAction, context: EcsContext): void {
  if (action.kind === 'task') performTask(action, context)
  if (action.kind === 'service') performService(action, context)
}

function performTask({ taskArn, plan }: Extract<EcsAction, { kind: 'task' }>, context: EcsContext): void {
  const task = context.state.tasks[taskArn]
  if (!task) return
  const { agenda } = context.state
  if (plan.steps.length) agenda[taskArn] = context.now
  else if (plan.next !== undefined) agenda[taskArn] = plan.next
  else delete agenda[taskArn]
  for (const step of plan.steps) performTaskStep(step, task, context)
}

function performService(
  { serviceArn, plan }: Extract<EcsAction, { kind: 'service' }>,
  context: EcsContext,
): void {
  const service = context.state.services[serviceArn]
  if (!service) return
  delete service.lookAt
  if (plan.steps.length) service.lookAt = context.now
  else if (plan.next !== undefined) service.lookAt = plan.next
  for (const step of plan.steps) performServiceStep(step, service, context)
}
