/** Takes the host from a running task, as AWS does with Spot capacity and with hosts that end: only tests ask for it. */
import { parseArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import type { Interrupt } from './admin.ts'

/** What interrupts tasks of this engine. Spot capacity is taken back only from a task that runs on it. */
export function interrupter(engine: Engine): Interrupt {
  return async (taskArn, cause) => {
    const scope = parseArn(taskArn)
    if (scope?.service !== 'ecs' || !engine.loaded().includes('ecs')) return 'missing'
    const task = engine.state('ecs', scope).tasks[taskArn]
    if (!task || task.desiredStatus === 'STOPPED') return 'missing'
    if (cause === 'spot' && task.settings.capacityProviderName !== 'FARGATE_SPOT')
      return { refusal: 'The task does not run on Spot capacity: its capacity provider is not FARGATE_SPOT.' }
    engine.report('ecs', scope, { kind: 'task-interrupted', taskArn, cause })
    return undefined
  }
}
